"""what transitions leave behind."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "one_time_link",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum("SET_PASSWORD", "PAY_INVOICE", "REACTIVATION", name="purpose", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_link_account_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_one_time_link_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_one_time_link_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_one_time_link")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_link_workspace_id_client_id"), ["workspace_id", "client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_link_workspace_id_expires_at"), ["workspace_id", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_link_workspace_id_token_hash"), ["workspace_id", "token_hash"], unique=True)

    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("member_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("client_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("before", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("after", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("batch_id", sa.Uuid(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_audit_event_workspace_id_client_id_at_id"), ["workspace_id", "client_id", "at", "id"], unique=False
        )

    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.alter_column("version", server_default=None)

    with op.batch_alter_table("transition_plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("input_hash", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("transition_plan", schema=None) as batch_op:
        batch_op.alter_column("input_hash", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("transition_plan", schema=None) as batch_op:
        batch_op.drop_column("input_hash")

    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_column("version")

    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_workspace_id_client_id_at_id"))
        batch_op.drop_column("batch_id")
        batch_op.drop_column("after")
        batch_op.drop_column("before")
        batch_op.drop_column("client_id")
        batch_op.drop_column("member_id")

    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_workspace_id_token_hash"))
        batch_op.drop_index(batch_op.f("ix_one_time_link_workspace_id_expires_at"))
        batch_op.drop_index(batch_op.f("ix_one_time_link_workspace_id_client_id"))
        batch_op.drop_index(batch_op.f("ix_one_time_link_account_id"))

    op.drop_table("one_time_link")
