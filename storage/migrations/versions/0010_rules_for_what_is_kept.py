"""rules of a workspace's own for what is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CATEGORIES = (
    *("APPOINTMENTS", "GROUP_EVENTS", "MESSAGES", "ESTIMATES", "INVOICES", "PAYMENTS", "DOCUMENTS", "CONVERSATIONS", "CONTENT"),
    *("CONTACT", "LOGIN", "RECORDS"),
)


def upgrade() -> None:
    op.create_table(
        "retention_rule",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(*_CATEGORIES, name=op.f("ck_retention_rule_category"), native_enum=False, length=32, create_constraint=True),
            nullable=False,
        ),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("years BETWEEN 0 AND 30", name=op.f("ck_retention_rule_years")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_retention_rule_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_retention_rule")),
    )
    with op.batch_alter_table("retention_rule", schema=None) as batch_op:
        stands = sa.text("removed_at IS NULL")
        batch_op.create_index(
            batch_op.f("ix_retention_rule_workspace_id_category"),
            ["workspace_id", "category"],
            unique=True,
            postgresql_where=stands,
            sqlite_where=stands,
        )
        batch_op.create_index(batch_op.f("ix_retention_rule_workspace_id_set_at_id"), ["workspace_id", "set_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("retention_rule")
