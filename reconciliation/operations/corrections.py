"""What a settled difference does to the money: taken back, taken in, by the doors of the payments."""

from datetime import datetime

from django.conf import settings

from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.transactions import transaction_required
from payments.domain.requests import terminal_key
from payments.models import Payment, PaymentReversal
from payments.operations.payments import NewPayment, take_payment
from payments.operations.reversals import take_payment_back
from reconciliation.models import Discrepancy, TerminalRegisterLine

# As much of the words as a payment in suspense keeps.
REASON_LENGTH = 64


@transaction_required
def correct_payment(case: Discrepancy, *, at: datetime) -> int | None:
    """
    Take our payment back, take in what the register has, or both, as the case's act says; in the caller's transaction.

    :returns: the id of the payment taken in, or ``None``
    """
    acts = Discrepancy.Act
    if case.act in {acts.CANCEL, acts.REPLACE}:
        assert case.payment_id is not None
        take_payment_back(
            payment_id=case.payment_id,
            kind=PaymentReversal.Kind.CANCELLED,
            reason=case.note,
            reversed_at=at,
            actor=case.resolved_by,
        )
    return _take_in(case, at=at) if case.act in {acts.TAKE_IN, acts.SUSPEND, acts.REPLACE} else None


def _take_in(case: Discrepancy, *, at: datetime) -> int:
    """Money that never came online has the network's own key, so that it cannot come online after all."""
    assert case.their_amount_minor is not None
    assert case.register_line_number is not None
    network = case.check_run.network
    line = TerminalRegisterLine.objects.filter(
        register_id=case.check_run.register_id, line_number=case.register_line_number
    ).first()
    key = terminal_key(network_code=network.code, txn_id=case.txn_id)
    wanted = NewPayment(
        channel=Payment.Channel.TERMINAL,
        # Where a payment of ours has the network's key, this one has the case's beside it.
        key=key if case.payment_id is None else f"{key}#{case.pk}",
        account_number=case.target_number or case.account_number,
        amount=minor_to_decimal(case.their_amount_minor, digits=currency_digits(settings.SALDO_CURRENCY)),
        received_at=at,
        paid_at=line.paid_at if line is not None else None,
        network_id=network.pk,
        network_txn_id=case.txn_id,
        suspense_reason=case.note[:REASON_LENGTH] if case.act == Discrepancy.Act.SUSPEND else "",
    )
    return take_payment(wanted, actor=case.resolved_by).payment_id
