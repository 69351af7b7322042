"""How the terms of fees stand in a run's price list, and which days of prices a run needs for them."""

from datetime import date
from typing import Any

from django.db import connection

from billing_site.core.periods import DatePeriod, add_months
from invoicing.domain.fees import WHOLE_PERCENT, EdgePolicy, FeeTerms
from invoicing.domain.proration import ProrationPolicy
from tariffs.models import Price

# Columns of a fee's terms beside its first policy.
TERMS = "timing, months, end_proration, change_proration, suspended_percent"
LONGEST_FEE = 12


def terms_from(policy: str, terms: list[Any] | None) -> FeeTerms:
    """Read the terms of a fee: usual ones are not written, so that they cost a price list nothing."""
    if terms is None:
        return FeeTerms(ProrationPolicy(policy))
    timing, months, at_end, at_change, suspended = terms
    is_ahead = timing == Price.Timing.ADVANCE
    return FeeTerms(ProrationPolicy(policy), is_ahead, months, EdgePolicy(at_end), EdgePolicy(at_change), suspended)


def frozen_terms(*terms: Any) -> list[Any] | None:
    """Write the terms of a fee, in the order of ``TERMS``; ``None`` for the usual ones."""
    usual = (Price.Timing.ARREARS, 1, EdgePolicy.SAME, EdgePolicy.SAME, WHOLE_PERCENT)
    return None if terms == usual else list(terms)


def bounds_of(period: DatePeriod) -> list[date | None]:
    """Return the days whose versions count: where fees are charged ahead or over months, those around the period."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM tariffs_price WHERE timing = 'ADVANCE' OR months > 1)"
            " OR EXISTS (SELECT FROM tariffs_feature WHERE timing = 'ADVANCE' OR months > 1)"
        )
        ((is_ahead,),) = cursor.fetchall()
    if not is_ahead or period.until is None:
        return [period.start, period.until]
    return [add_months(period.start, -LONGEST_FEE), add_months(period.until, LONGEST_FEE)]
