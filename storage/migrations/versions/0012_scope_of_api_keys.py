"""scope of API keys: those of before go on as they are, and may do everything."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCOPE = sa.Enum("READ", "FULL", name="scope", native_enum=False, length=32, create_constraint=True)


def upgrade() -> None:
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scope", SCOPE, nullable=False, server_default="FULL"))
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.alter_column("scope", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_api_key_scope"), type_="check")
        batch_op.drop_column("scope")
