"""Everything that decides a bill run, read once: a row not written yet, for a run, a final bill or a preview."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Max

from billing_site.core.periods import DatePeriod, bill_period_of
from billing_site.documents.pdf import template_version
from billing_site.ledger.models import LedgerEntry
from invoicing.domain.run_rules import AccountRule
from invoicing.models import BillBound, BillRun
from invoicing.queries.account_inputs import group_volumes
from invoicing.queries.account_scopes import ENDED
from invoicing.queries.bill_inputs import oldest_period_behind
from invoicing.queries.bill_texts import published_so_far
from invoicing.queries.late_terms import freeze_late_terms
from invoicing.queries.operators import operator_facts
from invoicing.queries.reference import read_reference
from subscribers.models import BillCycle


def freeze_run(
    *,
    cycle: BillCycle,
    period: DatePeriod,
    kind: str,
    rule: AccountRule,
    issued_on: date,
    due_on: date,
    prices_from: date | None = None,
) -> BillRun:
    """
    Return the row of a run for a period with everything that decides it, not written yet.

    :param prices_from: first day of which prices are needed; when left out, that of the oldest period not billed
    """
    living = BillRun.objects.filter(cycle=cycle).exclude(state__in=ENDED)
    before = (
        living.filter(period_from__lt=period.start, kind=BillRun.Kind.FULL)
        .order_by("-period_from")
        .only("period_from", "ledger_through")
        .first()
    )
    first = prices_from or oldest_period_behind(cycle_id=cycle.pk, before=period.start)
    return BillRun(
        cycle=cycle,
        kind=kind,
        rule=rule.as_json(),
        period_from=period.start,
        period_until=period.until or period.start,
        # Usage is kept by months: those of the whole period are billed.
        usage_through=bill_period_of(period.last_day, cycle.bill_day).start,
        issued_on=issued_on,
        due_on=due_on,
        currency=settings.SALDO_CURRENCY,
        currency_digits=settings.SALDO_CURRENCY_DIGITS,
        template_version=f"{template_version()}.{published_so_far()}",
        ledger_through=LedgerEntry.objects.aggregate(last=Max("id"))["last"] or 0,
        ledger_after=before.ledger_through if before is not None else 0,
        reference={
            **read_reference(
                period=DatePeriod(first, period.until),
                currency=settings.SALDO_CURRENCY,
                digits=settings.SALDO_CURRENCY_DIGITS,
            ),
            **_volumes(before, period),
            "operator": operator_facts(),
            "freezes_uses": True,
            "bounds": _bounds(),
            "usage_max_age_days": settings.SALDO_USAGE_MAX_AGE_DAYS,
            **freeze_late_terms(on=due_on, currency=settings.SALDO_CURRENCY),
            **_neighbours(living, before, period),
        },
    )


def _volumes(before: BillRun | None, period: DatePeriod) -> dict[str, dict[str, int]]:
    """Return what customer groups with a discount came to on the bills of the run before, where there are any."""
    if before is None:
        return {}
    volumes = group_volumes(period=period, before=before.period_from, digits=settings.SALDO_CURRENCY_DIGITS)
    return {"group_volumes": volumes} if volumes else {}


def _bounds() -> dict[str, dict[str, Any]]:
    names = ("parks_zero", "parks_negative", "times", "floor_minor")
    return {
        row["category"]: {name: row[name] for name in names} for row in BillBound.objects.values("category", *names)
    }


def _neighbours(living: Any, before: BillRun | None, period: DatePeriod) -> Mapping[str, Any]:
    """
    Return the runs beside this one that bill some accounts of the cycle, and those beside the one before.

    Accounts that one of the latter billed see on this bill the payments since that one, not since the one before.
    """
    some = living.exclude(kind__in=[BillRun.Kind.FULL, BillRun.Kind.FINAL])
    beside = list(some.filter(period_from=period.start).order_by("pk").values_list("pk", flat=True))
    earlier = some.filter(period_from=before.period_from) if before is not None else some.none()
    since = [[pk, through] for pk, through in earlier.order_by("pk").values_list("pk", "ledger_through")]
    return {
        **({"runs_beside": beside} if beside else {}),
        **({"ledger_after_of_runs": since} if since else {}),
    }
