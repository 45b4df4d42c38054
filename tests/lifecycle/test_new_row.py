"""A transition is one row: given a row that the table does not have, everything that belongs to it is there."""

from dataclasses import dataclass, replace
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from gql.base import CONFIG
from gql.operations import operations
from gql.schema import SCHEMA
from lifecycle.decide import decide, obstacle, problem_codes
from lifecycle.facts import Facts
from lifecycle.inputs import Input, given
from lifecycle.permits import Actor, ActorKind
from lifecycle.problems import ProblemCode
from lifecycle.rules import OPEN_BALANCE
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import ClientStatus, Grant, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(Input):
    gift: str = given("What the client is given.", longest=10)
    templates_too: bool = given("Are the recurring services taken up again?", True, applies="templates")


ROW = replace(
    BY_NAME["clientReactivate"],
    verb="welcome_back",
    before=(ClientStatus.INACTIVE,),
    after=ClientStatus.HOT_LEAD,
    summary="Welcomes a client back.",
    input=Welcome,
)


def _schema() -> Any:
    mutations, previews = operations((ROW,))
    query = strawberry.type(type("Query", (previews,), {"__annotations__": {}}), name="Query")
    mutation = strawberry.type(type("Mutation", (mutations,), {"__annotations__": {}}), name="Mutation")
    return strawberry.Schema(query=query, mutation=mutation, config=CONFIG)._schema


def test_the_api_of_a_new_row() -> None:
    """Given the row, then mutation, preview, input, payload, sentence and codes follow, and are in the style of all others."""
    schema = _schema()
    assert list(schema.mutation_type.fields) == ["clientWelcomeBack"]
    assert list(schema.query_type.fields) == ["clientWelcomeBackPreview"]
    act, look = schema.mutation_type.fields["clientWelcomeBack"], schema.query_type.fields["clientWelcomeBackPreview"]
    assert act.description == "Welcomes a client back. By staff: OWNER, COACH with the grant REACTIVATE."
    assert look.description == "What `clientWelcomeBack` would do now. Nothing is changed."
    assert list(act.args) == ["id", "input", "token", "expectedVersion", "idempotencyKey"]
    assert list(look.args) == ["id", "input"]
    taken = schema.type_map["ClientWelcomeBackInput"]
    assert isinstance(taken, GraphQLInputObjectType)
    assert {name: (str(field.type), field.default_value, field.description) for name, field in taken.fields.items()} == {
        "gift": ("String!", taken.fields["gift"].default_value, "What the client is given."),
        "templatesToo": ("Boolean!", True, "Are the recurring services taken up again?"),
    }
    payload = get_named_type(act.type)
    assert isinstance(payload, GraphQLObjectType)
    assert payload.name == "ClientWelcomeBackPayload"
    assert list(payload.fields) == ["client", "event", "batchId", "undoUntil", "warnings", "problems"]
    assert payload.description is not None
    for code in problem_codes(ROW):
        assert f"`{code.value}`" in payload.description
    for field in payload.fields.values():
        assert field.description


def test_a_row_that_cannot_be_undone_asks_for_its_token() -> None:
    mutations, _ = operations((replace(ROW, permanent=True, undoable=False),))
    field = next(iter(mutations.__strawberry_definition__.fields))
    [token] = [argument for argument in field.arguments if argument.python_name == "token"]
    assert "needed, for nobody can undo the step" in token.description
    assert ProblemCode.CONFIRMATION_REQUIRED in problem_codes(replace(ROW, permanent=True))
    assert ProblemCode.CONFIRMATION_REQUIRED not in problem_codes(ROW)


def test_the_judge_and_the_event_of_a_new_row() -> None:
    """Given the row, then the judge knows who may, from where, and under which rules, and its event has its name."""
    assert (ROW.name, ROW.event) == ("clientWelcomeBack", "client.welcome_back")
    said = Welcome(gift="Tea", templates_too=False, said=frozenset({"gift", "templates_too"}))
    owner, coach = Actor(ActorKind.STAFF, "member:1", Role.OWNER), Actor(ActorKind.STAFF, "member:2", Role.COACH)
    granted = replace(coach, grants=frozenset({Grant.REACTIVATE}))
    gone = Facts(state="INACTIVE", status=ClientStatus.INACTIVE)
    assert decide(ROW, gone, owner, said).after is ClientStatus.HOT_LEAD
    assert [warning.code for warning in decide(ROW, gone, owner, said).warnings] == ["OPTION_IGNORED"]
    assert decide(ROW, replace(gone, templates=1), owner, said).warnings == ()
    assert [problem.code for problem in decide(ROW, gone, coach, said).problems] == ["FORBIDDEN"]
    assert decide(ROW, gone, granted, said).problems == ()
    assert [problem.code for problem in decide(ROW, gone, owner, replace(said, gift="Far too much")).problems] == ["INVALID_INPUT"]
    codes = {status: obstacle(ROW, replace(gone, state=status.value, status=status), owner) for status in ClientStatus}
    assert {status.value: problem and problem.code.value for status, problem in codes.items()} == {
        "PROSPECT": "INVALID_TRANSITION",
        "HOT_LEAD": "ALREADY_IN_STATE",
        "ACTIVE": "INVALID_TRANSITION",
        "INACTIVE": None,
        "BUYER": "INVALID_TRANSITION",
    }
    with_rule = replace(ROW, rules=(OPEN_BALANCE,), input=BY_NAME["clientMakeInactive"].input)
    warned = decide(with_rule, replace(gone, open_invoices=1), owner, with_rule.input())
    assert "OPEN_BALANCE" in [warning.code for warning in warned.warnings]


def test_the_table_itself_is_untouched() -> None:
    assert "clientWelcomeBack" not in BY_NAME
    assert "clientWelcomeBack" not in SCHEMA.as_str()
