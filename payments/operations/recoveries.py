"""
What comes in for a debt written off is posted back out of the bad debts, and is never an advance.

So is what a credit note takes back of its bill: that was no debt, and nobody gets money for it that he did not pay.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Max, Sum

from billing_site.db.transactions import transaction_required
from billing_site.ledger.models import LedgerEntry
from billing_site.ledger.posting import NewEntry, Pair, post_entry, reverse_entry
from invoicing.models import CreditNote, Invoice
from invoicing.queries.credit_notes import credited_of_invoices
from payments.domain.allocation import Debt, Part, distribute_oldest_first
from payments.domain.bad_debt import lost_too_much, tax_in_debt, tax_in_recovery
from payments.models import Allocation, BadDebtRecovery, WriteOff, WriteOffItem
from payments.operations.bad_debts import bad_debt_account, tax_accounts
from payments.queries.bad_debts import BillTaxes, taxes_of_bills
from payments.queries.payments import unused_credits
from subscribers.models import Account

RECOVERY = "RECOVERY"


@transaction_required
def recover_bad_debts(*, account_id: int, recovered_on: date, actor: str) -> int:
    """
    Use an account's unused money for its debts written off, the oldest first; return how much, in minor units.

    The caller holds the account's row locked and has used the money for open bills before.
    """
    items = {item.pk: item for item in _written_off(account_id)}
    if not items:
        return 0
    came = _recovered(items)
    left = {pk: item.written_minor - came.get(pk, 0) for pk, item in items.items()}
    found = distribute_oldest_first(
        credits_in_order=unused_credits(account_id),
        # The debts are items here: the oldest bill first.
        debts_in_order=[Debt(invoice_id=pk, amount_minor=minor) for pk, minor in left.items() if minor],
    )
    account = Account.objects.get(pk=account_id)
    bills = taxes_of_bills([item.invoice_id for item in items.values()])
    for part in found.parts:
        item, before_minor = items[part.invoice_id], came.get(part.invoice_id, 0)
        taxes = _taxes_in(item, bills[item.invoice_id], amount_minor=part.amount_minor, before_minor=before_minor)
        _recover(item, part, account, taxes, recovered_on=recovered_on, actor=actor)
        came[part.invoice_id] = before_minor + part.amount_minor
    return sum(part.amount_minor for part in found.parts)


@transaction_required
def recover_credited_debts(*, account_id: int, recovered_on: date, actor: str) -> int:
    """
    Post back what was written off of an account's bills and credit notes then took back; return how much, in minor
    units. Called again it finds nothing left to do.

    The caller holds the account's row locked.
    """
    items = {item.pk: item for item in _written_off(account_id)}
    credited = credited_of_invoices({item.invoice_id for item in items.values()})
    items = {pk: item for pk, item in items.items() if item.invoice_id in credited}
    if not items:
        return 0
    came, too_much, recovered_minor = _recovered(items), _lost_too_much(items, credited), 0
    account, bills = Account.objects.get(pk=account_id), taxes_of_bills(list(too_much))
    for pk, item in items.items():
        before_minor = came.get(pk, 0)
        amount_minor = min(item.written_minor - before_minor, too_much.get(item.invoice_id, 0))
        if not amount_minor:
            continue
        taxes = _taxes_in(item, bills[item.invoice_id], amount_minor=amount_minor, before_minor=before_minor)
        made = BadDebtRecovery.objects.create(
            item=item,
            credit_note_id=_last_note_of(item.invoice_id),
            amount_minor=amount_minor,
            tax_minor=sum(taxes.values()),
            recovered_on=recovered_on,
        )
        _post(made, account, taxes, recovered_on=recovered_on, actor=actor)
        too_much[item.invoice_id] -= amount_minor
        recovered_minor += amount_minor
    return recovered_minor


@transaction_required
def take_back_recoveries(*, payment_id: int, taken_back_on: date, actor: str, reason: str) -> int:
    """
    Take back what a payment brought for debts written off: they are lost again. Return how much, in minor units.

    The caller holds the account's row locked and has written the payment's reversal.
    """
    came = list(BadDebtRecovery.objects.filter(payment_id=payment_id, amount_minor__gt=0).order_by("pk"))
    BadDebtRecovery.objects.bulk_create(
        BadDebtRecovery(
            item_id=one.item_id,
            payment_id=payment_id,
            amount_minor=-one.amount_minor,
            tax_minor=-one.tax_minor,
            recovered_on=taken_back_on,
        )
        for one in came
    )
    entries = LedgerEntry.objects.filter(source_type=RECOVERY, source_id__in=[str(one.pk) for one in came])
    for entry_id in entries.order_by("pk").values_list("pk", flat=True):
        reverse_entry(entry_id=entry_id, posted_on=taken_back_on, actor=actor, reason=reason)
    return sum(one.amount_minor for one in came)


def _written_off(account_id: int) -> list[WriteOffItem]:
    rows = WriteOffItem.objects.filter(
        account_id=account_id, write_off__state=WriteOff.State.APPROVED, written_minor__gt=0
    )
    return list(rows.select_related("write_off").order_by("due_on", "pk"))


def _recovered(item_ids: Iterable[int]) -> dict[int, int]:
    rows = BadDebtRecovery.objects.filter(item__in=list(item_ids)).values("item_id")
    return {row["item_id"]: int(row["sum"]) for row in rows.annotate(sum=Sum("amount_minor"))}


def _recover(
    item: WriteOffItem,
    part: Part,
    account: Account,
    taxes: Mapping[str, int],
    *,
    recovered_on: date,
    actor: str,
) -> None:
    made = BadDebtRecovery.objects.create(
        item=item,
        payment_id=part.payment_id,
        amount_minor=part.amount_minor,
        tax_minor=sum(taxes.values()),
        recovered_on=recovered_on,
    )
    Allocation.objects.create(payment_id=part.payment_id, invoice_id=item.invoice_id, amount_minor=part.amount_minor)
    _post(made, account, taxes, recovered_on=recovered_on, actor=actor)


def _post(made: BadDebtRecovery, account: Account, taxes: Mapping[str, int], *, recovered_on: date, actor: str) -> None:
    write_off = made.item.write_off
    tax_ids = tax_accounts(sorted(taxes), write_off.currency)
    sides = {bad_debt_account(write_off.currency): made.amount_minor - made.tax_minor}
    sides |= {tax_ids[code]: minor for code, minor in taxes.items()}
    post_entry(
        NewEntry(
            source_type=RECOVERY,
            source_id=str(made.pk),
            posted_on=recovered_on,
            actor=actor,
            currency=write_off.currency,
            reason=write_off.reason,
            pairs=[Pair(account.ledger_account_id, credit_id, minor) for credit_id, minor in sides.items() if minor],
        )
    )


def _lost_too_much(items: Mapping[int, WriteOffItem], credited: Mapping[int, int]) -> Counter[int]:
    """Return by bill what more is lost of it than is owed, in minor units."""
    came, lost = _recovered(items), Counter[int]()
    for pk, item in items.items():
        lost[item.invoice_id] += item.written_minor - came.get(pk, 0)
    paid = Allocation.objects.filter(invoice_id__in=list(lost)).values("invoice_id")
    paid_minor = {row["invoice_id"]: int(row["sum"]) for row in paid.annotate(sum=Sum("amount_minor"))}
    bills = Invoice.objects.filter(pk__in=list(lost)).values_list("pk", "gross_minor")
    return Counter(
        {
            pk: lost_too_much(
                lost_minor=lost[pk],
                gross_minor=gross_minor,
                credited_minor=credited[pk],
                paid_minor=paid_minor.get(pk, 0),
            )
            for pk, gross_minor in bills
        }
    )


def _last_note_of(invoice_id: int) -> int:
    notes = CreditNote.objects.filter(invoice_id=invoice_id, state=CreditNote.State.POSTED)
    return int(notes.aggregate(last=Max("pk"))["last"])


def _taxes_in(item: WriteOffItem, bill: BillTaxes, *, amount_minor: int, before_minor: int) -> dict[str, int]:
    """Return the taxes in a recovery by code of the category: none where none were taken back."""
    if not item.tax_minor:
        return {}
    taken_back = tax_in_debt(
        written_minor=item.written_minor, net_minor=bill.net_minor, taxes_minor=list(bill.taxes_minor.values())
    )
    parts = tax_in_recovery(
        amount_minor=amount_minor,
        before_minor=before_minor,
        written_minor=item.written_minor,
        taxes_minor=taken_back,
    )
    return dict(zip(bill.taxes_minor, parts, strict=True))
