"""deletion of data: what a request for it remembers, and group events in the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATES = ("REQUESTED", "VERIFIED", "SCHEDULED", "RUNNING", "COMPLETED", "CANCELLED", "BLOCKED")
_TO_DO = sa.text("state IN ('SCHEDULED', 'BLOCKED', 'RUNNING')")


def _among(words: tuple[str, ...]) -> str:
    return f"state IN ({', '.join(repr(word) for word in words)})"


def upgrade() -> None:
    # no version before this one wrote a request or read a rule of retention, so that nothing needs a default
    op.drop_table("retention_rule")
    with op.batch_alter_table("erasure_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parts", sa.String(), nullable=False))
        batch_op.add_column(sa.Column("actor", sa.String(), nullable=False))
        batch_op.add_column(sa.Column("member_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("found", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_erasure_request_state"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_erasure_request_state"), _among((*_STATES, "INCOMPLETE")))
        batch_op.create_index(batch_op.f("ix_erasure_request_workspace_id_client_id_state"), ["workspace_id", "client_id", "state"])
        batch_op.create_index(batch_op.f("ix_erasure_request_workspace_id_requested_at_id"), ["workspace_id", "requested_at", "id"])
        batch_op.create_index(
            batch_op.f("ix_erasure_request_scheduled_for"), ["scheduled_for"], postgresql_where=_TO_DO, sqlite_where=_TO_DO
        )
    with op.batch_alter_table("sealed_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_item_workspace_id_sealed_at_id"), ["workspace_id", "sealed_at", "id"])
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_hold_workspace_id_placed_at_id"), ["workspace_id", "placed_at", "id"])
    with op.batch_alter_table("hour_ledger_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("hour_ledger_entry", schema=None) as batch_op:
        batch_op.drop_column("event_id")
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_hold_workspace_id_placed_at_id"))
    with op.batch_alter_table("sealed_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sealed_item_workspace_id_sealed_at_id"))
    with op.batch_alter_table("erasure_request", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_erasure_request_state"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_erasure_request_state"), _among(_STATES))
        batch_op.drop_index(batch_op.f("ix_erasure_request_scheduled_for"))
        batch_op.drop_index(batch_op.f("ix_erasure_request_workspace_id_requested_at_id"))
        batch_op.drop_index(batch_op.f("ix_erasure_request_workspace_id_client_id_state"))
        for name in ("locked_until", "found", "deleted_at", "started_at", "member_id", "actor", "parts"):
            batch_op.drop_column(name)
    op.create_table(
        "retention_rule",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("country", "category", name=op.f("pk_retention_rule")),
    )
