"""what a file is asked for: exports are made while they are sent, so that none has a place of storage."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("export_file", schema=None) as batch_op:
        batch_op.alter_column("storage_key", new_column_name="asked")


def downgrade() -> None:
    with op.batch_alter_table("export_file", schema=None) as batch_op:
        batch_op.alter_column("asked", new_column_name="storage_key")
