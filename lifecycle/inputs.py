"""What each transition may be told. A field carries its description, its bounds, and what an option applies to; `gql/` prints them."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from typing import Any, NewType, get_args, get_type_hints

from lifecycle.access import Resource
from lifecycle.vocabulary import (
    AccessMode,
    CancelSubscription,
    ClientStatus,
    Compensation,
    ContactKind,
    DeleteReason,
    Effective,
    FreezeReason,
    PaymentMethod,
    PaymentStatus,
    VersionPolicy,
    Word,
)

#: Key of another object, given as its global id; the field's `tag` says of which type.
Key = NewType("Key", str)

LONGEST_TEXT = 10_000


def given(
    description: str,
    default: Any = MISSING,
    *,
    tag: str = "",
    applies: str = "",
    longest: int = 300,
    least: int | None = None,
    most: int | None = None,
    resource: Resource | None = None,
) -> Any:
    """Field of an input. `applies` names the fact that must not be zero for an option to make sense.

    A text has at most `longest` characters, a number lies from `least` to `most`. With `resource`, only who may write that may say it.
    """
    about = {"description": description, "tag": tag, "applies": applies, "longest": longest, "least": least, "most": most}
    about["resource"] = resource
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Input of a transition; `said` names the fields that the caller gave, whatever their value."""

    said: frozenset[str] = frozenset()

    def wrong(self) -> tuple[str, str] | None:
        """Name of the first field outside of its bounds, and the sentence that says so."""
        for about in fields(self):
            value, bounds = getattr(self, about.name), about.metadata
            if isinstance(value, str | list) and bounds:
                for text in [value] if isinstance(value, str) else value:
                    if len(text) > bounds["longest"]:
                        return about.name, f"At most {bounds['longest']:,} characters are kept."
                    if "\0" in text:
                        return about.name, "A text may not hold the null character."
                if isinstance(value, str) and about.default is MISSING and not value.strip():
                    return about.name, "A text is needed here."
            elif isinstance(value, int) and not isinstance(value, bool):
                least, most = bounds["least"], bounds["most"]
                if (least is not None and value < least) or (most is not None and value > most):
                    return about.name, f"A number from {least} to {most} is needed here."
        return None


def values_of(given: Input) -> dict[str, Any]:
    """Fields of an input by name, whoever gave them."""
    return {about.name: getattr(given, about.name) for about in fields(given) if about.name != "said"}


def restored(kind: type[Input], values: Mapping[str, Any], said: frozenset[str] = frozenset()) -> Input:
    """Input out of what JSON keeps of `values_of`."""
    hints = get_type_hints(kind)
    return kind(**{name: _restored(hints[name], value) for name, value in values.items()}, said=said)


def _restored(hint: Any, value: Any) -> Any:
    """Value of a field out of JSON: words, instants and days are texts there."""
    if isinstance(value, list):
        return [_restored(get_args(hint)[0] if get_args(hint) else hint, item) for item in value]
    if value is None:
        return None
    for option in get_args(hint) or (hint,):
        if isinstance(option, type) and issubclass(option, Word):
            return option[value]
        if option in (datetime, date):
            return option.fromisoformat(value)
    return value


def because(what: str) -> Any:
    return given(f"Reason {what}, for the history; staff read it.", None, longest=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain(Input):
    """Input of a transition that needs no more than a reason."""

    reason: str | None = because("of the step")


# -- clients -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AddClient(Input):
    name: str = given("Name of the client; 1 to 200 characters.", longest=200)
    email: str | None = given("E-mail address of the client; unique in the workspace.", None, longest=320)
    phone: str | None = given(
        "Phone number of the client, with its country code or as dialled in the workspace's country.", None, longest=50
    )
    address: str | None = given("Postal address of the client.", None, longest=500)
    contact_kind: ContactKind = given("How the client came to be known.", ContactKind.POTENTIAL_CLIENT)
    coach: Key | None = given("Coach of the client; the caller when left out, the owner where the caller is no coach.", None, tag="member")
    notes: str | None = given("Internal notes about the client.", None, longest=LONGEST_TEXT, resource=Resource.NOTES)
    acknowledge_suppression: bool = given("Is the client added although their address was deleted and must not be contacted?", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCredentials(Input):
    username: str = given("Username for the client's login; upper and lower case are the same; 1 to 320 characters.", longest=320)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeInactive(Input):
    delete_future_services: bool = given(
        "Are the client's future appointments and places in group events removed?", True, applies="future_services"
    )
    delete_templates: bool = given("Are the client's recurring services removed?", True, applies="templates")
    access_mode: AccessMode | None = given("What the client may still see; the workspace's default when left out.", None)
    access_until: datetime | None = given("End of what the client may still see; open when left out.", None)
    reason: str | None = because("for the end of the relationship")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAccessMode(Input):
    access_mode: AccessMode = given("What the inactive client may see from now on.")
    access_until: datetime | None = given("End of what the client may see; open when left out.", None)
    reason: str | None = because("of the change")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectStatus(Input):
    to: ClientStatus = given("Status the client should have had.")
    reason: str = given("Reason of the correction, for the history; staff read it.", longest=1000)


# -- enrollments ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Enroll(Input):
    package: Key = given("Package the client is enrolled in.", tag="package")
    client: Key | None = given("Client to enroll; or give `username`.", None, tag="client")
    username: str | None = given("Username of the client to enroll, as after a deletion; or give `client`.", None, longest=320)
    version_policy: VersionPolicy = given("Which versions of the modules the client follows.", VersionPolicy.LATEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deactivate(Input):
    reason: FreezeReason = given("Why the client gets nothing new.")
    effective: Effective | None = given(
        "When it takes effect; at the end of the paid time where the subscription was cancelled, otherwise now, when left out.", None
    )
    cancel_subscription: CancelSubscription = given(
        "What happens to the payment subscription.", CancelSubscription.NONE, applies="live_subscriptions"
    )
    note: str | None = because("in words")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactivateEnrollment(Input):
    grant_missed_content: bool = given("Does the client get what was published while the enrollment was frozen?", True)
    reason: str | None = because("of the step")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPayment(Input):
    status: PaymentStatus = given("State of the payment: CURRENT, DECLINED, CANCELLED or EXPIRED.")
    paid_through: datetime | None = given("End of the time that is paid; as before when left out.", None)
    at: datetime | None = given("When it came to be so; now when left out.", None)
    note: str | None = because("in words")

    def wrong(self) -> tuple[str, str] | None:
        if self.status is PaymentStatus.NOT_REQUIRED:
            return "status", "CURRENT, DECLINED, CANCELLED or EXPIRED can be reported."
        return Input.wrong(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteEnrollment(Input):
    reason: DeleteReason = given("Why the client is removed from the package.")
    cancel_subscription: CancelSubscription = given(
        "What happens to the payment subscription.", CancelSubscription.NONE, applies="live_subscriptions"
    )
    note: str | None = because("in words")


# -- deletion of data ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteData(Input):
    cancel_subscription: bool = given(
        "Does a live payment subscription of the client end at once? Without it, one that is live stands in the way.",
        False,
        applies="live_subscriptions",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestErasure(DeleteData):
    verified: bool = given(
        "Is the person behind the request known to be the client? Without it, the request waits for `erasureVerify`.",
        True,
        resource=Resource.ERASURE,
    )
    export_first: bool = given(
        "Is everything exported first, as by `clientExport`? The answer has the path of the file, and the request waits while it is good.",
        False,
        applies="unexported",
    )
    reason: str | None = given("Why the data is exported, which is audited; needed where the client is another coach's.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(Input):
    client: Key = given("Client whose data must be kept.", tag="client")
    reason: str = given("Why the data must be kept: a case number, not a story about the person.", longest=300)


# -- sessions, content, billing ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Input):
    actual_minutes: int | None = given("Minutes the session took; the planned ones when left out.", None, least=1, most=1440)
    compensation: Compensation | None = given("How the session was paid; as booked when left out.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassify(Input):
    counts: bool | None = given("Does the session count for certification? Null takes an earlier answer back.")
    reason: str = given("Reason of the override, which the report shows.", longest=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Input):
    reason: str = given("Reason of the withdrawal, such as an error or the law; staff read it.", longest=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayment(Input):
    method: PaymentMethod = given("How the invoice was paid.")
