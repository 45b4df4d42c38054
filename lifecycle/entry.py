"""Who may enter the portal, and which members may look into it as one of their clients would."""

from typing import Final

from lifecycle.access import READABLE, Refusal, Resource, portal_cell, standing_of
from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, Role

#: Roles that see the portal as a client: those who read everything the client reads. Coaches see their own clients only.
SEES_AS: Final = frozenset({Role.OWNER, Role.COACH})


def entry_refusal(status: ClientStatus, mode: AccessMode, state: DataState, *, login: bool, ended: bool) -> Refusal | None:
    """Why a client cannot sign in; `login` when they have one that is not disabled, `ended` when the end of their access has passed."""
    if state in (DataState.CONTACT_DELETED, DataState.ERASED):
        return Refusal(state.value, f"Nobody signs in as a client whose data state is {state}.")
    entering = portal_cell(standing_of(status, mode, login=True), Resource.OPEN) in READABLE
    if not entering or (status is ClientStatus.INACTIVE and ended):
        return Refusal("STATUS", "The standing of the client does not admit them to the portal.")
    return None if login else Refusal("NO_LOGIN", "The client has no login to the portal, or it is disabled.")
