"""The words of transitions that wait: for what, and where a suggestion to a coach stands."""

from lifecycle.vocabulary import Word


class ScheduleCondition(Word):
    """What a scheduled transition waits for."""

    AT_DATE = "AT_DATE", "An instant that was named."
    AT_EXPIRY = "AT_EXPIRY", "The end of the enrollment; moves with it."
    AT_PAID_THROUGH = "AT_PAID_THROUGH", "The end of the time that is paid; moves with it."
    WITHOUT_SESSION = "WITHOUT_SESSION", "A number of days without a session that was held; starts anew with each session."


class SuggestionState(Word):
    """State of a suggestion to a coach."""

    OPEN = "OPEN", "The coach has not decided."
    DISMISSED = "DISMISSED", "Dismissed by a member, or no longer applicable."


class Presence(Word):
    """State of what is in use until it is removed."""

    PRESENT = "PRESENT", "In use."
    REMOVED = "REMOVED", "Removed."
