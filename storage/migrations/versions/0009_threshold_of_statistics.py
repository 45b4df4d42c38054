"""threshold of statistics."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.add_column(sa.Column("statistics_threshold", sa.Integer(), nullable=False, server_default="5"))
        batch_op.create_check_constraint(batch_op.f("ck_workspace_statistics_threshold"), "statistics_threshold >= 3")
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.alter_column("statistics_threshold", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_workspace_statistics_threshold"), type_="check")
        batch_op.drop_column("statistics_threshold")
