"""Receipts are registered with the fiscal device of their till; what it does not answer waits and is told again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from billing_site.audit.recording import record
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.work import add_work
from payments.domain.fiscal import FiscalDevice, FiscalDeviceSilent, FiscalReceipt, find_fiscal_device
from payments.models import FiscalRegistration, ReceiptPart, TillReceipt

REGISTER = "payments.register_receipt"
WAITING = FiscalRegistration.State.WAITING
# Told again at a time, so that a device that comes back is not overrun.
RECEIPTS_AT_A_TIME = 200
# A silent device is asked again after two minutes, four, eight and so on, up to six hours.
MINUTE, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
MOST_DOUBLINGS = 9


@transaction_required
def register_or_wait(*, receipt: TillReceipt, parts: Sequence[ReceiptPart], at: datetime) -> FiscalRegistration | None:
    """
    Register a receipt just written: at once where the device is part of this program, else as a piece of work.

    ``None`` where the till has no device.
    """
    device = find_fiscal_device(receipt.till.fiscal_device)
    if device is None:
        return None
    registration = FiscalRegistration(receipt=receipt, next_try_at=at)
    if device.is_at_hand:
        _register(registration, device, parts, at=at)
        registration.save(force_insert=True)
    else:
        registration.save(force_insert=True)
        _ask_again([registration], at=at)
    return registration


@transaction_required
def register_receipt(*, receipt_id: int, at: datetime) -> None:
    """Tell the device of a receipt that waits; its silence is written down, and the receipt goes on waiting."""
    registration = FiscalRegistration.objects.select_for_update(of=("self",)).select_related(
        "receipt__till", "receipt__clerk", "receipt__reverses"
    ).get(receipt_id=receipt_id)  # fmt: skip
    device = find_fiscal_device(registration.receipt.till.fiscal_device)
    if registration.state != WAITING or device is None:
        return
    registration.attempts += 1
    try:
        _register(registration, device, list(registration.receipt.parts.order_by("n")), at=at)
    except FiscalDeviceSilent as silence:
        registration.last_error = str(silence)[:300]
    registration.save(update_fields=["state", "attempts", "last_error", "mark", "registered_at"])


@durable
def retry_fiscal_receipt(*, receipt_id: int, at: datetime, actor: User) -> None:
    """Have the device asked again for a receipt that waits; one that is registered stays as it is."""
    registration = FiscalRegistration.objects.select_related("receipt").get(receipt_id=receipt_id)
    if registration.state == WAITING:
        _ask_again([registration], at=at)
        record("payments.retry_fiscal_receipt", actor=actor, subject=registration.receipt)


@durable
def retry_fiscal_receipts(*, at: datetime) -> int:
    """Have the devices asked again for what has waited long enough by an instant; return how many receipts."""
    due = FiscalRegistration.objects.filter(state=WAITING, next_try_at__lte=at).order_by("next_try_at", "id")
    waiting = list(due[:RECEIPTS_AT_A_TIME])
    _ask_again(waiting, at=at)
    return len(waiting)


@transaction_required
def _ask_again(waiting: Sequence[FiscalRegistration], *, at: datetime) -> None:
    """Add a piece of work for each, whose key is the moment, and put off the next one."""
    if not waiting:
        return
    items = {f"{one.receipt_id}/{at.isoformat()}": {"receipt_id": one.receipt_id} for one in waiting}
    add_work(kind=REGISTER, items=items)
    for one in waiting:
        one.next_try_at = at + min(LONGEST_WAIT, MINUTE * 2 ** min(one.attempts + 1, MOST_DOUBLINGS))
    FiscalRegistration.objects.bulk_update(waiting, ["next_try_at"])


def _register(
    registration: FiscalRegistration, device: FiscalDevice, parts: Sequence[ReceiptPart], *, at: datetime
) -> None:
    receipt = registration.receipt
    by_method: Counter[str] = Counter()
    for part in parts:
        by_method[str(part.method)] += part.amount_minor
    mark = device.register(
        FiscalReceipt(
            till=receipt.till.code,
            serial=receipt.serial,
            number=receipt.number,
            taken_at=receipt.taken_at,
            clerk=str(receipt.clerk),
            currency=receipt.currency,
            amount_minor=receipt.amount_minor,
            by_method=dict(by_method),
            reverses=receipt.reverses.number if receipt.reverses is not None else "",
        ),
        settings=receipt.till.fiscal_settings,
        previous=_code_before(receipt),
    )
    registration.state, registration.mark = FiscalRegistration.State.REGISTERED, asdict(mark)
    registration.registered_at, registration.last_error = at, ""


def _code_before(receipt: TillReceipt) -> str:
    """Return the code of the mark that the till's device gave before this receipt."""
    before = FiscalRegistration.objects.filter(
        receipt__till_id=receipt.till_id, receipt__serial__lt=receipt.serial, state=FiscalRegistration.State.REGISTERED
    )
    mark = before.order_by("-receipt__serial").values_list("mark", flat=True).first()
    return str((mark or {}).get("code", ""))
