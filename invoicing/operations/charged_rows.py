"""What bills charge besides the days of their own period, written with their drafts: charged once."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import QuerySet

from billing_site.db.copying import NULL, copy_text
from billing_site.db.transactions import transaction_required
from invoicing.domain.bill_items import LineKind, RecurringItem
from invoicing.models import CarriedBilling, CarriedCharge, ChargeBilling, ChargedDays, ContractBilling, Invoice
from invoicing.operations.invoice_rows import Draft
from invoicing.queries.bill_inputs import ChunkInputs

ONE_OFF, TAKEN_ON = LineKind.ONE_OFF, LineKind.TAKEN_ON
# What is noted as billed beside the lines: thrown away with the bill, so that it may be billed again.
NOTED_AS_BILLED = (ContractBilling, ChargedDays, ChargeBilling, CarriedBilling)
CHARGED_COLUMNS = (
    "invoice_id", "subscription_id", "bill_item_id", "plan_version_id", "feature_id", "price_micro", "sign",
    "start_on", "until_on", "period_from", "period_until", "days", "of_days",
)  # fmt: skip


@transaction_required
def write_charged(*, ids: Sequence[int], drafts: Sequence[Draft], inputs: ChunkInputs) -> None:
    """
    Write which days of fees and which one-off charges the drafts bill. The database refuses what a living bill has
    billed: the chunk is then done again from what is left.
    """
    if inputs.tracked:
        rows = [
            _charged_row(invoice_id, item)
            for invoice_id, draft in zip(ids, drafts, strict=True)
            for item in inputs.tracked.get(draft.bill.account_id, ())
        ]
        copy_text(table="invoicing_chargeddays", columns=CHARGED_COLUMNS, lines=rows)
    if inputs.has_charges:
        ChargeBilling.objects.bulk_create(_billings(ids, drafts))


@transaction_required
def forget_billed(invoice_ids: Collection[int]) -> None:
    """Throw away what is noted as billed by bills that are taken back or thrown away."""
    for noted in NOTED_AS_BILLED:
        noted.objects.filter(invoice_id__in=invoice_ids).delete()


@transaction_required
def throw_drafts_away(drafts: QuerySet[Invoice]) -> None:
    """Throw drafts away with all that they charge and carry."""
    ids = list(drafts.values_list("pk", flat=True))
    forget_billed(ids)
    CarriedCharge.objects.filter(invoice_id__in=ids).delete()
    Invoice.objects.filter(pk__in=ids).update(state=Invoice.State.CANCELLED)


@transaction_required
def write_carried(*, ids: Sequence[int], drafts: Sequence[Draft], inputs: ChunkInputs) -> None:
    """
    Write which lines of drafts wait for a payer's next bill, and which lines of payers bill what waited. The database
    refuses what another bill has.
    """
    if inputs.carried:
        CarriedBilling.objects.bulk_create(
            CarriedBilling(carried_id=line.source_id or 0, invoice_id=invoice_id, n=line.position)
            for invoice_id, draft in zip(ids, drafts, strict=True)
            for line in draft.bill.lines
            if line.kind is TAKEN_ON and line.source_id is not None
        )
    if any(draft.carries for draft in drafts):
        CarriedCharge.objects.bulk_create(
            CarriedCharge(payer_id=payer_id, invoice_id=invoice_id, n=n)
            for invoice_id, draft in zip(ids, drafts, strict=True)
            for n, payer_id in draft.carries
        )


def _charged_row(invoice_id: int, item: RecurringItem) -> str:
    values = (
        invoice_id, item.subscription_id, item.bill_item_id, item.plan_version_id, item.feature_id, item.price_micro,
        item.quantity, item.start_on, item.until_on, item.period_start_on, item.period_until_on, item.days,
        item.of_days,
    )  # fmt: skip
    return "\t".join(NULL if value is None else str(value) for value in values) + "\n"


def _billings(ids: Sequence[int], drafts: Sequence[Draft]) -> Iterable[ChargeBilling]:
    for invoice_id, draft in zip(ids, drafts, strict=True):
        for line in draft.bill.lines:
            if line.kind is ONE_OFF and line.source_id is not None:
                yield ChargeBilling(charge_id=line.source_id, invoice_id=invoice_id, n=line.position)
