"""Second Wind: a small workspace beside the first, which shares one person with it. One login, two coaches."""

from storage.demo import enrollments, sessions, talk
from storage.demo.draw import DAY
from storage.demo.named import person
from storage.demo.rows import Rows
from storage.demo.story import Story, write_client
from storage.demo.world import World


def shared(world: World, rows: Rows, there: Story) -> None:
    """Maya of Hart Coaching, as the other coach knows her."""
    story = person(world, there.name, "maya@example.org", [(200, "PROSPECT"), (190, "ACTIVE")], phone="+12025550114")
    story.account = there.account
    write_client(story, rows)
    package = enrollments.enroll(story, rows, world.offers["compass"], world.today - 190 * DAY)
    sessions.series(story, rows, count=6, enrollment=package)
    talk.converse(story, rows, 3, subject="After the race")
    talk.consent(story, rows, "CERT_LOG", world.today - 190 * DAY)
