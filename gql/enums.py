"""Enums of the schema: the vocabulary's words, with their descriptions."""

from gql.payloads import publish
from lifecycle import certification, content, payments, report_files, rule_sets, schedules, vocabulary

WORDS = (
    vocabulary.AccessMode,
    vocabulary.AppointmentState,
    vocabulary.Billing,
    vocabulary.ClientStatus,
    vocabulary.CoachingKind,
    vocabulary.Compensation,
    vocabulary.ConsentPurpose,
    vocabulary.ContactKind,
    vocabulary.ConversationState,
    vocabulary.CountingBasis,
    vocabulary.DataState,
    vocabulary.DeleteReason,
    vocabulary.EnrollmentState,
    vocabulary.EstimateState,
    vocabulary.ExpiryAction,
    vocabulary.FreezeReason,
    vocabulary.Grant,
    vocabulary.InteractionKind,
    vocabulary.InvoiceState,
    vocabulary.KeyScope,
    vocabulary.MessageDirection,
    vocabulary.Origin,
    vocabulary.PaymentMethod,
    vocabulary.PaymentState,
    vocabulary.PaymentStatus,
    vocabulary.Role,
    vocabulary.RunState,
    vocabulary.SubscriptionState,
    vocabulary.SuggestionReason,
    vocabulary.VersionPolicy,
    vocabulary.ScheduleState,
    payments.RecoveryAction,
    schedules.ScheduleCondition,
    content.ContentKind,
    content.WithheldReason,
    certification.LineKind,
    certification.Metric,
    certification.NextAction,
    certification.ReportReason,
    certification.Unit,
    report_files.ReportFormat,
    report_files.ReportLog,
    rule_sets.RuleSetCode,
)

for _word in WORDS:
    publish(_word)
