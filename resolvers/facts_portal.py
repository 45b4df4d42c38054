"""Facts of booking, writing and buying. `c` is the client; `:key_...` are the objects that the input names."""

from collections.abc import Mapping
from typing import Final

_TYPE: Final = "FROM appointment_type x WHERE x.workspace_id = :workspace AND x.id = :key_type"
_ITEMS: Final = (
    "FROM package_item i JOIN enrollment x ON x.workspace_id = i.workspace_id AND x.package_id = i.package_id"
    " WHERE i.workspace_id = :workspace AND i.appointment_type_id = :key_type AND x.client_id = c.id AND x.state = '{state}'"
)
_BOUGHT: Final = (
    "FROM product_item i JOIN purchase x ON x.workspace_id = i.workspace_id AND x.product_id = i.product_id"
    " WHERE i.workspace_id = :workspace AND i.appointment_type_id = :key_type AND x.client_id = c.id AND x.refunded_at IS NULL"
)
_HAD: Final = (
    "(SELECT count(*) FROM appointment x WHERE x.workspace_id = :workspace AND x.client_id = c.id AND x.type_id = :key_type"
    " AND x.state IN ('BOOKED', 'COMPLETED', 'NO_SHOW'))"
)
_TAKING_PART: Final = (
    "(SELECT count(*) FROM participant x JOIN client y ON y.workspace_id = x.workspace_id AND y.id = x.client_id"
    " WHERE x.workspace_id = :workspace AND x.conversation_id = :key_conversation AND "
)
_ENROLLED: Final = "EXISTS (SELECT 1 FROM enrollment x WHERE x.workspace_id = :workspace AND x.client_id = c.id AND x.state = '{state}')"

PORTAL_FACTS: Final[Mapping[str, str]] = {
    "prospect": "COALESCE(c.status, '') = 'PROSPECT'",
    "sample": f"EXISTS (SELECT 1 {_TYPE} AND x.sample = TRUE)",
    "type_offered": f"EXISTS (SELECT 1 {_TYPE} AND x.archived_at IS NULL)",
    "sessions_left": (
        f"COALESCE((SELECT sum(i.quantity) {_ITEMS.format(state='ACTIVE')}), 0) + COALESCE((SELECT sum(i.quantity) {_BOUGHT}), 0) - {_HAD}"
    ),
    "only_frozen": (
        f"EXISTS (SELECT 1 {_ITEMS.format(state='DEACTIVATED')}) AND NOT EXISTS (SELECT 1 {_ITEMS.format(state='ACTIVE')})"
        f" AND NOT EXISTS (SELECT 1 {_BOUGHT})"
    ),
    "enrollment_state": (
        "(SELECT x.state FROM enrollment x WHERE x.workspace_id = :workspace AND x.client_id = c.id AND x.id = :key_enrollment)"
    ),
    "own_client": "EXISTS (SELECT 1 FROM client x WHERE x.workspace_id = :workspace AND x.id = c.id AND x.coach_id = :member)",
    "others_clients": f"{_TAKING_PART} y.coach_id <> :member)",
    "reachable": f"{_TAKING_PART} y.data_state NOT IN ('CONTACT_DELETED', 'ERASED'))",
    "messaging_closed": (
        f"w.messaging_when_frozen = FALSE AND {_ENROLLED.format(state='DEACTIVATED')} AND NOT {_ENROLLED.format(state='ACTIVE')}"
    ),
    "on_sale": "EXISTS (SELECT 1 FROM product x WHERE x.workspace_id = :workspace AND x.id = :key_product AND x.on_sale = TRUE)",
    "includes_sessions": (
        "EXISTS (SELECT 1 FROM product_item x JOIN appointment_type y ON y.workspace_id = x.workspace_id AND y.id = x.appointment_type_id"
        " WHERE x.workspace_id = :workspace AND x.product_id = :key_product AND y.coaching = TRUE)"
    ),
}
