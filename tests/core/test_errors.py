"""Refusals fill their sentences with values that a person can read."""

from datetime import UTC, date, datetime

from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError


def test_an_instant_in_a_sentence_is_told_by_the_operators_clock():
    """Without seconds and offsets; a day stays a day."""
    at = datetime(2026, 3, 5, 23, 30, 12, 345, tzinfo=UTC)
    error = BillingError(
        "Loaded on %(at)s for %(day)s, %(count)s lines.", context={"at": at, "day": date(2026, 3, 5), "count": 2}
    )
    local = at.astimezone(operator_zone())
    assert str(error) == f"Loaded on {local:%Y-%m-%d} {local:%H:%M} for 2026-03-05, 2 lines."
