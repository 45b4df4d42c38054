"""deletion by link, and by two members: a further purpose, who made a link, and a setting."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PURPOSES = ("SET_PASSWORD", "PAY_INVOICE", "REACTIVATION")


def _among(words: tuple[str, ...]) -> str:
    return f"purpose IN ({', '.join(repr(word) for word in words)})"


def upgrade() -> None:
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("member_id", sa.Uuid(), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_one_time_link_purpose"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_one_time_link_purpose"), _among((*_PURPOSES, "ERASURE")))
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erasure_by_two", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.alter_column("erasure_by_two", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.drop_column("erasure_by_two")
    op.execute("DELETE FROM one_time_link WHERE purpose = 'ERASURE'")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_one_time_link_purpose"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_one_time_link_purpose"), _among(_PURPOSES))
        batch_op.drop_column("member_id")
