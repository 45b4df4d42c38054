"""who started a bulk job, and what came of each of its objects."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('QUEUED', 'RUNNING')")


def upgrade() -> None:
    # no version before this one wrote a job, so that nothing needs a default
    with op.batch_alter_table("bulk_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("member_id", sa.Uuid(), nullable=False))
        batch_op.add_column(sa.Column("undoes_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("code", sa.String(), nullable=True))
        batch_op.alter_column("locked_until", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index(
            batch_op.f("ix_bulk_job_workspace_id_locked_until"),
            ["workspace_id", "locked_until"],
            unique=False,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        )
    with op.batch_alter_table("bulk_job_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bound", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("batch_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("event_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("bulk_job_item", schema=None) as batch_op:
        batch_op.drop_column("event_id")
        batch_op.drop_column("batch_id")
        batch_op.drop_column("bound")
    with op.batch_alter_table("bulk_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_job_workspace_id_locked_until"))
        batch_op.alter_column("locked_until", existing_type=sa.DateTime(timezone=True), nullable=True)
        batch_op.drop_column("code")
        batch_op.drop_column("undoes_id")
        batch_op.drop_column("member_id")
