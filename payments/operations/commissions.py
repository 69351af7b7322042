"""Rates of agents' commission: set from a day on, ended."""

from datetime import date
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable, lock_rows
from billing_site.identity.models import User
from billing_site.ledger.closing import get_closed_through
from billing_site.ledger.models import LedgerAccount
from payments.domain.commission import is_rate
from payments.models import CommissionRate


class CommissionUnsound(BillingError):
    """No name, no rate between nothing and everything."""

    default_message = gettext_noop(
        "Give the agent's name, and a rate from 0 to 100 percent with three decimals at most, for money on its way."
    )
    default_code = "COMMISSION_UNSOUND"


class CommissionDayUnsound(BillingError):
    """The days before are settled, or have a rate."""

    default_message = gettext_noop(
        "A rate of %(name)s begins after %(after)s: the books are closed, or another rate holds there."
    )
    default_code = "COMMISSION_DAY_UNSOUND"


@durable
def set_commission_rate(
    *, agent_id: int, name: str, percent: Decimal, valid_from: date, actor: User | None
) -> CommissionRate:
    """
    Set an agent's rate from a day on; the one that holds until then ends the day before.

    :param agent_id: the account of the books where the agent's money is on its way
    :raises CommissionUnsound: without a name, for a rate outside 0 to 100, or for another account of the books
    :raises CommissionDayUnsound: if the books are closed for the day, or a rate that begins later holds already
    """
    agent = LedgerAccount.objects.get(pk=agent_id)
    if not name.strip() or not is_rate(percent) or agent.kind != LedgerAccount.Kind.CLEARING:
        raise CommissionUnsound
    last = CommissionRate.objects.filter(agent=agent).order_by("-during").first()
    after = get_closed_through()
    if last is not None:
        last = lock_rows(CommissionRate.objects.all(), [last.pk])[0]
        days = date_period(last.during)
        after = max(after, days.start)
        if valid_from > after and (days.until is None or days.until > valid_from):
            last.during = days_from(days.start, valid_from)
            last.save(update_fields=["during"])
    named = CommissionDayUnsound(context={"name": name.strip(), "after": after})
    if valid_from <= after:
        raise named
    with constraint_errors({"payments_commissionrate_one_a_day": lambda: named}):
        made = CommissionRate.objects.create(
            agent=agent, name=name.strip(), percent=percent, during=days_from(valid_from), set_by=actor
        )
    changes = {"name": made.name, "percent": str(percent), "valid_from": valid_from.isoformat()}
    record("payments.set_commission_rate", actor=actor, subject=made, changes=changes)
    return made


@durable
def end_commission_rate(*, rate_id: int, last_on: date, actor: User | None) -> CommissionRate:
    """
    End a rate with a day: nothing is paid for money taken after it.

    :raises CommissionDayUnsound: if the books are closed after that day, or the rate begins later or ended before
    """
    made = lock_rows(CommissionRate.objects.all(), [rate_id])[0]
    days = date_period(made.during)
    until = date.fromordinal(last_on.toordinal() + 1)
    after = max(get_closed_through(), days.start)
    if last_on < after or (days.until is not None and days.until <= until):
        raise CommissionDayUnsound(context={"name": made.name, "after": after})
    made.during = days_from(days.start, until)
    made.save(update_fields=["during"])
    record("payments.end_commission_rate", actor=actor, subject=made, changes={"last_on": last_on.isoformat()})
    return made
