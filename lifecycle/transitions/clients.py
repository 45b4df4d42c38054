"""Transitions of the relationship: `Client.status`."""

from lifecycle import rules as r
from lifecycle import rules_portal as p
from lifecycle.access import Resource
from lifecycle.inputs import (
    AddClient,
    AssignCredentials,
    CorrectStatus,
    MakeInactive,
    SetAccessMode,
)
from lifecycle.permits import Permit
from lifecycle.requests import Inquire, MakeLink, Register, Tag, UpdateClient
from lifecycle.transition import Axis, Target, Touch, Transition
from lifecycle.transitions.base import (
    OWNER,
    REACTIVATOR,
    REVOKE,
    STAFF,
    STAMPS,
    UNSCHEDULE,
    WITHOUT_LOGIN,
)
from lifecycle.vocabulary import (
    ClientStatus,
    EffectAction,
    EffectKind,
)

PROSPECT, HOT_LEAD, ACTIVE, INACTIVE, BUYER = (
    ClientStatus.PROSPECT,
    ClientStatus.HOT_LEAD,
    ClientStatus.ACTIVE,
    ClientStatus.INACTIVE,
    ClientStatus.BUYER,
)

CLIENTS = (
    Transition(
        Axis.CLIENT, "add", (), PROSPECT, Permit(Resource.CONTACT), "Adds a contact.", AddClient,
        rules=(r.CLIENT_EXISTS_INACTIVE, r.CLIENT_EXISTS, r.SUPPRESSED),
    ),
    Transition(
        Axis.CLIENT, "inquire", (), PROSPECT, Permit(Resource.CONTACT, roles=(), public=True),
        "Takes an inquiry through the public form. Who is not known yet becomes a prospect; the answer is the same for all.",
        Inquire, door=True,
    ),
    Transition(
        Axis.CLIENT, "register", (), BUYER, Permit(Resource.CONTACT, roles=(), public=True),
        "Registers somebody who buys a product on sale. Who is not known yet becomes a buyer; a link goes to the address, by which the "
        "password is chosen and, for somebody known, the purchase is made. The answer is the same for all.",
        Register, rules=(p.ON_SALE, p.COACHING_INCLUDED), door=True,
    ),
    Transition(
        Axis.CLIENT, "update", tuple(ClientStatus), Target.SAME, Permit(Resource.CONTACT, portal=True),
        "Changes the contact of a client: by staff, and by the client in the portal. What is left out stays.", UpdateClient,
        rules=(p.ADDRESS_TAKEN, r.CLIENT_EXISTS_INACTIVE, r.CLIENT_EXISTS),
    ),
    Transition(
        Axis.CLIENT, "add_tag", tuple(ClientStatus), Target.SAME, Permit(Resource.TAGS), "Puts a tag on a client.", Tag,
    ),
    Transition(
        Axis.CLIENT, "remove_tag", tuple(ClientStatus), Target.SAME, Permit(Resource.TAGS), "Takes a tag off a client.", Tag,
    ),
    Transition(
        Axis.CLIENT, "reactivation_link", (INACTIVE,), Target.SAME, STAFF,
        "Makes a link by which a former client may ask to be taken up again. It opens nothing else.", MakeLink,
    ),
    Transition(
        Axis.CLIENT, "mark_hot_lead", (PROSPECT, BUYER), HOT_LEAD, STAFF,
        "Marks somebody who is on the verge of hiring. Credentials may be assigned; a buyer keeps the products.",
        touches=STAMPS, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "assign_credentials", (HOT_LEAD, ACTIVE), Target.SAME, STAFF,
        "Gives a client a login: a username, and a link by which they choose the password.", AssignCredentials,
        rules=(r.LOGIN_IN_USE, r.USERNAME_TAKEN),
    ),
    Transition(
        Axis.CLIENT, "return_to_prospect", (HOT_LEAD,), PROSPECT, STAFF,
        "Takes a hot lead back to prospect; the login closes.",
        touches=(REVOKE, *STAMPS), undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "activate", (PROSPECT, HOT_LEAD, BUYER), ACTIVE, STAFF,
        "Starts the working relationship, for free or paid. The portal opens; hours count.",
        touches=STAMPS, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "make_inactive", (ACTIVE, HOT_LEAD, BUYER), INACTIVE, STAFF,
        "Ends the working relationship, without a word to the client. Logins close at once; all data stays, except what the options name. "
        "Not to be confused with `enrollmentDeactivate`, which freezes the content of one package.",
        MakeInactive,
        rules=(r.OPEN_BALANCE, r.LIVE_SUBSCRIPTION, r.SERVICES_KEPT),
        touches=(
            REVOKE,
            Touch(EffectKind.APPOINTMENTS, EffectAction.REMOVE, lambda given, _facts, _after: given.delete_future_services),
            Touch(EffectKind.ATTENDANCES, EffectAction.REMOVE, lambda given, _facts, _after: given.delete_future_services),
            Touch(EffectKind.SERVICE_TEMPLATES, EffectAction.REMOVE, lambda given, _facts, _after: given.delete_templates),
            Touch(EffectKind.APPOINTMENTS, EffectAction.RESTAMP, lambda given, _facts, _after: not given.delete_future_services),
            Touch(EffectKind.ATTENDANCES, EffectAction.RESTAMP, lambda given, _facts, _after: not given.delete_future_services),
            UNSCHEDULE,
        ),
        undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "reactivate", (INACTIVE,), Target.EARLIER, REACTIVATOR,
        "Takes the relationship up again, with the status from before. Services removed at the end stay removed: see `transitionUndo`.",
        touches=STAMPS, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "set_access_mode", (INACTIVE,), Target.SAME, STAFF,
        "Changes what an inactive client may still see.", SetAccessMode,
        touches=(Touch(EffectKind.SESSIONS, EffectAction.REVOKE),), undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "correct_status", tuple(ClientStatus), Target.CHOSEN, OWNER,
        "Repairs a status that was entered by mistake. Sessions already held keep their stamp.", CorrectStatus,
        rules=(r.STATUS_OVERRIDDEN,),
        touches=(Touch(EffectKind.SESSIONS, EffectAction.REVOKE, lambda _given, _facts, after: after in WITHOUT_LOGIN), *STAMPS),
        undoable=True,
    ),
)  # fmt: skip
