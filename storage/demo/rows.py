"""The rows under way to a database: tuples by table, in the order of the columns named here; what is left out is NULL."""

Rows = dict[str, list[tuple[object, ...]]]

_OWNED = "workspace_id id "
COLUMNS: dict[str, tuple[str, ...]] = {
    table: tuple((columns if table in {"workspace", "account"} else _OWNED + columns).split())
    for table, columns in {
        "workspace": "id name slug country timezone currency keep_hours_on_erasure erasure_grace_hours erasure_by_two"
        " undo_window_hours default_access_mode"
        " counting_basis messaging_when_frozen statistics_threshold created_at version",
        "account": "id username password_hash created_at",
        "member": "account_id name email role created_at",
        "member_grant": "member_id grant_name granted_at",
        "appointment_type": "name sample coaching coaching_kind planned_minutes",
        "package": "name summary billing price_minor currency duration_days coaching drip on_expiry on_declined"
        " declined_grace_days on_recovered archived_at"
        " version created_at",
        "module": "title archived_at withdrawn_at withdrawn_reason version created_at",
        "module_version": "module_id version title body published_at created_at",
        "package_item": "package_id position module_id appointment_type_id quantity added_at",
        "product": "name summary price_minor currency on_sale created_at",
        "product_item": "product_id position module_id appointment_type_id quantity added_at",
        "page": "title body published_at created_at",
        "form": "title questions published_at created_at",
        "document": "module_version_id page_id title added_at withdrawn_at withdrawn_reason",
        "document_revision": "document_id revision title media_type byte_size storage_key revised_at",
        "audience": "page_id form_id document_id status client_id package_id",
        "client": "number account_id coach_id status status_since data_state access_mode contact_kind origin reentry name"
        " sort_name email phone"
        " address notes version created_at",
        "client_tag": "client_id tag",
        "client_field": "client_id name value",
        "client_search_term": "client_id term",
        "client_status_change": "client_id before after access_mode data_state at transition actor reason batch_id",
        "consent": "client_id purpose given_at withdrawn_at evidence",
        "form_response": "form_id client_id answers answered_at",
        "enrollment": "client_id package_id state enrolled_at frozen_at frozen_reason deleted_at deleted_reason"
        " version_policy payment_status"
        " paid_through declined_at expires_at version",
        "enrollment_change": "enrollment_id before after frozen_at at transition actor reason",
        "enrollment_gap": "enrollment_id from_at until_at",
        "release": "enrollment_id module_version_id released_at",
        "subscription": "enrollment_id state amount_minor currency period_end started_at ended_at",
        "purchase": "client_id product_id purchased_at price_minor currency",
        "service_template": "client_id coach_id type_id recurrence starts_on start_time created_at",
        "appointment": "client_id coach_id type_id template_id enrollment_id starts_at planned_minutes actual_minutes state"
        " booked_at booked_status"
        " counting_status compensation coaching_kind direct_report removed_batch_id version",
        "group_event": "coach_id type_id title starts_at planned_minutes actual_minutes size state coaching_kind version",
        "attendance": "event_id client_id at state booked_status counting_status compensation",
        "hour_ledger_entry": "coach_id position day starts_at minutes compensation coaching_kind group_size client_number appointment_id"
        " attendance_id counting_status manual erased entered_at",
        "conversation": "subject state opened_at last_message_at version",
        "participant": "conversation_id client_id joined_at",
        "message": "conversation_id client_id member_id direction body sent_at",
        "client_document": "client_id member_id title media_type byte_size storage_key shared_at",
        "estimate": "client_id number title state amount_minor currency issued_at",
        "invoice": "client_id enrollment_id number title snapshot_name snapshot_address state amount_minor currency"
        " issued_at due_at paid_at version",
        "payment": "client_id invoice_id state method amount_minor currency paid_at",
        "erasure_request": "client_id client_number parts state actor member_id requested_at scheduled_for due_at cancel_subscription"
        " started_at deleted_at found completed_at",
        "erasure_item": "request_id category planned removed retained verified done_at",
        "legal_hold": "client_id reason placed_by placed_at released_at",
        "audit_event": "at actor member_id action subject_kind subject_id client_id before after batch_id reason detail",
        "batch": "transition subject_id version actor memory at undo_until",
        "bulk_job": "transition input error_policy actor member_id state total done failed locked_until created_at finished_at",
        "bulk_job_item": "job_id position subject_id batch_id event_id code result done_at",
    }.items()
}


def no_rows() -> Rows:
    return {table: [] for table in COLUMNS}
