"""settings that are changed: a version, and a proposal that one member may delete again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erasure_by_one_proposer", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("erasure_by_one_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.alter_column("version", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("erasure_by_one_until")
        batch_op.drop_column("erasure_by_one_proposer")
