"""steps that wait, and what the clock makes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CONDITIONS = ("AT_DATE", "AT_EXPIRY", "AT_PAID_THROUGH", "WITHOUT_SESSION")
_REASONS = ("PAYMENT_DECLINED", "PACKAGE_EXPIRED", "SUBSCRIPTION_CANCELLED", "COACH_DECISION")
_SUGGESTED = (*_REASONS, "COACHING_INCLUDED", "PURCHASED", "REQUESTED", "INQUIRED", "BOOKED_SAMPLE", "SAME_ADDRESS")
_RUNNING_OUT = sa.text("state = 'ACTIVE' AND expires_at IS NOT NULL AND expiry_handled_at IS NULL")
_WAITING = sa.text("state = 'PENDING'")
_RUNNING = sa.text("removed_at IS NULL")
_OPEN = sa.text("dismissed_at IS NULL")


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _among(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def upgrade() -> None:
    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expiry_handled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_enrollment_expires_at"), ["expires_at"], postgresql_where=_RUNNING_OUT, sqlite_where=_RUNNING_OUT
        )

    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.add_column(sa.Column("on_recovered", _words("on_recovered", ("NONE", "REACTIVATE")), nullable=False, server_default="NONE"))
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.alter_column("on_recovered", server_default=None)

    with op.batch_alter_table("package_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("service_template", schema=None) as batch_op:
        batch_op.add_column(sa.Column("start_time", sa.String(), nullable=False, server_default="09:00"))
        batch_op.add_column(sa.Column("generated_until", sa.Date(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_service_template_generated_until"), ["generated_until"], postgresql_where=_RUNNING, sqlite_where=_RUNNING
        )
    with op.batch_alter_table("service_template", schema=None) as batch_op:
        batch_op.alter_column("start_time", server_default=None)

    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("client_id", sa.Uuid(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_suggestion_workspace_id_subject_id"))
        batch_op.alter_column("reason", existing_type=sa.String(), type_=sa.String(32), existing_nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_suggestion_reason"), _among("reason", _SUGGESTED))
        batch_op.create_index(
            batch_op.f("ix_suggestion_workspace_id_client_id_created_at_id"), ["workspace_id", "client_id", "created_at", "id"]
        )
        batch_op.create_index(batch_op.f("ix_suggestion_workspace_id_created_at_id"), ["workspace_id", "created_at", "id"])
        batch_op.create_index(
            batch_op.f("ix_suggestion_workspace_id_subject_id_transition_reason"),
            ["workspace_id", "subject_id", "transition", "reason"],
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        )
    _upgrade_schedules()


def _upgrade_schedules() -> None:
    table = "scheduled_transition"
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(sa.Column("client_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cause", _words("cause", _REASONS), nullable=True))
        batch_op.add_column(sa.Column("event_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.execute(f"UPDATE {table} SET condition = 'AT_PAID_THROUGH'")  # the only one there was
    op.execute(
        f"UPDATE {table} SET client_id = (SELECT e.client_id FROM enrollment e"
        f" WHERE e.workspace_id = {table}.workspace_id AND e.id = {table}.subject_id)"
    )
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column("attempts", server_default=None)
        batch_op.alter_column("condition", existing_type=sa.String(), type_=sa.String(32), nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_scheduled_transition_condition"), _among("condition", _CONDITIONS))
        batch_op.create_index(batch_op.f("ix_scheduled_transition_due_at"), ["due_at"], postgresql_where=_WAITING, sqlite_where=_WAITING)
        batch_op.create_index(batch_op.f("ix_scheduled_transition_workspace_id_due_at_id"), ["workspace_id", "due_at", "id"])
        batch_op.create_index(
            batch_op.f("ix_scheduled_transition_workspace_id_client_id_due_at_id"), ["workspace_id", "client_id", "due_at", "id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("scheduled_transition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scheduled_transition_workspace_id_client_id_due_at_id"))
        batch_op.drop_index(batch_op.f("ix_scheduled_transition_workspace_id_due_at_id"))
        batch_op.drop_index(batch_op.f("ix_scheduled_transition_due_at"))
        batch_op.drop_constraint(batch_op.f("ck_scheduled_transition_condition"), type_="check")
        batch_op.alter_column("condition", existing_type=sa.String(32), type_=sa.String(), nullable=True)
        batch_op.drop_constraint(batch_op.f("ck_scheduled_transition_cause"), type_="check")
        for column in ("attempts", "locked_until", "event_id", "cause", "days", "client_id"):
            batch_op.drop_column(column)

    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suggestion_workspace_id_subject_id_transition_reason"))
        batch_op.drop_index(batch_op.f("ix_suggestion_workspace_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_suggestion_workspace_id_client_id_created_at_id"))
        batch_op.drop_constraint(batch_op.f("ck_suggestion_reason"), type_="check")
        batch_op.alter_column("reason", existing_type=sa.String(32), type_=sa.String(), existing_nullable=False)
        batch_op.create_index(batch_op.f("ix_suggestion_workspace_id_subject_id"), ["workspace_id", "subject_id"])
        batch_op.drop_column("client_id")

    with op.batch_alter_table("service_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_template_generated_until"))
        batch_op.drop_column("generated_until")
        batch_op.drop_column("start_time")

    with op.batch_alter_table("package_item", schema=None) as batch_op:
        batch_op.drop_column("removed_at")

    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_package_on_recovered"), type_="check")
        batch_op.drop_column("on_recovered")

    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrollment_expires_at"))
        batch_op.drop_column("expiry_handled_at")
