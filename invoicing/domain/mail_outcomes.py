"""What came of handing a mail over, and when the next attempt is due."""

from datetime import timedelta
from enum import StrEnum

# After the first, second, ... attempt that failed for a while.
WAITS = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)


class MailOutcome(StrEnum):
    """
    What came of one attempt.

    ``TRY_AGAIN`` says that the mail was certainly not taken; ``UNSURE`` that nobody knows, so that a second attempt
    might be a second mail.
    """

    SENT = "SENT"
    TRY_AGAIN = "TRY_AGAIN"
    REFUSED = "REFUSED"
    GIVEN_UP = "GIVEN_UP"
    UNSURE = "UNSURE"


def next_wait(attempt_count: int) -> timedelta | None:
    """
    Return how long to wait after so many attempts (one or more), or ``None`` when there were enough.

    The waits grow: a server that is away for a minute costs a minute, one that is away for a day is asked six times.
    """
    return WAITS[attempt_count - 1] if 1 <= attempt_count <= len(WAITS) else None


def outcome_of_status(status: int) -> MailOutcome:
    """
    Return what an HTTP answer of a mail provider means that is no success.

    A gateway that timed out may have passed the mail on; keys and limits are put right without touching the mail.
    """
    if status in {401, 403, 429, 503}:
        return MailOutcome.TRY_AGAIN
    return MailOutcome.UNSURE if status >= 500 else MailOutcome.GIVEN_UP
