"""Payments taken back: the books turned round, bills open again, dunning told."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.closing import get_closed_through
from billing_site.ledger.models import LedgerAccount, LedgerEntry
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry, reverse_entry
from invoicing.models import OneOffCharge
from invoicing.operations.one_off_charges import NewCharge, write_charges_by_rule
from payments.models import Payment, PaymentReversal, RefundPart
from payments.operations.allocations import take_back_allocations, use_for_open_invoices
from payments.operations.dunning_resumptions import resume_dunning
from payments.operations.recoveries import recover_bad_debts, recover_credited_debts, take_back_recoveries
from payments.queries.payments import find_reversal
from subscribers.models import Account
from tariffs.models import BillItem

RETURN_CHARGE = "RETURN_CHARGE"
ONE_DAY = timedelta(days=1)


class PaymentAlreadyReversed(BillingError):
    """Once is enough."""

    default_message = gettext_noop("Payment %(payment)s was taken back already. Nothing was changed.")
    default_code = "PAYMENT_ALREADY_REVERSED"


class ReversalWithoutReason(BillingError):
    """Nobody said why."""

    default_message = gettext_noop("Say why payment %(payment)s is taken back.")
    default_code = "REVERSAL_WITHOUT_REASON"


class ReversalChargeUnsound(BillingError):
    """Below zero, or there is nobody who owes it."""

    default_message = gettext_noop(
        "A charge is not below zero, and is owed by an account: payment %(payment)s has none."
    )
    default_code = "REVERSAL_CHARGE_UNSOUND"


class PaymentGivenBack(BillingError):
    """Nobody gets his money back twice."""

    default_message = gettext_noop(
        "Of payment %(payment)s %(amount)s was given back by a refund: it cannot be taken back besides. Nothing was"
        " changed."
    )
    default_code = "PAYMENT_GIVEN_BACK"


class SuspenseGivenAway(BillingError):
    """Its owner has the money."""

    default_message = gettext_noop(
        "Payment %(payment)s was given out of suspense to its owner: take back payments %(given)s first."
    )
    default_code = "SUSPENSE_GIVEN_AWAY"


@durable
def reverse_payment(
    *,
    payment_id: int,
    kind: str,
    reason: str,
    reversed_at: datetime,
    actor: User | None = None,
    charge_minor: int = 0,
) -> PaymentReversal:
    """
    Take a payment back: its entry is reversed, bills that it paid are open again, dunning goes on where it stopped.

    The entry is of the day of the reversal, or of the first open day where that one is closed. Other unused money of
    the account is used for the bills that are open again.

    :param kind: one of ``PaymentReversal.Kind``
    :param charge_minor: what the bank took for it, owed by the account, in minor units: a line of its next bill, or,
        where there is no bill item for it or no bill will come, an entry of its own at once
    :raises PaymentAlreadyReversed: if it was taken back before
    :raises PaymentGivenBack: if somebody takes it back, not a bank, and a refund has given some of it back
    :raises ReversalChargeUnsound: if the charge is below zero, or the payment is in suspense and nobody owes it
    :raises ReversalWithoutReason: without a reason
    :raises SuspenseGivenAway: if it was in suspense and given to its owner; that payment is to be taken back first
    """
    return take_payment_back(
        payment_id=payment_id,
        kind=kind,
        reason=reason,
        reversed_at=reversed_at,
        actor=actor,
        charge_minor=charge_minor,
    )


@transaction_required
def take_payment_back(
    *, payment_id: int, kind: str, reason: str, reversed_at: datetime, actor: User | None, charge_minor: int = 0
) -> PaymentReversal:
    """Do what ``reverse_payment`` says, as a step of a larger operation; it raises the same refusals."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.account_id is not None:
        lock_rows(Account.objects.all(), [payment.account_id])
    _refuse(payment, reason=reason, charge_minor=charge_minor)
    if kind == PaymentReversal.Kind.CANCELLED:
        _refuse_given_back(payment)
    day = reversed_at.astimezone(operator_zone()).date()
    reversal = PaymentReversal(
        payment=payment,
        kind=PaymentReversal.Kind(kind),
        reason=reason.strip(),
        charge_minor=charge_minor,
        reversed_at=reversed_at,
        posted_on=max(day, get_closed_through() + ONE_DAY),
        reversed_by=actor,
        billed_charge=_charge_for_next_bill(payment, charge_minor=charge_minor, on=day, reason=reason.strip()),
    )
    again = {
        "payments_paymentreversal_payment_id_key": lambda: PaymentAlreadyReversed(context={"payment": payment.pk}),
        "payments_paymentreversal_given_first": lambda: _given_away(payment),
    }
    with constraint_errors(again):
        reversal.save(force_insert=True)
    opened = _turn_back(payment, reversal)
    if payment.account_id is not None:
        _bring_account_up(payment.account_id, reversal)
    changes = {
        "kind": str(reversal.kind),
        "reason": reversal.reason,
        "posted_on": reversal.posted_on.isoformat(),
        "charge_minor": str(charge_minor),
        "opened_minor": str(opened),
    }
    record("payments.reverse_payment", actor=actor, subject=payment, changes=changes)
    return reversal


def _refuse(payment: Payment, *, reason: str, charge_minor: int) -> None:
    named = {"payment": payment.pk}
    if find_reversal(payment.pk) is not None:
        raise PaymentAlreadyReversed(context=named)
    if not reason.strip():
        raise ReversalWithoutReason(context=named)
    if charge_minor < 0 or (charge_minor and payment.account_id is None):
        raise ReversalChargeUnsound(context=named)
    if payment.given.filter(reversal__isnull=True).exists():
        raise _given_away(payment)


def _refuse_given_back(payment: Payment) -> None:
    """
    What a bank takes back is gone, whatever became of it; what we give back, we give back once. A refund paid before
    the payment came gave back other money.
    """
    parts = RefundPart.objects.filter(payment=payment, refund__paid_at__gte=payment.received_at)
    given_minor = int(parts.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
    if given_minor:
        amount = minor_to_decimal(given_minor, digits=currency_digits(str(payment.amount.currency)))
        raise PaymentGivenBack(context={"payment": payment.pk, "amount": amount})


def _given_away(payment: Payment) -> SuspenseGivenAway:
    given = payment.given.filter(reversal__isnull=True).order_by("pk").values_list("pk", flat=True)
    return SuspenseGivenAway(context={"payment": payment.pk, "given": ", ".join(str(pk) for pk in given)})


def _turn_back(payment: Payment, reversal: PaymentReversal) -> int:
    """Turn round what the books have of a payment, take back its uses; return what is open again, in minor units."""
    by = _actor_name(reversal)
    used = take_back_allocations(payment_id=payment.pk)
    lost = take_back_recoveries(payment_id=payment.pk, taken_back_on=reversal.posted_on, actor=by, reason=reversal.kind)
    entry = LedgerEntry.objects.get(source_type="PAYMENT", source_id=str(payment.pk))
    reverse_entry(entry_id=entry.pk, posted_on=reversal.posted_on, actor=by, reason=reversal.kind)
    if reversal.charge_minor and reversal.billed_charge_id is None:
        _post_charge(payment, reversal)
    return sum(used.values()) - lost


@transaction_required
def _charge_for_next_bill(payment: Payment, *, charge_minor: int, on: date, reason: str) -> OneOffCharge | None:
    """
    Put what the bank took on the account's next bill, as a line that says why.

    Without the bill item ``SALDO_RETURN_CHARGE_ITEM``, or where no bill will come, the books get it at once instead.
    """
    item = BillItem.objects.filter(code=settings.SALDO_RETURN_CHARGE_ITEM).first()
    if not charge_minor or item is None or payment.account is None or payment.account.state != Account.State.ACTIVE:
        return None
    digits = currency_digits(str(payment.amount.currency))
    (charge,) = write_charges_by_rule(
        charges=[
            NewCharge(
                account_id=payment.account.pk,
                subscription_id=None,
                bill_item_id=item.pk,
                kind=OneOffCharge.Kind.OTHER,
                price=minor_to_decimal(charge_minor, digits=digits),
                quantity=1,
                charged_on=on,
                note=f"{payment.pk}: {reason}"[:300],
            )
        ]
    )
    return charge


def _post_charge(payment: Payment, reversal: PaymentReversal) -> None:
    account, currency = payment.account, str(payment.amount.currency)
    assert account is not None, "a charge is owed by an account"
    code = f"REVENUE:{RETURN_CHARGE}:{currency}"
    income = open_accounts(codes=[code], kind=LedgerAccount.Kind.REVENUE, currency=currency)[code]
    post_entry(
        NewEntry(
            source_type=RETURN_CHARGE,
            source_id=str(reversal.pk),
            posted_on=reversal.posted_on,
            actor=_actor_name(reversal),
            currency=currency,
            reason=reversal.kind,
            pairs=[Pair(account.ledger_account_id, income, reversal.charge_minor)],
        )
    )


def _bring_account_up(account_id: int, reversal: PaymentReversal) -> None:
    """Use what else the account has for the bills that are open again, and tell dunning what is owed then."""
    recover_credited_debts(account_id=account_id, recovered_on=reversal.posted_on, actor=_actor_name(reversal))
    use_for_open_invoices(account_id=account_id)
    recover_bad_debts(account_id=account_id, recovered_on=reversal.posted_on, actor=_actor_name(reversal))
    resume_dunning(account_id=account_id, at=reversal.reversed_at)


def _actor_name(reversal: PaymentReversal) -> str:
    return str(reversal.reversed_by) if reversal.reversed_by is not None else SYSTEM
