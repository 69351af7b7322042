"""The books of the demo: January is closed; February waits for what is open, with a late step among it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import MONTH_START, TODAY, moment
from billing_site.ledger.models import AccountingPeriod
from billing_site.ledger.periods import PeriodExists
from invoicing.models import PeriodStep
from invoicing.operations.periods import close_period, complete_period_step, open_period, prove_period_steps
from invoicing.queries.periods import open_steps

JANUARY = date(2026, 1, 1)


def make_periods() -> Mapping[str, Any]:
    """Open January, February and March; close January, and prove what is proved of February."""
    actor, at = staff("accountant"), moment(TODAY, 9)
    for month in (JANUARY, MONTH_START, TODAY):
        try:
            open_period(month=month, actor=actor)
        except PeriodExists:
            continue
    january = AccountingPeriod.objects.get(first_on=JANUARY)
    if not january.is_closed:
        for step in PeriodStep.objects.filter(period=january, check_code="", done_at__isnull=True):
            complete_period_step(step_id=step.pk, note="", at=at, actor=actor)
        if not open_steps(period=january, on=TODAY):
            close_period(period_id=january.pk, on=TODAY, at=at, actor=actor)
    february = AccountingPeriod.objects.get(first_on=MONTH_START)
    prove_period_steps(period_id=february.pk, on=TODAY, at=at)
    return {"open": len(open_steps(period=february, on=TODAY))}
