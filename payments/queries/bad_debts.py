"""Bad debts: what may be proposed, what was, what came in after all."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet, Sum

from invoicing.models import Invoice, InvoiceTax
from payments.models import BadDebtRecovery, DunningAct, Payment, WriteOff, WriteOffItem
from payments.queries.held_back import held_back_of
from payments.queries.open_items import OpenItem, open_items_of
from payments.queries.standings import accounts_to_dun
from subscribers.models import Account
from tariffs.models import TaxCategory

ACCOUNTS_AT_A_TIME = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """
    Which debts to propose: days overdue at least, open amount of an account from and to, category, department.

    :param largest_minor: ``None``: no bound; ``category`` empty and ``department_id`` ``None``: all
    """

    days: int
    least_minor: int
    largest_minor: int | None = None
    category: str = ""
    department_id: int | None = None
    account_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillTaxes:
    """A bill's net and its taxes by code of their category, minor units."""

    net_minor: int
    taxes_minor: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Efforts:
    """What was done to get an account's money: steps taken by action, promises aside."""

    steps: Mapping[str, int]
    last_on: date | None


def select_debts(selection: Selection, *, as_of: date, currency: str) -> list[OpenItem]:
    """Return the open bills that a selection takes, in the order of accounts; what is held back is left out."""
    before = as_of - timedelta(days=selection.days)
    ids = (
        [selection.account_id] if selection.account_id is not None else accounts_to_dun(day=before + timedelta(days=1))
    )
    found: list[OpenItem] = []
    for start in range(0, len(ids), ACCOUNTS_AT_A_TIME):
        wanted = _accounts(selection, ids[start : start + ACCOUNTS_AT_A_TIME], currency)
        for items in _old_items(wanted, before=before, as_of=as_of).values():
            total = sum(item.open_minor for item in items)
            if selection.least_minor <= total <= (selection.largest_minor or total):
                found.extend(items)
    return found


def taxes_of_bills(invoice_ids: Collection[int]) -> dict[int, BillTaxes]:
    """Return net and taxes of bills, by bill; the taxes in the order of their categories."""
    codes = dict(TaxCategory.objects.values_list("pk", "code"))
    nets = dict(Invoice.objects.filter(pk__in=invoice_ids).values_list("pk", "net_minor"))
    taxes: dict[int, Counter[str]] = {pk: Counter() for pk in nets}
    rows = InvoiceTax.objects.filter(invoice_id__in=invoice_ids).order_by("invoice_id", "tax_category_id")
    for invoice_id, category_id, tax_minor in rows.values_list("invoice_id", "tax_category_id", "tax_minor"):
        taxes[invoice_id][codes[category_id]] += tax_minor
    return {pk: BillTaxes(net_minor=net, taxes_minor=taxes[pk]) for pk, net in nets.items()}


def write_offs() -> QuerySet[WriteOff]:
    """Return all proposals and write-offs with their sums, the latest first."""
    found = WriteOff.objects.select_related("proposed_by", "decided_by")
    return found.annotate(
        bill_count=Count("items"),
        proposed_minor=Sum("items__proposed_minor"),
        written_minor=Sum("items__written_minor"),
    ).order_by("-id")


def find_write_off(write_off_id: int) -> WriteOff | None:
    """Return a proposal with its sums, or ``None``."""
    return write_offs().filter(pk=write_off_id).first()


def items_of_write_off(write_off_id: int) -> QuerySet[WriteOffItem]:
    """Return the bills of a proposal with their accounts, to be ordered by id."""
    rows = WriteOffItem.objects.filter(write_off_id=write_off_id)
    return rows.select_related("account__subscriber", "account__centre__department")


def find_recovered(payment_id: int) -> int:
    """Return how much of a payment was for debts written off, in minor units."""
    rows = BadDebtRecovery.objects.filter(payment__in=Payment.objects.filter(pk=payment_id))
    return int(rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0)


def efforts_for(account_ids: Collection[int]) -> dict[int, Efforts]:
    """Return what was done to get the money of accounts, by account; no key, nothing."""
    counts: dict[int, Counter[str]] = {}
    last: dict[int, date] = {}
    acts = DunningAct.objects.filter(account_id__in=account_ids).order_by("run__day")
    for account_id, action, day in acts.values_list("account_id", "step__action", "run__day"):
        counts.setdefault(account_id, Counter())[action] += 1
        last[account_id] = day
    return {pk: Efforts(steps=steps, last_on=last.get(pk)) for pk, steps in counts.items()}


def _accounts(selection: Selection, ids: Sequence[int], currency: str) -> list[int]:
    wanted = Account.objects.filter(pk__in=ids, currency=currency)
    if selection.category:
        wanted = wanted.filter(category=selection.category)
    if selection.department_id is not None:
        wanted = wanted.filter(centre__department=selection.department_id)
    return list(wanted.order_by("pk").values_list("pk", flat=True))


def _old_items(account_ids: list[int], *, before: date, as_of: date) -> dict[int, list[OpenItem]]:
    """Return the bills due on a day or earlier that nobody has proposed yet, without what is held back."""
    found = open_items_of(account_ids)
    bills = [item.invoice_id for items in found.values() for item in items]
    held = held_back_of(bills, on=as_of)
    pending = WriteOffItem.objects.filter(invoice_id__in=bills, write_off__state=WriteOff.State.PROPOSED)
    left_out = {*pending.values_list("invoice_id", flat=True), *(pk for pk, minor in held.items() if minor > 0)}
    return {
        account_id: [item for item in items if item.due_on <= before and item.invoice_id not in left_out]
        for account_id, items in found.items()
    }
