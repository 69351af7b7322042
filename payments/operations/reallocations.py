"""A payment is moved to other bills: what it was used for is taken back and used anew, with a reason."""

from collections.abc import Collection
from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, lock_rows
from billing_site.identity.models import User
from payments.domain.till import choose_bills
from payments.models import Payment, PaymentReallocation
from payments.operations.allocations import (
    take_back_allocations,
    use_for_chosen_invoices,
    use_for_open_invoices,
)
from payments.operations.dunning_resumptions import resume_dunning
from payments.queries.payments import debts_of_account, find_reversal, recovered_of, unused_credits
from subscribers.models import Account


class PaymentNotToBeMoved(BillingError):
    """It pays no bill and could pay none."""

    default_message = gettext_noop(
        "Payment %(payment)s cannot be moved: it was taken back, it is no account's, or it came for a debt written off."
        " Nothing was changed."
    )
    default_code = "PAYMENT_NOT_TO_BE_MOVED"


class ReallocationUnsound(BillingError):
    """No bill, no reason, or a bill that owes nothing."""

    default_message = gettext_noop(
        "Choose bills of account %(account)s on which something is to be paid, and say why. Nothing was changed."
    )
    default_code = "REALLOCATION_UNSOUND"


@durable
def reallocate_payment(
    *, payment_id: int, invoice_ids: Collection[int], reason: str, at: datetime, actor: User
) -> PaymentReallocation:
    """
    Take a payment from the bills that it paid and use it for chosen ones, the oldest first; the rest of it by age.

    The books do not change: the account owes the same. What is disputed is paid by nobody's choice but the payer's.
    What came in for a debt written off stays there: it is posted back out of the bad debts.

    :raises PaymentNotToBeMoved: if it was taken back, waits in suspense, or came for debts written off
    :raises ReallocationUnsound: without a reason, or if on a chosen bill nothing is to be paid, this payment apart
    """
    payment = Payment.objects.select_related("account").get(pk=payment_id)
    account = payment.account
    if account is None:
        raise PaymentNotToBeMoved(context={"payment": payment.pk})
    lock_rows(Account.objects.all(), [account.pk])
    if find_reversal(payment.pk) is not None:
        raise PaymentNotToBeMoved(context={"payment": payment.pk})
    unsound = ReallocationUnsound(context={"account": account.number})
    if not reason.strip() or not invoice_ids:
        raise unsound
    made = PaymentReallocation.objects.create(payment=payment, reason=reason.strip(), moved_by=actor, moved_at=at)
    before = take_back_allocations(payment_id=payment.pk, but_not=recovered_of(payment.pk))
    debts = debts_of_account(account.pk)
    if not all(debts.payable_of(pk) for pk in invoice_ids):
        raise unsound
    free_minor = sum(credit.amount_minor for credit in unused_credits(account.pk) if credit.payment_id == payment.pk)
    if not free_minor:
        raise PaymentNotToBeMoved(context={"payment": payment.pk})
    chosen = choose_bills(
        payable=debts.payable, disputed=(), chosen=invoice_ids, chosen_disputed=(), amount_minor=free_minor
    )
    use_for_chosen_invoices(payment_id=payment.pk, for_invoices=chosen)
    use_for_open_invoices(account_id=account.pk)
    resume_dunning(account_id=account.pk, at=at)
    changes = {
        "reason": made.reason,
        "before": {str(pk): str(minor) for pk, minor in sorted(before.items())},
        "chosen": {str(pk): str(minor) for pk, minor in sorted(chosen.items())},
    }
    record("payments.reallocate_payment", actor=actor, subject=payment, changes=changes)
    return made
