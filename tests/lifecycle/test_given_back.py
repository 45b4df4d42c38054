"""What a step does to other objects, and what an undo gives back of it: versions move, and what others changed since is left alone."""

from typing import Any

import pytest
import pytest_asyncio

from lifecycle.vocabulary import ClientStatus, SubscriptionState, SuggestionReason
from storage.tables.operations import Suggestion
from storage.tables.packages import Subscription
from tests.access.site import Site, gid
from tests.lifecycle.stage import Stage, build, soon

BATCH = "batchId"


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> Stage:
    return await build(site, name="given-back")


def codes(payload: Any) -> list[str]:
    return [problem["code"] for problem in payload["problems"]]


async def version(stage: Stage, id_: str) -> int:
    query = f'{{ node(id: "{id_}") {{ ... on Appointment {{ version }} }} }}'
    found: int = (await stage.site.data(stage.tokens["OWNER"], query))["node"]["version"]
    return found


@pytest.mark.parametrize("step", ["clientReturnToProspect", "clientMakeInactive"])
async def test_a_session_that_a_clients_step_touches_has_another_version(stage: Stage, step: str) -> None:
    """Given a session that somebody has read, when a step restamps or removes it, then what they expected is a conflict."""
    client = await stage.client(ClientStatus.HOT_LEAD)
    service = gid("appointment", await stage.service(client, 60 + len(step)))
    read = await version(stage, service)
    done = await stage.act(step, gid("client", client), also=BATCH)
    undone = await stage.undo(done["batchId"])
    assert (codes(undone), undone["restored"], await version(stage, service)) == ([], 1, read + 2)
    assert codes(await stage.act("appointmentCancel", service, more=f"expectedVersion: {read}")) == ["CONFLICT"]
    assert codes(await stage.act("appointmentCancel", service, more=f"expectedVersion: {read + 2}")) == []


async def test_a_restamped_session_is_another_for_whoever_read_it(stage: Stage) -> None:
    client = await stage.client(ClientStatus.PROSPECT)
    service = gid("appointment", await stage.service(client, 90))
    read = await version(stage, service)
    await stage.act("clientActivate", gid("client", client))
    assert codes(await stage.act("appointmentCancel", service, more=f"expectedVersion: {read}")) == ["CONFLICT"]
    assert codes(await stage.act("appointmentCancel", service, more=f"expectedVersion: {read + 1}")) == []


@pytest.mark.parametrize(("step", "meanwhile"), [("clientReturnToProspect", "UNDO_SUPERSEDED"), ("clientMakeInactive", "NOT_FOUND")])
async def test_a_session_that_was_given_back_has_its_own_last_step_on_top_again(stage: Stage, step: str, meanwhile: str) -> None:
    """Given a step with a session, then one with its client: with the second undone, the first can be undone too."""
    client = await stage.client(ClientStatus.HOT_LEAD)
    service = await stage.service(client, 100 + len(step))
    own = await stage.act("appointmentReclassify", gid("appointment", service), 'counts: false, reason: "Talk"', also=BATCH)
    done = await stage.act(step, gid("client", client), also=BATCH)
    assert codes(await stage.undo(own["batchId"])) == [meanwhile]
    assert codes(await stage.undo(done["batchId"])) == []
    assert codes(await stage.undo(own["batchId"])) == []
    assert (await stage.find(service)).counts_override is None


@pytest.mark.parametrize("said", ["NOW", "AT_PERIOD_END"])
@pytest.mark.parametrize("moved", [False, True])
async def test_a_subscription_that_the_provider_changed_since_stays_as_it_is(stage: Stage, said: str, *, moved: bool) -> None:
    """Given a freeze that ended a subscription, when it is undone, then the subscription lives on unless the provider has changed it."""
    enrollment = await stage.enrollment(await stage.client())
    paid = await stage.subscription(enrollment)
    given = f"reason: COACH_DECISION, cancelSubscription: {said}"
    done = await stage.act("enrollmentDeactivate", gid("enrollment", enrollment), given, also=BATCH)
    if moved:
        await stage.site.change(Subscription, paid, state=SubscriptionState.CANCELLED, ended_at=soon(-0.001))
    undone = await stage.undo(done["batchId"])
    lost = [{"kind": "SUBSCRIPTIONS", "id": gid("subscription", paid), "because": "CHANGED"}]
    assert (codes(undone), undone["restored"], undone["skipped"]) == ([], 0 if moved else 1, lost if moved else [])
    now = await stage.find(paid)
    assert (now.state.value, now.ended_at is None) == (("CANCELLED", False) if moved else ("LIVE", True))


async def test_a_suggestion_that_was_made_again_is_not_given_back_twice(stage: Stage) -> None:
    enrollment = await stage.enrollment(await stage.client())
    about: dict[str, Any] = {"workspace_id": enrollment.workspace_id, "subject_id": enrollment.id, "client_id": enrollment.client_id}
    about |= {"transition": "enrollmentDeactivate", "reason": SuggestionReason.PAYMENT_DECLINED}
    first = Suggestion(**about)
    await stage.site.put(first)
    done = await stage.act("enrollmentDeactivate", gid("enrollment", enrollment), "reason: PAYMENT_DECLINED", also=BATCH)
    await stage.site.put(Suggestion(**about))
    undone = await stage.undo(done["batchId"])
    assert (codes(undone), undone["restored"]) == ([], 0)
    assert undone["skipped"] == [{"kind": "SUGGESTIONS", "id": gid("suggestion", first), "because": "CHANGED"}]
