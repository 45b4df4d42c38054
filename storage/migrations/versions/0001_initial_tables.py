"""initial tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "retention_rule",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("country", "category", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("thresholds", sa.String(), nullable=False),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
    )
    with op.batch_alter_table("rule_set", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_set_code"), ["code"], unique=False)

    op.create_table(
        "workspace",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("keep_hours_on_erasure", sa.Boolean(), nullable=False),
        sa.Column("erasure_grace_hours", sa.Integer(), nullable=False),
        sa.Column("undo_window_hours", sa.Integer(), nullable=False),
        sa.Column(
            "default_access_mode",
            sa.Enum(
                "NONE",
                "PURCHASED_CONTENT",
                "READ_ONLY",
                "PAY_ONLY",
                name="default_access_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "counting_basis",
            sa.Enum("SESSION_START", "BOOKING", "CURRENT", name="counting_basis", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("messaging_when_frozen", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
        sa.UniqueConstraint("slug", name=op.f("uq_workspace_slug")),
    )
    op.create_table(
        "appointment_type",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("coaching", sa.Boolean(), nullable=False),
        sa.Column(
            "coaching_kind",
            sa.Enum(
                "INDIVIDUAL",
                "GROUP",
                "TEAM",
                "INTERNAL",
                "THIRD_PARTY",
                "MENTOR",
                "SUPERVISION",
                "PEER",
                name="coaching_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_appointment_type_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_appointment_type")),
    )
    with op.batch_alter_table("appointment_type", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_type_workspace_id_name_id"), ["workspace_id", "name", "id"], unique=False)

    op.create_table(
        "audit_event",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_audit_event_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_workspace_id_at_id"), ["workspace_id", "at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_event_workspace_id_subject_id_at_id"), ["workspace_id", "subject_id", "at", "id"], unique=False
        )

    op.create_table(
        "batch",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("memory", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_batch_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_workspace_id_subject_id_at"), ["workspace_id", "subject_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_workspace_id_undo_until"), ["workspace_id", "undo_until"], unique=False)

    op.create_table(
        "bulk_job",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("input", sa.String(), nullable=False),
        sa.Column("error_policy", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "QUEUED", "RUNNING", "COMPLETED", "CANCELLED", "FAILED", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_bulk_job_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_bulk_job")),
    )
    with op.batch_alter_table("bulk_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_job_workspace_id_created_at_id"), ["workspace_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_bulk_job_workspace_id_state_created_at"), ["workspace_id", "state", "created_at"], unique=False
        )

    op.create_table(
        "conversation",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.Enum("OPEN", "CLOSED", name="state", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_conversation_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_conversation")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversation_workspace_id_last_message_at_id"), ["workspace_id", "last_message_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_conversation_workspace_id_state_last_message_at_id"),
            ["workspace_id", "state", "last_message_at", "id"],
            unique=False,
        )

    op.create_table(
        "erasure_request",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("client_number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "REQUESTED",
                "VERIFIED",
                "SCHEDULED",
                "RUNNING",
                "COMPLETED",
                "CANCELLED",
                "BLOCKED",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheduled_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancel_subscription", sa.Boolean(), nullable=False),
        sa.Column("blocked_by", sa.String(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_erasure_request_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_erasure_request")),
    )
    with op.batch_alter_table("erasure_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_request_workspace_id_client_number"), ["workspace_id", "client_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasure_request_workspace_id_state_due_at"), ["workspace_id", "state", "due_at"], unique=False)

    op.create_table(
        "export_file",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_export_file_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_export_file")),
    )
    with op.batch_alter_table("export_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_export_file_workspace_id_expires_at"), ["workspace_id", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_file_workspace_id_subject_id"), ["workspace_id", "subject_id"], unique=False)

    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_external_identity_account_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_external_identity")),
    )
    with op.batch_alter_table("external_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_external_identity_account_id"), ["account_id"], unique=False)

    op.create_table(
        "form",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("questions", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_form_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_form")),
    )
    with op.batch_alter_table("form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_workspace_id_title_id"), ["workspace_id", "title", "id"], unique=False)

    op.create_table(
        "idempotency_record",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("response", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_idempotency_record_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_idempotency_record")),
    )
    with op.batch_alter_table("idempotency_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_record_workspace_id_actor_key"), ["workspace_id", "actor", "key"], unique=True)
        batch_op.create_index(batch_op.f("ix_idempotency_record_workspace_id_expires_at"), ["workspace_id", "expires_at"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_import_run_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_run_workspace_id_started_at_id"), ["workspace_id", "started_at", "id"], unique=False)

    op.create_table(
        "member",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "OWNER", "COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST", name="role", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_member_account_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_member_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_member")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_workspace_id_account_id"), ["workspace_id", "account_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_member_workspace_id_name_id"), ["workspace_id", "name", "id"], unique=False)

    op.create_table(
        "module",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_module_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_module")),
    )
    with op.batch_alter_table("module", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_module_workspace_id_title_id"), ["workspace_id", "title", "id"], unique=False)

    op.create_table(
        "outbox_event",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_outbox_event_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_outbox_event")),
    )
    with op.batch_alter_table("outbox_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_event_workspace_id_position"), ["workspace_id", "position"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_outbox_event_workspace_id_sent_at_locked_until"), ["workspace_id", "sent_at", "locked_until"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_outbox_event_workspace_id_subject_id"), ["workspace_id", "subject_id"], unique=False)

    op.create_table(
        "package",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column(
            "billing",
            sa.Enum("FREE", "ONE_TIME", "MONTHLY", "YEARLY", name="billing", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("duration_days", sa.Integer(), nullable=True),
        sa.Column("coaching", sa.Boolean(), nullable=False),
        sa.Column("drip", sa.Boolean(), nullable=False),
        sa.Column(
            "on_expiry",
            sa.Enum("NONE", "DEACTIVATE", name="on_expiry", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "on_declined",
            sa.Enum("NONE", "DEACTIVATE", name="on_declined", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("declined_grace_days", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_package_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_package")),
    )
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_package_workspace_id_created_at_id"), ["workspace_id", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_package_workspace_id_name_id"), ["workspace_id", "name", "id"], unique=False)

    op.create_table(
        "page",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_page_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_page")),
    )
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_workspace_id_title_id"), ["workspace_id", "title", "id"], unique=False)

    op.create_table(
        "product",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_product_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_product")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_workspace_id_name_id"), ["workspace_id", "name", "id"], unique=False)

    op.create_table(
        "scheduled_transition",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("input", sa.String(), nullable=False),
        sa.Column("condition", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("PENDING", "DONE", "CANCELLED", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_scheduled_transition_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_scheduled_transition")),
    )
    with op.batch_alter_table("scheduled_transition", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_scheduled_transition_workspace_id_state_due_at"), ["workspace_id", "state", "due_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_scheduled_transition_workspace_id_subject_id"), ["workspace_id", "subject_id"], unique=False)

    op.create_table(
        "sealed_item",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_number", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purge_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_sealed_item_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_sealed_item")),
    )
    with op.batch_alter_table("sealed_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_item_workspace_id_client_number"), ["workspace_id", "client_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_sealed_item_workspace_id_purge_after"), ["workspace_id", "purge_after"], unique=False)

    op.create_table(
        "suggestion",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_suggestion_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_suggestion")),
    )
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_suggestion_workspace_id_dismissed_at_created_at"), ["workspace_id", "dismissed_at", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_suggestion_workspace_id_subject_id"), ["workspace_id", "subject_id"], unique=False)

    op.create_table(
        "suppression_entry",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier_hash", sa.String(), nullable=False),
        sa.Column("suppressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_suppression_entry_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_suppression_entry")),
    )
    with op.batch_alter_table("suppression_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_suppression_entry_workspace_id_identifier_hash"), ["workspace_id", "identifier_hash"], unique=True
        )

    op.create_table(
        "transition_plan",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("effects", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_transition_plan_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_transition_plan")),
    )
    with op.batch_alter_table("transition_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transition_plan_workspace_id_expires_at"), ["workspace_id", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_transition_plan_workspace_id_token_hash"), ["workspace_id", "token_hash"], unique=True)

    op.create_table(
        "api_key",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["member.workspace_id", "member.id"], name=op.f("fk_api_key_workspace_id_member_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_api_key_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_workspace_id_member_id"), ["workspace_id", "member_id"], unique=False)

    op.create_table(
        "bulk_job_item",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "job_id"], ["bulk_job.workspace_id", "bulk_job.id"], name=op.f("fk_bulk_job_item_workspace_id_job_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_bulk_job_item_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_bulk_job_item")),
    )
    with op.batch_alter_table("bulk_job_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bulk_job_item_workspace_id_job_id_position"), ["workspace_id", "job_id", "position"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_bulk_job_item_workspace_id_subject_id"), ["workspace_id", "subject_id"], unique=False)

    op.create_table(
        "client",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PROSPECT", "HOT_LEAD", "ACTIVE", "INACTIVE", "BUYER", name="status", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "data_state",
            sa.Enum(
                "PRESENT",
                "HISTORY_DELETED",
                "CONTACT_DELETED",
                "ERASED",
                name="data_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "access_mode",
            sa.Enum(
                "NONE",
                "PURCHASED_CONTENT",
                "READ_ONLY",
                "PAY_ONLY",
                name="access_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("access_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "contact_kind",
            sa.Enum(
                "FRIEND",
                "FAMILY",
                "REFERRAL_SOURCE",
                "POTENTIAL_CLIENT",
                name="contact_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum(
                "STAFF", "INQUIRY", "PURCHASE", "IMPORT", "REENTRY", name="origin", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("reentry", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_client_account_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "coach_id"], ["member.workspace_id", "member.id"], name=op.f("fk_client_workspace_id_coach_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_client_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_client")),
    )
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_account_id"),
            ["workspace_id", "account_id"],
            unique=True,
            postgresql_where=sa.text("account_id IS NOT NULL"),
            sqlite_where=sa.text("account_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_coach_id_created_at_id"), ["workspace_id", "coach_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_coach_id_number_id"), ["workspace_id", "coach_id", "number", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_coach_id_sort_name_id"), ["workspace_id", "coach_id", "sort_name", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_client_workspace_id_created_at_id"), ["workspace_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_email"),
            ["workspace_id", "email"],
            unique=True,
            postgresql_where=sa.text("email IS NOT NULL AND data_state NOT IN ('CONTACT_DELETED', 'ERASED')"),
            sqlite_where=sa.text("email IS NOT NULL AND data_state NOT IN ('CONTACT_DELETED', 'ERASED')"),
        )
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_external_id"),
            ["workspace_id", "external_id"],
            unique=True,
            postgresql_where=sa.text("external_id IS NOT NULL"),
            sqlite_where=sa.text("external_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_client_workspace_id_number"), ["workspace_id", "number"], unique=True)
        batch_op.create_index(batch_op.f("ix_client_workspace_id_sort_name_id"), ["workspace_id", "sort_name", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_status_created_at_id"), ["workspace_id", "status", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_status_number_id"), ["workspace_id", "status", "number", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_client_workspace_id_status_sort_name_id"), ["workspace_id", "status", "sort_name", "id"], unique=False
        )

    op.create_table(
        "erasure_item",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("retained", sa.Integer(), nullable=False),
        sa.Column("verified", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "request_id"],
            ["erasure_request.workspace_id", "erasure_request.id"],
            name=op.f("fk_erasure_item_workspace_id_request_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_erasure_item_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_erasure_item")),
    )
    with op.batch_alter_table("erasure_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_erasure_item_workspace_id_request_id_category"), ["workspace_id", "request_id", "category"], unique=True
        )

    op.create_table(
        "erasure_receipt",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("client_number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "request_id"],
            ["erasure_request.workspace_id", "erasure_request.id"],
            name=op.f("fk_erasure_receipt_workspace_id_request_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_erasure_receipt_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_erasure_receipt")),
    )
    with op.batch_alter_table("erasure_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_receipt_workspace_id_position"), ["workspace_id", "position"], unique=True)
        batch_op.create_index(batch_op.f("ix_erasure_receipt_workspace_id_request_id"), ["workspace_id", "request_id"], unique=True)

    op.create_table(
        "group_event",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("type_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("actual_minutes", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "BOOKED", "COMPLETED", "CANCELLED", "NO_SHOW", "REMOVED", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "coaching_kind",
            sa.Enum(
                "INDIVIDUAL",
                "GROUP",
                "TEAM",
                "INTERNAL",
                "THIRD_PARTY",
                "MENTOR",
                "SUPERVISION",
                "PEER",
                name="coaching_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "coach_id"], ["member.workspace_id", "member.id"], name=op.f("fk_group_event_workspace_id_coach_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "type_id"],
            ["appointment_type.workspace_id", "appointment_type.id"],
            name=op.f("fk_group_event_workspace_id_type_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_group_event_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_group_event")),
    )
    with op.batch_alter_table("group_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_group_event_workspace_id_coach_id_starts_at_id"), ["workspace_id", "coach_id", "starts_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_group_event_workspace_id_starts_at_id"), ["workspace_id", "starts_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_event_workspace_id_type_id"), ["workspace_id", "type_id"], unique=False)

    op.create_table(
        "hour_ledger_entry",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "compensation",
            sa.Enum(
                "PAID",
                "PRO_BONO",
                "BARTER",
                "INTERNAL",
                "THIRD_PARTY",
                name="compensation",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "coaching_kind",
            sa.Enum(
                "INDIVIDUAL",
                "GROUP",
                "TEAM",
                "INTERNAL",
                "THIRD_PARTY",
                "MENTOR",
                "SUPERVISION",
                "PEER",
                name="coaching_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("group_size", sa.Integer(), nullable=True),
        sa.Column("client_number", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("attendance_id", sa.Uuid(), nullable=True),
        sa.Column(
            "counting_status",
            sa.Enum(
                "PROSPECT",
                "HOT_LEAD",
                "ACTIVE",
                "INACTIVE",
                "BUYER",
                name="counting_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("counts_override", sa.Boolean(), nullable=True),
        sa.Column("override_reason", sa.String(), nullable=True),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "coach_id"], ["member.workspace_id", "member.id"], name=op.f("fk_hour_ledger_entry_workspace_id_coach_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_hour_ledger_entry_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_hour_ledger_entry")),
    )
    with op.batch_alter_table("hour_ledger_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_hour_ledger_entry_workspace_id_appointment_id"), ["workspace_id", "appointment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_hour_ledger_entry_workspace_id_attendance_id"), ["workspace_id", "attendance_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_hour_ledger_entry_workspace_id_client_number"), ["workspace_id", "client_number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_hour_ledger_entry_workspace_id_coach_id_day_id"), ["workspace_id", "coach_id", "day", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hour_ledger_entry_workspace_id_day_id"), ["workspace_id", "day", "id"], unique=False)

    op.create_table(
        "member_grant",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "grant_name",
            sa.Enum("REACTIVATE", "ERASE", "HOLD", name="grant_name", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["member.workspace_id", "member.id"], name=op.f("fk_member_grant_workspace_id_member_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_member_grant_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_member_grant")),
    )
    with op.batch_alter_table("member_grant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_grant_workspace_id_member_id_grant_name"), ["workspace_id", "member_id", "grant_name"], unique=True
        )

    op.create_table(
        "module_version",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("module_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "module_id"], ["module.workspace_id", "module.id"], name=op.f("fk_module_version_workspace_id_module_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_module_version_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_module_version")),
    )
    with op.batch_alter_table("module_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_module_version_workspace_id_module_id_published_at"), ["workspace_id", "module_id", "published_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_module_version_workspace_id_module_id_version"), ["workspace_id", "module_id", "version"], unique=True
        )

    op.create_table(
        "package_item",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_type_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN module_id IS NULL THEN 0 ELSE 1 END + CASE WHEN appointment_type_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_package_item_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "appointment_type_id"],
            ["appointment_type.workspace_id", "appointment_type.id"],
            name=op.f("fk_package_item_workspace_id_appointment_type_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "module_id"], ["module.workspace_id", "module.id"], name=op.f("fk_package_item_workspace_id_module_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "package_id"], ["package.workspace_id", "package.id"], name=op.f("fk_package_item_workspace_id_package_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_package_item_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_package_item")),
    )
    with op.batch_alter_table("package_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_package_item_workspace_id_appointment_type_id"), ["workspace_id", "appointment_type_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_package_item_workspace_id_module_id_package_id"), ["workspace_id", "module_id", "package_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_package_item_workspace_id_package_id_position_id"),
            ["workspace_id", "package_id", "position", "id"],
            unique=False,
        )

    op.create_table(
        "product_item",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_type_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN module_id IS NULL THEN 0 ELSE 1 END + CASE WHEN appointment_type_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_product_item_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "appointment_type_id"],
            ["appointment_type.workspace_id", "appointment_type.id"],
            name=op.f("fk_product_item_workspace_id_appointment_type_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "module_id"], ["module.workspace_id", "module.id"], name=op.f("fk_product_item_workspace_id_module_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"], ["product.workspace_id", "product.id"], name=op.f("fk_product_item_workspace_id_product_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_product_item_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_product_item")),
    )
    with op.batch_alter_table("product_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_product_item_workspace_id_appointment_type_id"), ["workspace_id", "appointment_type_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_product_item_workspace_id_module_id_product_id"), ["workspace_id", "module_id", "product_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_product_item_workspace_id_product_id_position_id"),
            ["workspace_id", "product_id", "position", "id"],
            unique=False,
        )

    op.create_table(
        "report_run",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Enum("SEALED", "VOID", name="state", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("ledger_position", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.String(), nullable=False),
        sa.Column("totals", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_report_run_rule_set_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "coach_id"], ["member.workspace_id", "member.id"], name=op.f("fk_report_run_workspace_id_coach_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_report_run_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_report_run")),
    )
    with op.batch_alter_table("report_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_report_run_workspace_id_coach_id_sealed_at_id"), ["workspace_id", "coach_id", "sealed_at", "id"], unique=False
        )

    op.create_table(
        "attendance",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "BOOKED", "COMPLETED", "CANCELLED", "NO_SHOW", "REMOVED", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "booked_status",
            sa.Enum(
                "PROSPECT",
                "HOT_LEAD",
                "ACTIVE",
                "INACTIVE",
                "BUYER",
                name="booked_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "counting_status",
            sa.Enum(
                "PROSPECT",
                "HOT_LEAD",
                "ACTIVE",
                "INACTIVE",
                "BUYER",
                name="counting_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "compensation",
            sa.Enum(
                "PAID",
                "PRO_BONO",
                "BARTER",
                "INTERNAL",
                "THIRD_PARTY",
                name="compensation",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("counts_override", sa.Boolean(), nullable=True),
        sa.Column("override_reason", sa.String(), nullable=True),
        sa.Column("removed_batch_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_attendance_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "event_id"], ["group_event.workspace_id", "group_event.id"], name=op.f("fk_attendance_workspace_id_event_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_attendance_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_attendance")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attendance_workspace_id_client_id_at_id"), ["workspace_id", "client_id", "at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_attendance_workspace_id_event_id_client_id"), ["workspace_id", "event_id", "client_id"], unique=True
        )

    op.create_table(
        "client_document",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_client_document_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["member.workspace_id", "member.id"], name=op.f("fk_client_document_workspace_id_member_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_client_document_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_client_document")),
    )
    with op.batch_alter_table("client_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_client_document_workspace_id_client_id_shared_at_id"),
            ["workspace_id", "client_id", "shared_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_client_document_workspace_id_member_id"), ["workspace_id", "member_id"], unique=False)

    op.create_table(
        "client_field",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_client_field_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_client_field_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_client_field")),
    )
    with op.batch_alter_table("client_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_field_workspace_id_client_id_name"), ["workspace_id", "client_id", "name"], unique=True)

    op.create_table(
        "client_search_term",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_client_search_term_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_client_search_term_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_client_search_term")),
    )
    with op.batch_alter_table("client_search_term", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_search_term_workspace_id_client_id"), ["workspace_id", "client_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_client_search_term_workspace_id_term_client_id"), ["workspace_id", "term", "client_id"], unique=True
        )

    op.create_table(
        "client_status_change",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "PROSPECT", "HOT_LEAD", "ACTIVE", "INACTIVE", "BUYER", name="before", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "PROSPECT", "HOT_LEAD", "ACTIVE", "INACTIVE", "BUYER", name="after", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "access_mode",
            sa.Enum(
                "NONE",
                "PURCHASED_CONTENT",
                "READ_ONLY",
                "PAY_ONLY",
                name="access_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "data_state",
            sa.Enum(
                "PRESENT",
                "HISTORY_DELETED",
                "CONTACT_DELETED",
                "ERASED",
                name="data_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_client_status_change_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_client_status_change_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_client_status_change")),
    )
    with op.batch_alter_table("client_status_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_client_status_change_workspace_id_client_id_at_id"), ["workspace_id", "client_id", "at", "id"], unique=False
        )

    op.create_table(
        "client_tag",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_client_tag_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_client_tag_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_client_tag")),
    )
    with op.batch_alter_table("client_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_tag_workspace_id_client_id_tag"), ["workspace_id", "client_id", "tag"], unique=True)
        batch_op.create_index(batch_op.f("ix_client_tag_workspace_id_tag_client_id"), ["workspace_id", "tag", "client_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("CERT_LOG", "RECORDING", "MARKETING", name="purpose", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_consent_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_consent_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_workspace_id_client_id_purpose_given_at"),
            ["workspace_id", "client_id", "purpose", "given_at"],
            unique=False,
        )

    op.create_table(
        "document",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("module_version_id", sa.Uuid(), nullable=True),
        sa.Column("page_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "module_version_id"],
            ["module_version.workspace_id", "module_version.id"],
            name=op.f("fk_document_workspace_id_module_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "page_id"], ["page.workspace_id", "page.id"], name=op.f("fk_document_workspace_id_page_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_document_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_workspace_id_module_version_id_added_at_id"),
            ["workspace_id", "module_version_id", "added_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_document_workspace_id_page_id_added_at_id"), ["workspace_id", "page_id", "added_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_document_workspace_id_title_id"), ["workspace_id", "title", "id"], unique=False)

    op.create_table(
        "enrollment",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("ACTIVE", "DEACTIVATED", "DELETED", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "frozen_reason",
            sa.Enum(
                "PAYMENT_DECLINED",
                "PACKAGE_EXPIRED",
                "SUBSCRIPTION_CANCELLED",
                "COACH_DECISION",
                name="frozen_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "deleted_reason",
            sa.Enum("CLIENT_REQUESTED", "COACH_DECISION", name="deleted_reason", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column(
            "version_policy",
            sa.Enum("LATEST", "PINNED", name="version_policy", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "payment_status",
            sa.Enum(
                "NOT_REQUIRED",
                "CURRENT",
                "DECLINED",
                "CANCELLED",
                "EXPIRED",
                name="payment_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("paid_through", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'DEACTIVATED') = (frozen_at IS NOT NULL) OR state = 'DELETED'", name=op.f("ck_enrollment_frozen_at")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_enrollment_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "package_id"], ["package.workspace_id", "package.id"], name=op.f("fk_enrollment_workspace_id_package_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_enrollment_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_enrollment")),
    )
    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enrollment_workspace_id_client_id_enrolled_at_id"),
            ["workspace_id", "client_id", "enrolled_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_enrollment_workspace_id_client_id_package_id"),
            ["workspace_id", "client_id", "package_id"],
            unique=True,
            postgresql_where=sa.text("state <> 'DELETED'"),
            sqlite_where=sa.text("state <> 'DELETED'"),
        )
        batch_op.create_index(
            batch_op.f("ix_enrollment_workspace_id_package_id_enrolled_at_id"),
            ["workspace_id", "package_id", "enrolled_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_enrollment_workspace_id_package_id_state_enrolled_at_id"),
            ["workspace_id", "package_id", "state", "enrolled_at", "id"],
            unique=False,
        )

    op.create_table(
        "estimate",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("DRAFT", "SENT", "ACCEPTED", "DECLINED", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_estimate_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_estimate_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_estimate")),
    )
    with op.batch_alter_table("estimate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_estimate_workspace_id_client_id_issued_at_id"), ["workspace_id", "client_id", "issued_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_estimate_workspace_id_issued_at_id"), ["workspace_id", "issued_at", "id"], unique=False)

    op.create_table(
        "form_response",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_form_response_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "form_id"], ["form.workspace_id", "form.id"], name=op.f("fk_form_response_workspace_id_form_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_form_response_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_form_response")),
    )
    with op.batch_alter_table("form_response", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_form_response_workspace_id_client_id_answered_at_id"),
            ["workspace_id", "client_id", "answered_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_form_response_workspace_id_form_id_answered_at_id"),
            ["workspace_id", "form_id", "answered_at", "id"],
            unique=False,
        )

    op.create_table(
        "legal_hold",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_legal_hold_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_legal_hold_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_legal_hold")),
    )
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_hold_workspace_id_client_id"), ["workspace_id", "client_id"], unique=False)

    op.create_table(
        "login_session",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_session_account_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_login_session_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["member.workspace_id", "member.id"], name=op.f("fk_login_session_workspace_id_member_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_login_session_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_login_session")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_session_workspace_id_client_id"), ["workspace_id", "client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_session_workspace_id_member_id"), ["workspace_id", "member_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column(
            "direction",
            sa.Enum("FROM_CLIENT", "FROM_STAFF", name="direction", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_message_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "conversation_id"],
            ["conversation.workspace_id", "conversation.id"],
            name=op.f("fk_message_workspace_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["member.workspace_id", "member.id"], name=op.f("fk_message_workspace_id_member_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_message_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_workspace_id_client_id_sent_at_id"), ["workspace_id", "client_id", "sent_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_message_workspace_id_conversation_id_sent_at_id"),
            ["workspace_id", "conversation_id", "sent_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_message_workspace_id_member_id"), ["workspace_id", "member_id"], unique=False)

    op.create_table(
        "outbound_message",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_outbound_message_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_outbound_message_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_outbound_message")),
    )
    with op.batch_alter_table("outbound_message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbound_message_workspace_id_client_id_created_at"), ["workspace_id", "client_id", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outbound_message_workspace_id_sent_at_created_at"), ["workspace_id", "sent_at", "created_at"], unique=False
        )

    op.create_table(
        "participant",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_participant_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "conversation_id"],
            ["conversation.workspace_id", "conversation.id"],
            name=op.f("fk_participant_workspace_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_participant_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_participant")),
    )
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_participant_workspace_id_client_id_conversation_id"),
            ["workspace_id", "client_id", "conversation_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_participant_workspace_id_conversation_id_client_id"),
            ["workspace_id", "conversation_id", "client_id"],
            unique=True,
        )

    op.create_table(
        "purchase",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("purchased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_purchase_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"], ["product.workspace_id", "product.id"], name=op.f("fk_purchase_workspace_id_product_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_purchase_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_purchase")),
    )
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_workspace_id_client_id_purchased_at_id"),
            ["workspace_id", "client_id", "purchased_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_workspace_id_product_id_purchased_at_id"),
            ["workspace_id", "product_id", "purchased_at", "id"],
            unique=False,
        )

    op.create_table(
        "service_template",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("type_id", sa.Uuid(), nullable=False),
        sa.Column("recurrence", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_batch_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_service_template_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "coach_id"], ["member.workspace_id", "member.id"], name=op.f("fk_service_template_workspace_id_coach_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "type_id"],
            ["appointment_type.workspace_id", "appointment_type.id"],
            name=op.f("fk_service_template_workspace_id_type_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_service_template_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_service_template")),
    )
    with op.batch_alter_table("service_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_service_template_workspace_id_client_id_starts_on_id"),
            ["workspace_id", "client_id", "starts_on", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_service_template_workspace_id_coach_id"), ["workspace_id", "coach_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_template_workspace_id_type_id"), ["workspace_id", "type_id"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("type_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("enrollment_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("actual_minutes", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "BOOKED", "COMPLETED", "CANCELLED", "NO_SHOW", "REMOVED", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "booked_status",
            sa.Enum(
                "PROSPECT",
                "HOT_LEAD",
                "ACTIVE",
                "INACTIVE",
                "BUYER",
                name="booked_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "counting_status",
            sa.Enum(
                "PROSPECT",
                "HOT_LEAD",
                "ACTIVE",
                "INACTIVE",
                "BUYER",
                name="counting_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("counts_override", sa.Boolean(), nullable=True),
        sa.Column("override_reason", sa.String(), nullable=True),
        sa.Column(
            "compensation",
            sa.Enum(
                "PAID",
                "PRO_BONO",
                "BARTER",
                "INTERNAL",
                "THIRD_PARTY",
                name="compensation",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "coaching_kind",
            sa.Enum(
                "INDIVIDUAL",
                "GROUP",
                "TEAM",
                "INTERNAL",
                "THIRD_PARTY",
                "MENTOR",
                "SUPERVISION",
                "PEER",
                name="coaching_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("direct_report", sa.Boolean(), nullable=False),
        sa.Column("removed_batch_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_appointment_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "coach_id"], ["member.workspace_id", "member.id"], name=op.f("fk_appointment_workspace_id_coach_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "enrollment_id"],
            ["enrollment.workspace_id", "enrollment.id"],
            name=op.f("fk_appointment_workspace_id_enrollment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "template_id"],
            ["service_template.workspace_id", "service_template.id"],
            name=op.f("fk_appointment_workspace_id_template_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "type_id"],
            ["appointment_type.workspace_id", "appointment_type.id"],
            name=op.f("fk_appointment_workspace_id_type_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_appointment_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_appointment_workspace_id_client_id_starts_at_id"), ["workspace_id", "client_id", "starts_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_appointment_workspace_id_coach_id_starts_at_id"), ["workspace_id", "coach_id", "starts_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_appointment_workspace_id_enrollment_id"), ["workspace_id", "enrollment_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_appointment_workspace_id_removed_batch_id"), ["workspace_id", "removed_batch_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_appointment_workspace_id_starts_at_id"), ["workspace_id", "starts_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_workspace_id_template_id"), ["workspace_id", "template_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_workspace_id_type_id"), ["workspace_id", "type_id"], unique=False)

    op.create_table(
        "audience",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=True),
        sa.Column("form_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "PROSPECT", "HOT_LEAD", "ACTIVE", "INACTIVE", "BUYER", name="status", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("package_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN page_id IS NULL THEN 0 ELSE 1 END + CASE WHEN form_id IS NULL THEN 0 ELSE 1 END + CASE WHEN document_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_audience_one_resource"),
        ),
        sa.CheckConstraint(
            "CASE WHEN status IS NULL THEN 0 ELSE 1 END + CASE WHEN client_id IS NULL THEN 0 ELSE 1 END + CASE WHEN package_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_audience_one_audience"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_audience_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "document_id"], ["document.workspace_id", "document.id"], name=op.f("fk_audience_workspace_id_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "form_id"], ["form.workspace_id", "form.id"], name=op.f("fk_audience_workspace_id_form_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "package_id"], ["package.workspace_id", "package.id"], name=op.f("fk_audience_workspace_id_package_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "page_id"], ["page.workspace_id", "page.id"], name=op.f("fk_audience_workspace_id_page_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_audience_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_audience")),
    )
    with op.batch_alter_table("audience", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audience_workspace_id_client_id"), ["workspace_id", "client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audience_workspace_id_document_id"), ["workspace_id", "document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audience_workspace_id_form_id"), ["workspace_id", "form_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audience_workspace_id_package_id"), ["workspace_id", "package_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audience_workspace_id_page_id"), ["workspace_id", "page_id"], unique=False)

    op.create_table(
        "document_revision",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "document_id"],
            ["document.workspace_id", "document.id"],
            name=op.f("fk_document_revision_workspace_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_document_revision_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_document_revision")),
    )
    with op.batch_alter_table("document_revision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_revision_workspace_id_document_id_revised_at"),
            ["workspace_id", "document_id", "revised_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_document_revision_workspace_id_document_id_revision"), ["workspace_id", "document_id", "revision"], unique=True
        )

    op.create_table(
        "enrollment_change",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "before",
            sa.Enum("ACTIVE", "DEACTIVATED", "DELETED", name="before", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column(
            "after",
            sa.Enum("ACTIVE", "DEACTIVATED", "DELETED", name="after", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "enrollment_id"],
            ["enrollment.workspace_id", "enrollment.id"],
            name=op.f("fk_enrollment_change_workspace_id_enrollment_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_enrollment_change_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_enrollment_change")),
    )
    with op.batch_alter_table("enrollment_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enrollment_change_workspace_id_enrollment_id_at_id"), ["workspace_id", "enrollment_id", "at", "id"], unique=False
        )

    op.create_table(
        "enrollment_gap",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "enrollment_id"],
            ["enrollment.workspace_id", "enrollment.id"],
            name=op.f("fk_enrollment_gap_workspace_id_enrollment_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_enrollment_gap_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_enrollment_gap")),
    )
    with op.batch_alter_table("enrollment_gap", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enrollment_gap_workspace_id_enrollment_id_from_at"), ["workspace_id", "enrollment_id", "from_at"], unique=False
        )

    op.create_table(
        "invoice",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("snapshot_name", sa.String(), nullable=False),
        sa.Column("snapshot_address", sa.String(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("DRAFT", "OPEN", "PAID", "VOID", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_invoice_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "enrollment_id"],
            ["enrollment.workspace_id", "enrollment.id"],
            name=op.f("fk_invoice_workspace_id_enrollment_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_invoice_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_invoice")),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_workspace_id_client_id_issued_at_id"), ["workspace_id", "client_id", "issued_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_invoice_workspace_id_enrollment_id"), ["workspace_id", "enrollment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_workspace_id_issued_at_id"), ["workspace_id", "issued_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_workspace_id_number"), ["workspace_id", "number"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_invoice_workspace_id_state_issued_at_id"), ["workspace_id", "state", "issued_at", "id"], unique=False
        )

    op.create_table(
        "refresh_token",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "session_id"],
            ["login_session.workspace_id", "login_session.id"],
            name=op.f("fk_refresh_token_workspace_id_session_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_refresh_token_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_refresh_token")),
    )
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refresh_token_workspace_id_session_id"), ["workspace_id", "session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_refresh_token_workspace_id_token_hash"), ["workspace_id", "token_hash"], unique=True)

    op.create_table(
        "release",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("module_version_id", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "enrollment_id"],
            ["enrollment.workspace_id", "enrollment.id"],
            name=op.f("fk_release_workspace_id_enrollment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "module_version_id"],
            ["module_version.workspace_id", "module_version.id"],
            name=op.f("fk_release_workspace_id_module_version_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_release_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_release")),
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_release_workspace_id_enrollment_id_module_version_id"),
            ["workspace_id", "enrollment_id", "module_version_id"],
            unique=True,
        )
        batch_op.create_index(batch_op.f("ix_release_workspace_id_module_version_id"), ["workspace_id", "module_version_id"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("LIVE", "ENDING", "CANCELLED", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "enrollment_id"],
            ["enrollment.workspace_id", "enrollment.id"],
            name=op.f("fk_subscription_workspace_id_enrollment_id"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_subscription_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_workspace_id_enrollment_id"), ["workspace_id", "enrollment_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("SUCCEEDED", "DECLINED", "REFUNDED", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum("CARD", "BANK_TRANSFER", "DIRECT_DEBIT", "CASH", name="method", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"], ["client.workspace_id", "client.id"], name=op.f("fk_payment_workspace_id_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "invoice_id"], ["invoice.workspace_id", "invoice.id"], name=op.f("fk_payment_workspace_id_invoice_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_payment_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_payment")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payment_workspace_id_client_id_paid_at_id"), ["workspace_id", "client_id", "paid_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_payment_workspace_id_invoice_id_paid_at_id"), ["workspace_id", "invoice_id", "paid_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_payment_workspace_id_paid_at_id"), ["workspace_id", "paid_at", "id"], unique=False)



def downgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_workspace_id_paid_at_id"))
        batch_op.drop_index(batch_op.f("ix_payment_workspace_id_invoice_id_paid_at_id"))
        batch_op.drop_index(batch_op.f("ix_payment_workspace_id_client_id_paid_at_id"))

    op.drop_table("payment")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_workspace_id_enrollment_id"))

    op.drop_table("subscription")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_workspace_id_module_version_id"))
        batch_op.drop_index(batch_op.f("ix_release_workspace_id_enrollment_id_module_version_id"))

    op.drop_table("release")
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refresh_token_workspace_id_token_hash"))
        batch_op.drop_index(batch_op.f("ix_refresh_token_workspace_id_session_id"))

    op.drop_table("refresh_token")
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_workspace_id_state_issued_at_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_workspace_id_number"))
        batch_op.drop_index(batch_op.f("ix_invoice_workspace_id_issued_at_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_workspace_id_enrollment_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_workspace_id_client_id_issued_at_id"))

    op.drop_table("invoice")
    with op.batch_alter_table("enrollment_gap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrollment_gap_workspace_id_enrollment_id_from_at"))

    op.drop_table("enrollment_gap")
    with op.batch_alter_table("enrollment_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrollment_change_workspace_id_enrollment_id_at_id"))

    op.drop_table("enrollment_change")
    with op.batch_alter_table("document_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_revision_workspace_id_document_id_revision"))
        batch_op.drop_index(batch_op.f("ix_document_revision_workspace_id_document_id_revised_at"))

    op.drop_table("document_revision")
    with op.batch_alter_table("audience", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audience_workspace_id_page_id"))
        batch_op.drop_index(batch_op.f("ix_audience_workspace_id_package_id"))
        batch_op.drop_index(batch_op.f("ix_audience_workspace_id_form_id"))
        batch_op.drop_index(batch_op.f("ix_audience_workspace_id_document_id"))
        batch_op.drop_index(batch_op.f("ix_audience_workspace_id_client_id"))

    op.drop_table("audience")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_workspace_id_type_id"))
        batch_op.drop_index(batch_op.f("ix_appointment_workspace_id_template_id"))
        batch_op.drop_index(batch_op.f("ix_appointment_workspace_id_starts_at_id"))
        batch_op.drop_index(batch_op.f("ix_appointment_workspace_id_removed_batch_id"))
        batch_op.drop_index(batch_op.f("ix_appointment_workspace_id_enrollment_id"))
        batch_op.drop_index(batch_op.f("ix_appointment_workspace_id_coach_id_starts_at_id"))
        batch_op.drop_index(batch_op.f("ix_appointment_workspace_id_client_id_starts_at_id"))

    op.drop_table("appointment")
    with op.batch_alter_table("service_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_template_workspace_id_type_id"))
        batch_op.drop_index(batch_op.f("ix_service_template_workspace_id_coach_id"))
        batch_op.drop_index(batch_op.f("ix_service_template_workspace_id_client_id_starts_on_id"))

    op.drop_table("service_template")
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_workspace_id_product_id_purchased_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_workspace_id_client_id_purchased_at_id"))

    op.drop_table("purchase")
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_participant_workspace_id_conversation_id_client_id"))
        batch_op.drop_index(batch_op.f("ix_participant_workspace_id_client_id_conversation_id"))

    op.drop_table("participant")
    with op.batch_alter_table("outbound_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbound_message_workspace_id_sent_at_created_at"))
        batch_op.drop_index(batch_op.f("ix_outbound_message_workspace_id_client_id_created_at"))

    op.drop_table("outbound_message")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_workspace_id_member_id"))
        batch_op.drop_index(batch_op.f("ix_message_workspace_id_conversation_id_sent_at_id"))
        batch_op.drop_index(batch_op.f("ix_message_workspace_id_client_id_sent_at_id"))

    op.drop_table("message")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_workspace_id_member_id"))
        batch_op.drop_index(batch_op.f("ix_login_session_workspace_id_client_id"))
        batch_op.drop_index(batch_op.f("ix_login_session_account_id"))

    op.drop_table("login_session")
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_hold_workspace_id_client_id"))

    op.drop_table("legal_hold")
    with op.batch_alter_table("form_response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_response_workspace_id_form_id_answered_at_id"))
        batch_op.drop_index(batch_op.f("ix_form_response_workspace_id_client_id_answered_at_id"))

    op.drop_table("form_response")
    with op.batch_alter_table("estimate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_estimate_workspace_id_issued_at_id"))
        batch_op.drop_index(batch_op.f("ix_estimate_workspace_id_client_id_issued_at_id"))

    op.drop_table("estimate")
    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrollment_workspace_id_package_id_state_enrolled_at_id"))
        batch_op.drop_index(batch_op.f("ix_enrollment_workspace_id_package_id_enrolled_at_id"))
        batch_op.drop_index(
            batch_op.f("ix_enrollment_workspace_id_client_id_package_id"),
            postgresql_where=sa.text("state <> 'DELETED'"),
            sqlite_where=sa.text("state <> 'DELETED'"),
        )
        batch_op.drop_index(batch_op.f("ix_enrollment_workspace_id_client_id_enrolled_at_id"))

    op.drop_table("enrollment")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_workspace_id_title_id"))
        batch_op.drop_index(batch_op.f("ix_document_workspace_id_page_id_added_at_id"))
        batch_op.drop_index(batch_op.f("ix_document_workspace_id_module_version_id_added_at_id"))

    op.drop_table("document")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_workspace_id_client_id_purpose_given_at"))

    op.drop_table("consent")
    with op.batch_alter_table("client_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_tag_workspace_id_tag_client_id"))
        batch_op.drop_index(batch_op.f("ix_client_tag_workspace_id_client_id_tag"))

    op.drop_table("client_tag")
    with op.batch_alter_table("client_status_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_status_change_workspace_id_client_id_at_id"))

    op.drop_table("client_status_change")
    with op.batch_alter_table("client_search_term", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_search_term_workspace_id_term_client_id"))
        batch_op.drop_index(batch_op.f("ix_client_search_term_workspace_id_client_id"))

    op.drop_table("client_search_term")
    with op.batch_alter_table("client_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_field_workspace_id_client_id_name"))

    op.drop_table("client_field")
    with op.batch_alter_table("client_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_document_workspace_id_member_id"))
        batch_op.drop_index(batch_op.f("ix_client_document_workspace_id_client_id_shared_at_id"))

    op.drop_table("client_document")
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_workspace_id_event_id_client_id"))
        batch_op.drop_index(batch_op.f("ix_attendance_workspace_id_client_id_at_id"))

    op.drop_table("attendance")
    with op.batch_alter_table("report_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_run_workspace_id_coach_id_sealed_at_id"))

    op.drop_table("report_run")
    with op.batch_alter_table("product_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_item_workspace_id_product_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_product_item_workspace_id_module_id_product_id"))
        batch_op.drop_index(batch_op.f("ix_product_item_workspace_id_appointment_type_id"))

    op.drop_table("product_item")
    with op.batch_alter_table("package_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_package_item_workspace_id_package_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_package_item_workspace_id_module_id_package_id"))
        batch_op.drop_index(batch_op.f("ix_package_item_workspace_id_appointment_type_id"))

    op.drop_table("package_item")
    with op.batch_alter_table("module_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_module_version_workspace_id_module_id_version"))
        batch_op.drop_index(batch_op.f("ix_module_version_workspace_id_module_id_published_at"))

    op.drop_table("module_version")
    with op.batch_alter_table("member_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_grant_workspace_id_member_id_grant_name"))

    op.drop_table("member_grant")
    with op.batch_alter_table("hour_ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hour_ledger_entry_workspace_id_day_id"))
        batch_op.drop_index(batch_op.f("ix_hour_ledger_entry_workspace_id_coach_id_day_id"))
        batch_op.drop_index(batch_op.f("ix_hour_ledger_entry_workspace_id_client_number"))
        batch_op.drop_index(batch_op.f("ix_hour_ledger_entry_workspace_id_attendance_id"))
        batch_op.drop_index(batch_op.f("ix_hour_ledger_entry_workspace_id_appointment_id"))

    op.drop_table("hour_ledger_entry")
    with op.batch_alter_table("group_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_event_workspace_id_type_id"))
        batch_op.drop_index(batch_op.f("ix_group_event_workspace_id_starts_at_id"))
        batch_op.drop_index(batch_op.f("ix_group_event_workspace_id_coach_id_starts_at_id"))

    op.drop_table("group_event")
    with op.batch_alter_table("erasure_receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_receipt_workspace_id_request_id"))
        batch_op.drop_index(batch_op.f("ix_erasure_receipt_workspace_id_position"))

    op.drop_table("erasure_receipt")
    with op.batch_alter_table("erasure_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_item_workspace_id_request_id_category"))

    op.drop_table("erasure_item")
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_status_sort_name_id"))
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_status_number_id"))
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_sort_name_id"))
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_number"))
        batch_op.drop_index(
            batch_op.f("ix_client_workspace_id_external_id"),
            postgresql_where=sa.text("external_id IS NOT NULL"),
            sqlite_where=sa.text("external_id IS NOT NULL"),
        )
        batch_op.drop_index(
            batch_op.f("ix_client_workspace_id_email"),
            postgresql_where=sa.text("email IS NOT NULL AND data_state NOT IN ('CONTACT_DELETED', 'ERASED')"),
            sqlite_where=sa.text("email IS NOT NULL AND data_state NOT IN ('CONTACT_DELETED', 'ERASED')"),
        )
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_coach_id_sort_name_id"))
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_coach_id_number_id"))
        batch_op.drop_index(batch_op.f("ix_client_workspace_id_coach_id_created_at_id"))
        batch_op.drop_index(
            batch_op.f("ix_client_workspace_id_account_id"),
            postgresql_where=sa.text("account_id IS NOT NULL"),
            sqlite_where=sa.text("account_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_client_account_id"))

    op.drop_table("client")
    with op.batch_alter_table("bulk_job_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_job_item_workspace_id_subject_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_job_item_workspace_id_job_id_position"))

    op.drop_table("bulk_job_item")
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_workspace_id_member_id"))

    op.drop_table("api_key")
    with op.batch_alter_table("transition_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transition_plan_workspace_id_token_hash"))
        batch_op.drop_index(batch_op.f("ix_transition_plan_workspace_id_expires_at"))

    op.drop_table("transition_plan")
    with op.batch_alter_table("suppression_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suppression_entry_workspace_id_identifier_hash"))

    op.drop_table("suppression_entry")
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suggestion_workspace_id_subject_id"))
        batch_op.drop_index(batch_op.f("ix_suggestion_workspace_id_dismissed_at_created_at"))

    op.drop_table("suggestion")
    with op.batch_alter_table("sealed_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sealed_item_workspace_id_purge_after"))
        batch_op.drop_index(batch_op.f("ix_sealed_item_workspace_id_client_number"))

    op.drop_table("sealed_item")
    with op.batch_alter_table("scheduled_transition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scheduled_transition_workspace_id_subject_id"))
        batch_op.drop_index(batch_op.f("ix_scheduled_transition_workspace_id_state_due_at"))

    op.drop_table("scheduled_transition")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_workspace_id_name_id"))

    op.drop_table("product")
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_page_workspace_id_title_id"))

    op.drop_table("page")
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_package_workspace_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_package_workspace_id_created_at_id"))

    op.drop_table("package")
    with op.batch_alter_table("outbox_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_event_workspace_id_subject_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_event_workspace_id_sent_at_locked_until"))
        batch_op.drop_index(batch_op.f("ix_outbox_event_workspace_id_position"))

    op.drop_table("outbox_event")
    with op.batch_alter_table("module", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_module_workspace_id_title_id"))

    op.drop_table("module")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_workspace_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_member_workspace_id_account_id"))
        batch_op.drop_index(batch_op.f("ix_member_account_id"))

    op.drop_table("member")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_run_workspace_id_started_at_id"))

    op.drop_table("import_run")
    with op.batch_alter_table("idempotency_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_record_workspace_id_expires_at"))
        batch_op.drop_index(batch_op.f("ix_idempotency_record_workspace_id_actor_key"))

    op.drop_table("idempotency_record")
    with op.batch_alter_table("form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_workspace_id_title_id"))

    op.drop_table("form")
    with op.batch_alter_table("external_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_identity_account_id"))

    op.drop_table("external_identity")
    with op.batch_alter_table("export_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_export_file_workspace_id_subject_id"))
        batch_op.drop_index(batch_op.f("ix_export_file_workspace_id_expires_at"))

    op.drop_table("export_file")
    with op.batch_alter_table("erasure_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_request_workspace_id_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_erasure_request_workspace_id_client_number"))

    op.drop_table("erasure_request")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_workspace_id_state_last_message_at_id"))
        batch_op.drop_index(batch_op.f("ix_conversation_workspace_id_last_message_at_id"))

    op.drop_table("conversation")
    with op.batch_alter_table("bulk_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_job_workspace_id_state_created_at"))
        batch_op.drop_index(batch_op.f("ix_bulk_job_workspace_id_created_at_id"))

    op.drop_table("bulk_job")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_workspace_id_undo_until"))
        batch_op.drop_index(batch_op.f("ix_batch_workspace_id_subject_id_at"))

    op.drop_table("batch")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_workspace_id_subject_id_at_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_workspace_id_at_id"))

    op.drop_table("audit_event")
    with op.batch_alter_table("appointment_type", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_type_workspace_id_name_id"))

    op.drop_table("appointment_type")
    op.drop_table("workspace")
    with op.batch_alter_table("rule_set", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_set_code"))

    op.drop_table("rule_set")
    op.drop_table("retention_rule")
    op.drop_table("account")
