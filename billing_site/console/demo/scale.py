"""How large the demo is, and the days it lives through."""

from dataclasses import dataclass
from datetime import date, datetime, time

from billing_site.core import clock

# The demo's today, and the month it has behind it.
TODAY = date(2026, 3, 5)
MONTH_START, MONTH_END = date(2026, 2, 1), date(2026, 3, 1)
CHECKED_DAY = date(2026, 3, 4)
DUE_ON = date(2026, 3, 20)
PRICES_SINCE = date(2024, 1, 1)
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Numbers of accounts and days; ``languages`` gives accounts a language in turn, by weight."""

    accounts: int
    days: int
    # Calls of ten lines on a day, about.
    calls_of_ten_lines: int
    numbers_a_range: int = 200
    # Accounts of each language that have an e-mail address: their bills are rendered.
    emails_a_language: int = 5


SMALL = Scale(accounts=500, days=28, calls_of_ten_lines=20)
TINY = Scale(accounts=24, days=2, calls_of_ten_lines=30, numbers_a_range=20, emails_a_language=1)
SCALES = {"small": SMALL, "tiny": TINY}
# Out of fifty: how many accounts speak which language.
LANGUAGE_WEIGHTS = {"hy": 16, "ru": 11, "zh-hans": 8, "ar": 8, "en": 7}


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant of the operator's day."""
    return datetime.combine(day, time(hour, minute), tzinfo=clock.operator_zone())
