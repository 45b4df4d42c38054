"""what the certification report needs: the time zone of a member, and what a sealed report pins."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("timezone", sa.String(), nullable=True))
    with op.batch_alter_table("hour_ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hour_ledger_entry_workspace_id_supersedes_id"), ["workspace_id", "supersedes_id"], unique=False)
    with op.batch_alter_table("rule_set", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_set_code"))
        batch_op.create_index(batch_op.f("ix_rule_set_code_version"), ["code", "version"], unique=True)
    # no version before this one sealed a report, so that nothing needs a default
    with op.batch_alter_table("report_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content", sa.String(), nullable=False))
        batch_op.drop_column("parameters")
        batch_op.drop_column("totals")


def downgrade() -> None:
    with op.batch_alter_table("report_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("totals", sa.String(), nullable=False))
        batch_op.add_column(sa.Column("parameters", sa.String(), nullable=False))
        batch_op.drop_column("content")
    with op.batch_alter_table("rule_set", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_set_code_version"))
        batch_op.create_index(batch_op.f("ix_rule_set_code"), ["code"], unique=False)
    with op.batch_alter_table("hour_ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hour_ledger_entry_workspace_id_supersedes_id"))
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_column("timezone")
