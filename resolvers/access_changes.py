"""What another standing would open or close for a client in the portal, by the access matrix."""

from typing import Any

from graphql import GraphQLResolveInfo

from lifecycle.access import Resource, staff_refusal, standing_of
from lifecycle.entry import PortalAccess, access_diff
from planner.errors import RequestError
from resolvers.callers import CallerKind
from resolvers.context import Context
from resolvers.elsewhere import ACCESS_DIFF
from resolvers.wishes import Wish, find, note


async def access_changes(
    context: Context, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]
) -> list[tuple[Resource, PortalAccess, PortalAccess]] | None:
    """What another standing would open or close for the client in the portal; null where there is no such client."""
    caller, now = context.caller, context.now()
    context.signed_in()
    if caller.kind is not CallerKind.STAFF or caller.role is None:
        raise RequestError(ACCESS_DIFF.code, ACCESS_DIFF.because)
    wish = Wish.of(arguments, now)
    found = await find(context, wish, now)
    if found is None:
        return None
    refusal = staff_refusal(caller.role, Resource.STATUS, state=found.state)
    if refusal is not None:
        note(context, info, refusal)
        return None
    then = found.standing(wish)
    before = standing_of(found.status, found.mode, login=found.account is not None and found.enabled)
    return access_diff(before, standing_of(then.status, then.mode, login=True))
