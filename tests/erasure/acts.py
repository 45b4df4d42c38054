"""The steps of deletion as a front end takes them: look, confirm, act; and the work that goes on behind."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from resolvers.erasure.run import Erasures, conclude
from tests.access.site import gid
from tests.erasure.person import Person
from tests.lifecycle.stage import Stage

ERASURE: Final = (
    "client { id number dataState isFullyErased } erasure { id clientNumber state parts blockedBy scheduledFor deletedAt completedAt"
    " categories(first: 20) { nodes { category expected removed retained left } } receipt { id complete body position } }"
)


async def confirmed(stage: Stage, name: str, id_: str, given: str = "", *, by: str = "OWNER", also: str = ERASURE) -> Any:
    """Payload of a step that takes the token of its preview."""
    seen = await stage.look(name, id_, given, by=by)
    assert seen["token"], seen
    return await stage.act(name, id_, given, by=by, more=f'token: "{seen["token"]}"', also=also)


async def delete(stage: Stage, name: str, person: Person, given: str = "", *, by: str = "OWNER") -> Any:
    """Take a step of deletion, and let what follows be done; the deletion as it then stands."""
    made = await confirmed(stage, name, gid("client", person.client), given, by=by)
    assert made["problems"] == [], made["problems"]
    assert made["erasure"]["state"] in ("RUNNING", "COMPLETED", "INCOMPLETE"), made
    await finish(stage)
    return await erasure(stage, made["erasure"]["id"])


async def erasure(stage: Stage, id_: str) -> Any:
    asked = f'{{ erasureRequest(id: "{id_}") {{ {ERASURE.partition("erasure {")[2]} }}'
    return (await stage.site.data(stage.tokens["OWNER"], asked))["erasureRequest"]


async def finish(stage: Stage, later: timedelta = timedelta()) -> None:
    """What the workers do, until nothing moves any more."""
    work, secrets = Erasures(), (stage.site.secret,)
    while await work(stage.site.database, secrets, lambda: datetime.now(UTC) + later):
        pass
    await conclude(stage.site.database, secrets, datetime.now(UTC) + later)


def counts(done: Any) -> dict[str, tuple[int, int, int, int]]:
    """Expected, removed, retained and left, by category."""
    return {one["category"]: (one["expected"], one["removed"], one["retained"], one["left"]) for one in done["categories"]["nodes"]}
