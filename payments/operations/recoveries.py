"""Money that comes in for a debt written off: posted back out of the bad debts, never an advance."""

from datetime import date

from django.db.models import Sum

from billing_site.db.transactions import transaction_required
from billing_site.ledger.posting import NewEntry, Pair, post_entry
from payments.domain.allocation import Credit, Debt, distribute_oldest_first
from payments.domain.bad_debt import tax_in_debt, tax_in_recovery
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
    items = {item.pk: item for item in _items_left(account_id)}
    if not items:
        return 0
    money = unused_credits(account_id)
    debts = [Debt(invoice_id=item.pk, amount_minor=_left(item)) for item in items.values() if _left(item)]
    found = distribute_oldest_first(credits_in_order=money, debts_in_order=debts)
    account = Account.objects.get(pk=account_id)
    bills = taxes_of_bills([item.invoice_id for item in items.values()])
    for part in found.parts:
        credit = Credit(payment_id=part.payment_id, amount_minor=part.amount_minor)
        item = items[part.invoice_id]
        _recover(item, credit, account, bills[item.invoice_id], recovered_on=recovered_on, actor=actor)
    return sum(part.amount_minor for part in found.parts)


def _items_left(account_id: int) -> list[WriteOffItem]:
    rows = WriteOffItem.objects.filter(
        account_id=account_id, write_off__state=WriteOff.State.APPROVED, written_minor__gt=0
    )
    return list(
        rows.select_related("write_off").annotate(back_minor=Sum("recoveries__amount_minor")).order_by("due_on", "pk")
    )


def _left(item: WriteOffItem) -> int:
    return item.written_minor - (item.back_minor or 0)  # type: ignore[attr-defined] - annotated above


def _recover(
    item: WriteOffItem, credit: Credit, account: Account, bill: BillTaxes, *, recovered_on: date, actor: str
) -> None:
    parts = _taxes_of(item, credit, bill)
    made = BadDebtRecovery.objects.create(
        item=item,
        payment_id=credit.payment_id,
        amount_minor=credit.amount_minor,
        tax_minor=sum(parts.values()),
        recovered_on=recovered_on,
    )
    item.back_minor = item.written_minor - _left(item) + credit.amount_minor  # type: ignore[attr-defined]
    Allocation.objects.create(
        payment_id=credit.payment_id, invoice_id=item.invoice_id, amount_minor=credit.amount_minor
    )
    currency = item.write_off.currency
    tax_ids = tax_accounts(sorted(parts), currency)
    sides = {bad_debt_account(currency): credit.amount_minor - made.tax_minor}
    sides |= {tax_ids[code]: minor for code, minor in parts.items()}
    pairs = [Pair(account.ledger_account_id, credit_id, minor) for credit_id, minor in sides.items() if minor]
    post_entry(
        NewEntry(
            source_type=RECOVERY,
            source_id=str(made.pk),
            posted_on=recovered_on,
            actor=actor,
            currency=currency,
            reason=item.write_off.reason,
            pairs=pairs,
        )
    )


def _taxes_of(item: WriteOffItem, credit: Credit, bill: BillTaxes) -> dict[str, int]:
    """Return the taxes in a recovery by code of the category: none where none were taken back."""
    if not item.tax_minor:
        return {}
    codes = list(bill.taxes_minor)
    taken_back = tax_in_debt(
        written_minor=item.written_minor, net_minor=bill.net_minor, taxes_minor=list(bill.taxes_minor.values())
    )
    parts = tax_in_recovery(
        amount_minor=credit.amount_minor,
        before_minor=item.written_minor - _left(item),
        written_minor=item.written_minor,
        taxes_minor=taken_back,
    )
    return dict(zip(codes, parts, strict=True))
