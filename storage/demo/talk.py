"""Conversations with their messages, documents exchanged, answers to forms, and consents."""

from storage.demo.draw import DAY
from storage.demo.rows import Rows
from storage.demo.story import Story

_SUBJECTS = ("Next session", "Homework", "Question about the invoice", "A small win", "Scheduling", "Before we start")
_FROM_CLIENT = (
    "Could we move our session by a day?",
    "I had the conversation with my manager, and it went well!",
    "I did not get to the exercises this week.",
    "Thank you, that helped a lot.",
    "Is the workbook the same as last time?",
    "I have been thinking about what you said.",
)
_FROM_STAFF = (
    "Of course. Thursday at ten?",
    "How did it feel, looking back?",
    "No rush. What got in the way?",
    "I have added a reading for you.",
    "See you next week. Bring one question.",
    "Lovely to hear. What would the next step be?",
)
_PAPERS = ("Signed agreement", "Reflection journal", "Goal sheet", "Curriculum vitae", "Session summary")


def converse(story: Story, rows: Rows, count: int, *, subject: str | None = None) -> str:
    """Conversation of two, with messages in turn."""
    world, draw = story.world, story.world.draw
    end = story.working()[1]
    at = draw.between(story.created + (end - story.created) // 2, end)
    made, opened = draw.id(at), at
    messages = []
    for turn in range(count):
        client = turn % 2 == 0
        body = draw.pick(_FROM_CLIENT if client else _FROM_STAFF)
        messages.append(
            (world.id, draw.id(at), made, story.id, None if client else story.coach, "FROM_CLIENT" if client else "FROM_STAFF", body, at)
        )
        last, at = at, at + max(1, (end - at) // (count - turn + 1))
    state = "CLOSED" if story.status == "INACTIVE" or draw.chance(0.3) else "OPEN"
    rows["conversation"].append((world.id, made, subject or draw.pick(_SUBJECTS), state, opened, last, 1))
    rows["participant"].append((world.id, draw.id(opened), made, story.id, opened))
    rows["message"].extend(messages)
    return made


def group_chat(stories: list[Story], rows: Rows, subject: str, at: int) -> None:
    """Conversation of several clients; a message from staff is to all, and has no client."""
    world, draw, coach = stories[0].world, stories[0].world.draw, stories[0].coach
    made = draw.id(at)
    rows["message"].append((world.id, draw.id(at), made, None, coach, "FROM_STAFF", "Welcome, everybody! Say hello.", at))
    for story in stories:
        rows["participant"].append((world.id, draw.id(at), made, story.id, at))
        at += 3 * 3600
        rows["message"].append((world.id, draw.id(at), made, story.id, None, "FROM_CLIENT", "Hello from me.", at))
    rows["conversation"].append((world.id, made, subject, "OPEN", at - len(stories) * 3 * 3600, at, 1))


def share(story: Story, rows: Rows, at: int, *, title: str | None = None, from_client: bool = True) -> None:
    """Document from the client or for the client."""
    world, draw = story.world, story.world.draw
    made = draw.id(at)
    member = None if from_client else story.coach
    size = draw.number(8_000, 400_000)
    rows["client_document"].append(
        (world.id, made, story.id, member, title or draw.pick(_PAPERS), "application/pdf", size, f"demo/{made}", at)
    )


def answer(story: Story, rows: Rows, at: int) -> None:
    """Intake questionnaire of an active client, preparation of a hot lead."""
    world = story.world
    form, answers = (
        (world.forms[0], '["Clarity.", "Calm Mondays."]') if story.status != "HOT_LEAD" else (world.forms[1], '["My next step."]')
    )
    rows["form_response"].append((world.id, world.draw.id(at), form, story.id, answers, at))


def consent(story: Story, rows: Rows, purpose: str, at: int, *, withdrawn: int | None = None) -> None:
    rows["consent"].append((story.world.id, story.world.draw.id(at), story.id, purpose, at, withdrawn, "Signed agreement"))


def agree(story: Story, rows: Rows) -> None:
    """Consents of an ordinary client: most to the certification log, some to announcements; a few take it back."""
    draw, (start, end) = story.world.draw, story.working()
    if draw.chance(0.7):
        consent(story, rows, "CERT_LOG", start, withdrawn=draw.between(start, end) if draw.chance(0.05) else None)
    if draw.chance(0.2):
        consent(story, rows, "MARKETING", min(start + DAY, end))
