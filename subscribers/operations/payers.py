"""Payers of other accounts' charges."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from, no_days
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from subscribers.models import Account, AccountPayer
from subscribers.operations.accounts import AccountIsClosed
from subscribers.operations.subscriptions import PeriodAlreadyBilled

PERCENT_PLACES = 3
EVERYTHING = Decimal(100)


class PayerUnsound(BillingError):
    """Oneself, no share, no day."""

    default_message = gettext_noop(
        "A payer is another account, pays more than nothing and at most 100 per cent, on at least one day."
    )
    default_code = "PAYER_UNSOUND"


class PayerInAnotherCycle(BillingError):
    """The two would be billed on different days."""

    default_message = gettext_noop(
        "Accounts %(account)s and %(payer)s are billed in different cycles: move one of them into the other's first."
    )
    default_code = "PAYER_IN_ANOTHER_CYCLE"


class PayerIsPaidFor(BillingError):
    """A ring or a chain of payers."""

    default_message = gettext_noop(
        "Account %(payer)s cannot pay for %(account)s: who pays is not paid for, and who is paid for does not pay. Name"
        " the account that pays in the end for both."
    )
    default_code = "PAYER_IS_PAID_FOR"


class PayerHeld(BillingError):
    """Two payers of one item on one day."""

    default_message = gettext_noop("Another payer pays this for account %(account)s on some of these days already.")
    default_code = "PAYER_HELD"


class PayerNotHeld(BillingError):
    """There is nothing to end."""

    default_message = gettext_noop("The payer of account %(account)s does not pay on %(day)s.")
    default_code = "PAYER_NOT_HELD"


@durable
def appoint_payer(
    *,
    account_id: int,
    payer_id: int,
    from_on: date,
    actor: User | None,
    bill_item_ids: Sequence[int] = (),
    percent: Decimal = EVERYTHING,
    until_on: date | None = None,
) -> list[AccountPayer]:
    """
    Let another account pay charges of an account from a day on; it counts for a bill by the last day of its period.

    :param bill_item_ids: what it pays; everything that no other payer is named for where none is given
    :param percent: its share, of each of them
    :param until_on: first day on which it does not pay
    :raises PayerUnsound: for oneself, a share outside 0 to 100, or no day
    :raises AccountIsClosed: if one of the two is
    :raises PayerInAnotherCycle: if they are billed in different cycles
    :raises PeriodAlreadyBilled: if the first day lies in a period that is billed
    :raises PayerIsPaidFor: if the payer is paid for, or the account pays, on one of the days
    :raises PayerHeld: if one of the items has a payer on one of the days
    """
    account, payer = _lock_both(account_id, payer_id)
    is_share = percent.is_finite() and 0 < percent <= EVERYTHING and not percent.scaleb(PERCENT_PLACES) % 1
    if not is_share or (until_on is not None and until_on <= from_on):
        raise PayerUnsound
    if account.cycle_id != payer.cycle_id:
        raise PayerInAnotherCycle(context={"account": account.number, "payer": payer.number})
    if from_on < account.cycle.open_from:
        raise PeriodAlreadyBilled(context={"day": from_on, "open": account.cycle.open_from})
    both = {"account": account.number, "payer": payer.number}
    refusals = {
        "subscribers_accountpayer_no_chain": lambda: PayerIsPaidFor(context=both),
        "subscribers_accountpayer_one_at_a_time": lambda: PayerHeld(context=both),
    }
    items: Sequence[int | None] = bill_item_ids or (None,)
    with constraint_errors(refusals):
        rows = [
            AccountPayer.objects.create(
                account=account,
                payer=payer,
                bill_item_id=item,
                percent=percent,
                during=days_from(from_on, until_on),
            )
            for item in items
        ]
    changes = {**both, "items": list(bill_item_ids), "percent": str(percent), "from": from_on.isoformat()}
    record("subscribers.appoint_payer", actor=actor, subject=account, changes=changes)
    return rows


@durable
def dismiss_payer(*, appointment_id: int, until_on: date, actor: User | None) -> AccountPayer:
    """
    End what a payer pays: ``until_on`` is the first day on which it does not.

    :raises PayerNotHeld: if it does not pay on the day before
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    rows = AccountPayer.objects.select_related("account__cycle").select_for_update(of=("self",))
    held = rows.get(pk=appointment_id)
    open_from = held.account.cycle.open_from
    if until_on < open_from:
        raise PeriodAlreadyBilled(context={"day": until_on, "open": open_from})
    during = date_period(held.during)
    if until_on <= during.start or (during.until is not None and during.until <= until_on):
        raise PayerNotHeld(context={"account": held.account.number, "day": until_on})
    held.during = days_from(during.start, until_on)
    held.save(update_fields=["during"])
    changes = {"payer": held.payer_id, "until": until_on.isoformat()}
    record("subscribers.dismiss_payer", actor=actor, subject=held.account, changes=changes)
    return held


@transaction_required
def end_payers(*, account_id: int, until_on: date, actor: User | None) -> int:
    """
    End all that an account pays for others, and all that others pay for it, and return how many there were.

    :param until_on: first day on which nothing is paid; what would have begun then or later never does
    """
    ends = Q(account_id=account_id) | Q(payer_id=account_id)
    rows = AccountPayer.objects.select_for_update(of=("self",)).filter(ends, during__overlap=days_from(until_on))
    held = list(rows.select_related("account", "payer").order_by("pk"))
    for row in held:
        start = date_period(row.during).start
        row.during = days_from(start, until_on) if start < until_on else no_days()
        changes = {"payer": row.payer_id, "until": until_on.isoformat()}
        record("subscribers.dismiss_payer", actor=actor, subject=row.account, changes=changes)
    AccountPayer.objects.bulk_update(held, ["during"], batch_size=1000)
    return len(held)


def _lock_both(account_id: int, payer_id: int) -> tuple[Account, Account]:
    """
    Lock both accounts in the order of their ids.

    :raises PayerUnsound: for the same account twice
    :raises AccountIsClosed: if one of them is
    """
    if account_id == payer_id:
        raise PayerUnsound
    rows = Account.objects.select_for_update(of=("self",), no_key=True).select_related("cycle")
    found = {row.pk: row for row in rows.filter(pk__in=[account_id, payer_id]).order_by("pk")}
    for row in found.values():
        if row.is_closed:
            raise AccountIsClosed(context={"account": row.number, "day": row.closed_on})
    return found[account_id], found[payer_id]
