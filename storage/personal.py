"""Every text column that there is: whether it may speak of a client, and what becomes of it when the client is deleted.

A test compares this with the tables: a new column is declared here, or the tests fail.
"""

from typing import Final

_OWN: Final = "emptied with the client's own row, last of all"
_LOGIN: Final = "deleted with the account, where nobody else uses it"

#: Columns that may hold personal data of a client. Without a sentence the rows are deleted, or the column emptied, by
#: `resolvers/erasure/going.py`; with one, it says who else takes care.
PERSONAL: Final[dict[str, str]] = {
    **{f"client.{name}": _OWN for name in ("name", "sort_name", "email", "phone", "address", "notes", "external_id")},
    "account.username": _LOGIN,
    "account.password_hash": _LOGIN,
    "external_identity.subject": _LOGIN,
    "sealed_item.body": "kept as long as the law says, and then deleted",
    "bulk_job.input": "words of a member about many clients; the search finds a person named in them",
    **dict.fromkeys(
        (
            *("client_tag.tag", "client_field.name", "client_field.value", "client_search_term.term", "consent.evidence"),
            *("message.body", "conversation.subject", "outbound_message.payload", "form_response.answers"),
            *("client_document.title", "client_document.storage_key"),
            *("estimate.title", "invoice.title", "invoice.snapshot_name", "invoice.snapshot_address"),
            *("appointment.override_reason", "attendance.override_reason", "hour_ledger_entry.override_reason"),
            *("client_status_change.reason", "enrollment_change.reason", "audit_event.reason", "legal_hold.reason"),
            *("batch.memory", "scheduled_transition.input", "refresh_token.token_hash", "one_time_link.token_hash"),
        ),
        "",
    ),
}
#: Columns that hold none: words of the workspace's own, opaque ids and hashes, states and codes.
IMPERSONAL: Final[frozenset[str]] = frozenset(
    f"{table}.{column}"
    for table, columns in {
        "api_key": "name prefix secret_hash",
        "appointment_type": "name",
        "audit_event": "actor action subject_kind before after detail request_id",
        "batch": "transition actor",
        "bulk_job": "transition error_policy actor code",
        "bulk_job_item": "bound code result",
        "client_document": "media_type",
        "client_status_change": "transition actor",
        "document": "title withdrawn_reason",
        "document_revision": "title media_type storage_key",
        "enrollment_change": "transition actor",
        "erasure_item": "category",
        "erasure_receipt": "body previous_hash content_hash signature",
        "erasure_request": "parts actor blocked_by found",
        "estimate": "currency",
        "export_file": "kind actor asked",
        "external_identity": "issuer",
        "form": "title questions",
        "group_event": "title",
        "idempotency_record": "actor key request_hash response",
        "import_run": "file_hash",
        "invoice": "currency",
        "login_session": "revoked_reason",
        "member": "name email timezone",
        "module": "title withdrawn_reason",
        "module_version": "title body",
        "outbound_message": "channel template",
        "outbox_event": "name subject_kind payload",
        "package": "name summary currency",
        "page": "title body",
        "payment": "currency",
        "product": "name summary currency",
        "purchase": "currency",
        "report_run": "content content_hash void_reason",
        "retention_rule": "reason source",
        "rule_set": "code title thresholds source_url",
        "scheduled_transition": "transition actor outcome",
        "sealed_item": "category reason",
        "service_template": "recurrence start_time",
        "subscription": "currency",
        "suggestion": "transition",
        "suppression_entry": "identifier_hash",
        "transition_plan": "token_hash transition actor fingerprint input_hash effects",
        "workspace": "name slug country timezone currency",
    }.items()
    for column in columns.split()
)
