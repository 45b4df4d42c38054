"""Content that changes at random around freezes: what a frozen client reads stays, and the coach's comparison is what clients read.

Each example is a story: verbs of an author at instants of their clock, freezes and their ends among them. PORTICO_FREEZE_EXAMPLES
sets how many are told on each engine (12 unless set, the same each time; any other number draws new ones):
`PORTICO_FREEZE_EXAMPLES=1000 ./check -- tests/access/test_freezes.py`.
"""

import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gql.schema import GRAPHQL
from lifecycle.vocabulary import Role, VersionPolicy
from tests.access.author import Author
from tests.access.site import Site, gid

EXAMPLES: Final = int(os.environ.get("PORTICO_FREEZE_EXAMPLES", "12"))
VERBS: Final = (
    "add module", "add item", "add item", "publish", "publish", "draft", "publish draft", "add document", "add document", "revise",
    "revise", "archive", "withdraw module", "withdraw document", "release", "release", "freeze", "freeze",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One thing the author does, some hours after the last; the numbers pick what it is done to."""

    verb: str
    hours: int
    one: int
    two: int


@dataclass(frozen=True)
class Story:
    """What is done before the freeze of the first client, during it, and after its end, which may grant what was missed."""

    drip: bool
    policy: VersionPolicy
    before: list[Step]
    during: list[Step]
    grant: bool
    after: list[Step]


_STEP: Final = st.builds(Step, st.sampled_from(VERBS), st.sampled_from((0, 1, 1, 5)), st.integers(0, 7), st.integers(0, 7))
STORIES: Final = st.builds(
    Story,
    st.booleans(),
    st.sampled_from(VersionPolicy),
    st.lists(_STEP, max_size=5),
    st.lists(_STEP, min_size=4, max_size=14),
    st.booleans(),
    st.lists(_STEP, max_size=4),
)


# -- what is asked -------------------------------------------------------------------------------------------------------


def _leaves(type_name: str) -> str:
    """Every scalar of a type, those that are added later too."""
    type_ = GRAPHQL.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    return " ".join(name for name, field_ in type_.fields.items() if is_leaf_type(get_named_type(field_.type)))


def _many(name: str, below: str) -> str:
    return f"{name}(first: 100) {{ totalCount pageInfo {{ hasNextPage }} edges {{ cursor node {{ id {below} }} }} }}"


_REVISIONS: Final = f"currentRevision {{ {_leaves('DocumentRevision')} }} {_many('revisions', _leaves('DocumentRevision'))}"
_DOCUMENTS: Final = _many("documents", f"{_leaves('Document')} {_REVISIONS}")
_PACKAGE: Final = (
    f"{_leaves('Package')} {_many('items', _leaves('PackageItem') + ' module { id } package { id }')} {_many('modules', '')}"
    f" {_many('enrollments', '')}"
)
#: Everything about content that a client can list, in every list that holds it.
QUERIES: Final = (
    f"{{ {_many('modules', _leaves('Module') + ' currentVersion { id } ' + _many('versions', _leaves('ModuleVersion')))} }}",
    f"{{ {_many('modules', _many('versions', _DOCUMENTS) + ' ' + _many('packages', ''))} }}",
    f"{{ {_DOCUMENTS} {_many('packages', _PACKAGE)} }}",
    f"{{ viewer {{ client {{ {_many('enrollments', _leaves('Enrollment') + ' package { id } ' + _many('modules', _DOCUMENTS))} }} }} }}",
)
NODES: Final = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
_LINE: Final = "id kind at reason readElsewhere moduleVersion { id } document { id } revision { id }"
DIFF: Final = f"""query ($id: ID!) {{ enrollment(id: $id) {{ {_many("modules", "")} contentDiff {{ {_many("visible", _LINE)}
  {_many("withheld", _LINE)} {_many("missedSince", _LINE)} }} }} }}"""
OWN: Final = f"{{ viewer {{ client {{ {_many('enrollments', _many('modules', ''))} }} }} }}"
_ID: Final = re.compile(rb'"id":"((?:module|item|moduleversion|document|revision)_[0-9a-f]{32})"')


def ids_of(connection: dict[str, Any]) -> set[str]:
    assert not connection["pageInfo"]["hasNextPage"]
    assert connection["totalCount"] == len(connection["edges"])
    return {edge["node"]["id"] for edge in connection["edges"]}


# -- who looks -----------------------------------------------------------------------------------------------------------


@dataclass
class Diff:
    """Comparison of one enrollment, as the coach reads it: lines by the global id of what they are about."""

    opened: set[str]
    visible: dict[str, dict[str, Any]]
    withheld: dict[str, dict[str, Any]]
    missed: set[str]


def _lines(connection: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {}
    for edge in connection["edges"]:
        line = edge["node"]
        about = {"MODULE_VERSION": "moduleVersion", "DOCUMENT": "document", "REVISION": "revision"}[line["kind"]]
        found[line[about]["id"]] = line
    assert len(found) == len(ids_of(connection))
    return found


@dataclass
class Watch:
    """A client, the places of their enrollments among the author's, and what they read when all of these were frozen."""

    token: str
    enrollments: list[int]
    kept: list[bytes] = field(default_factory=list)


class Stage:
    """One author and three clients: one frozen in both packages at once, one in each by itself, and one who never is."""

    def __init__(self, site: Site, author: Author, coach_token: str) -> None:
        self.site, self.author, self.coach_token = site, author, coach_token
        self.people: list[Watch] = []

    @classmethod
    async def build(cls, site: Site, *, drip: bool, policy: VersionPolicy) -> "Stage":
        coach = await site.member(await site.workspace("stage"), Role.COACH)
        stage = cls(site, Author(site, coach), await site.token(coach))
        author = stage.author
        await author.add_package(drip=drip)
        await author.add_package(drip=False)
        for package in (0, 0, 1):
            await author.add_module(package)
            await author.add_document(len(author.versions) - 1)
        author.wait(1)
        for packages in ([0, 1], [0, 1], [0]):
            client = await site.client(coach)
            places = [len(author.enrollments) + number for number in range(len(packages))]
            for package in packages:
                await author.enroll(client, package, policy)
            stage.people.append(Watch(await site.token(client), places))
        author.wait(1)
        return stage

    @property
    def frozen(self) -> Watch:
        return self.people[0]

    async def seen(self, token: str) -> list[bytes]:
        """Every answer about content, as it is sent."""
        answers = [await self.site.send(token, query) for query in QUERIES]
        assert all("errors" not in answer.json() for answer in answers)
        return [answer.content for answer in answers]

    async def reached(self, token: str) -> set[str]:
        """Ids that answer, of all that there are."""
        ids = self.author.ids()
        found: set[str] = set()
        for start in range(0, len(ids), 100):
            nodes = (await self.site.data(token, NODES, ids=ids[start : start + 100]))["nodes"]
            found |= {node["id"] for node in nodes if node is not None}
        return found

    async def diff(self, place: int) -> Diff:
        data = await self.site.data(self.coach_token, DIFF, id=gid("enrollment", self.author.enrollments[place]))
        found = data["enrollment"]["contentDiff"]
        missed = _lines(found["missedSince"])
        lines = Diff(ids_of(data["enrollment"]["modules"]), _lines(found["visible"]), _lines(found["withheld"]), set(missed))
        assert all(line["reason"] is None for line in lines.visible.values())
        assert all(line["reason"] is not None for line in lines.withheld.values())
        assert missed.items() <= lines.withheld.items()
        return lines

    # -- the invariants ----------------------------------------------------------------------------------------------------

    async def nothing_new(self, gone: set[str]) -> None:
        """The frozen client's every answer is as it was, byte for byte; what was withdrawn may be missing."""
        now = await self.seen(self.frozen.token)
        if gone:
            before, after = [set(_ID.findall(b"".join(answers))) for answers in (self.frozen.kept, now)]
            assert after <= before
            assert {key.decode() for key in before - after} == {key.decode() for key in before} & gone
            self.frozen.kept = now
        assert now == self.frozen.kept
        everything = {key.decode() for key in _ID.findall(b"".join(now))}
        assert await self.reached(self.frozen.token) == everything

    async def all_compare(self) -> None:
        """The coach's comparison of each enrollment is what its client reads, list by list and id by id."""
        for watch in self.people:
            own = await self.site.data(watch.token, OWN)
            mine = {edge["node"]["id"]: ids_of(edge["node"]["modules"]) for edge in own["viewer"]["client"]["enrollments"]["edges"]}
            diffs = [await self.diff(place) for place in watch.enrollments]
            for place, diff in zip(watch.enrollments, diffs, strict=True):
                versions = {key for key, line in diff.visible.items() if line["kind"] == "MODULE_VERSION"}
                assert versions == diff.opened == mine[gid("enrollment", self.author.enrollments[place])]
                assert diff.visible.keys() | diff.withheld.keys() == self._in_package(place)
                assert not diff.visible.keys() & diff.withheld.keys()
                others = set().union(*(other.visible for other in diffs if other is not diff))
                assert {key for key, line in (diff.visible | diff.withheld).items() if line["readElsewhere"]} == others & (
                    diff.visible.keys() | diff.withheld.keys()
                )
            union = set().union(*(diff.visible for diff in diffs))
            real = {key for key in await self.reached(watch.token) if not key.startswith(("module_", "item_"))}
            assert union == real
            await self._revisions_agree(watch, diffs)

    async def _revisions_agree(self, watch: Watch, diffs: list[Diff]) -> None:
        """Each document stands in the newest of the revisions that its lines name."""
        data = await self.site.data(watch.token, f"{{ {_many('documents', 'currentRevision { id }')} }}")
        current = {edge["node"]["id"]: edge["node"]["currentRevision"]["id"] for edge in data["documents"]["edges"]}
        numbers = {gid("revision", revision): revision.revision for revision in self.author.revisions}
        said: dict[str, str] = {}
        for diff in diffs:
            for key, line in diff.visible.items():
                if line["kind"] == "DOCUMENT":
                    said[key] = max(said.get(key, line["revision"]["id"]), line["revision"]["id"], key=lambda one: numbers[one])
        assert said == current

    def _in_package(self, place: int) -> set[str]:
        author, package = self.author, self.author.enrollments[place].package_id
        modules = {item.module_id for item in author.items if item.package_id == package}
        versions = [version for version in author.versions if version.module_id in modules]
        documents = [document for document in author.documents if document.module_version_id in {version.id for version in versions}]
        inside = {document.id for document in documents}
        revisions = [gid("revision", revision) for revision in author.revisions if revision.document_id in inside]
        return {*(gid("moduleversion", one) for one in versions), *(gid("document", one) for one in documents), *revisions}

    # -- the story ---------------------------------------------------------------------------------------------------------

    async def play(self, step: Step) -> None:
        author = self.author
        author.wait(step.hours)
        if step.verb == "freeze":
            await self.freeze([self.people[1].enrollments[step.one % 2]])
        else:
            gone = await self._write(step)
            if 0 in author.frozen and author.clock > author.frozen[0]:
                await self.nothing_new(gone)
            elif 0 in author.frozen:  # a tie is in
                self.frozen.kept = await self.seen(self.frozen.token)

    async def _write(self, step: Step) -> set[str]:
        author, one, two = self.author, step.one, step.two
        verbs: dict[str, Callable[[], Awaitable[set[str] | None]]] = {
            "add module": lambda: author.add_module(one),
            "add item": lambda: author.add_item(one, two),
            "publish": lambda: author.publish(one),
            "draft": lambda: author.publish(one, draft=True),
            "publish draft": lambda: author.publish_draft(one),
            "add document": lambda: author.add_document(one),
            "revise": lambda: author.revise(one),
            "archive": lambda: author.archive(one),
            "withdraw module": lambda: author.withdraw_module(one),
            "withdraw document": lambda: author.withdraw_document(one),
            "release": lambda: author.release(one, two),
        }
        return await verbs[step.verb]() or set()

    async def freeze(self, places: list[int]) -> None:
        """Freeze enrollments of a client; nothing where one is frozen. It changes nothing that they read."""
        if self.author.frozen.keys().isdisjoint(places):
            before = await self.seen(self.frozen.token)
            for place in places:
                await self.author.freeze(place)
            if places == self.frozen.enrollments:
                self.frozen.kept = await self.seen(self.frozen.token)
                assert [_ID.findall(answer) for answer in self.frozen.kept] == [_ID.findall(answer) for answer in before]
            await self.all_compare()

    async def lift(self, *, grant: bool) -> None:
        """The end of each freeze opens what the comparison said was missed; with a gap, nothing."""
        for place in list(self.author.frozen):
            before = await self.diff(place)
            await self.author.lift(place, grant=grant)
            after = await self.diff(place)
            news = after.visible.keys() - before.visible.keys()
            assert news == (before.missed if grant else set())
            lost = {after.withheld[key]["reason"] for key in before.visible.keys() - after.visible.keys()}
            assert lost <= ({"ARCHIVED", "SUPERSEDED"} if grant else {"ARCHIVED"})
        await self.all_compare()


@pytest.mark.req("J8", "J9", "J10", "J11", "J-Q1", "J-Q2", "J-Q3", "J-Q4", "J-Q5", "J-Q6", "J-Q7", "J-Q8", "I1")
@pytest.mark.timeout(600 + 5 * EXAMPLES)  # a story that fails is made shorter first, which takes minutes
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="PORTICO_FREEZE_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(story=STORIES)
async def test_a_freeze_holds_whatever_is_written(site: Site, story: Story) -> None:
    """Given any story, then after the freeze no answer of the client changes, and the coach's comparison is always their real view."""
    stage = await Stage.build(site, drip=story.drip, policy=story.policy)
    for step in story.before:
        await stage.play(step)
    await stage.freeze(stage.frozen.enrollments)
    for step in story.during:
        await stage.play(step)
    await stage.all_compare()
    await stage.lift(grant=story.grant)
    for step in story.after:
        await stage.play(step)
    await stage.all_compare()
