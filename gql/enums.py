"""Enums of the schema: the vocabulary's words, with their descriptions. Strawberry would take an enum that is used before without them."""

import strawberry

from lifecycle import certification, content, payments, problems, report_files, retention, rule_sets, schedules, vocabulary
from lifecycle.vocabulary import Word

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
    vocabulary.DataCategory,
    vocabulary.DataPart,
    vocabulary.DataState,
    vocabulary.DeleteReason,
    vocabulary.EnrollmentState,
    vocabulary.ErasureState,
    vocabulary.EstimateState,
    vocabulary.ExpiryAction,
    vocabulary.FreezeReason,
    vocabulary.Grant,
    vocabulary.HoldState,
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
    problems.ProblemCode,
    schedules.Presence,
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
    retention.RetentionBasis,
    rule_sets.RuleSetCode,
)


def publish(words: type[Word], name: str | None = None) -> None:
    """Make an enum part of the schema, with the description of each word."""
    strawberry.enum(words, name=name, description=words.__doc__)
    for value in words.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = words[value.name].description


for _word in WORDS:
    publish(_word)
