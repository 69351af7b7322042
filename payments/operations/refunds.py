"""Money given back: asked for by one person, decided by another, paid out and posted."""

from datetime import datetime, timedelta

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.constraints import constraint_errors
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.closing import get_closed_through
from billing_site.ledger.posting import NewEntry, Pair, post_entry
from payments.domain.allocation import Debt, distribute_oldest_first
from payments.models import OnlinePayment, Refund, RefundPart
from payments.operations.deposits import deposit_account
from payments.operations.online_adapters import adapter_of
from payments.operations.till_moves import count_in_session, lock_session_of
from payments.queries.deposits import find_deposit
from payments.queries.payments import unused_credits
from payments.queries.refunds import credit_of, refundable_of, refundable_online
from subscribers.models import Account

REFUND = "REFUND"
ONE_DAY = timedelta(days=1)


class RefundTooMuch(BillingError):
    """More than there is."""

    default_message = gettext_noop("%(amount)s cannot be given back: %(left)s may be asked for. Nothing was changed.")
    default_code = "REFUND_TOO_MUCH"


class RefundUnsound(BillingError):
    """Nothing, to nobody, for no reason."""

    default_message = gettext_noop(
        "Give an amount above zero, a reason, who gets the money, and a bank account where a bank pays it."
    )
    default_code = "REFUND_UNSOUND"


class RefundNotThere(BillingError):
    """Decided or paid already."""

    default_message = gettext_noop("Refund %(refund)s is no longer at this step. Nothing was changed.")
    default_code = "REFUND_NOT_THERE"


class RefundGoesOnline(BillingError):
    """Its provider pays it, not a till or a bank; and the other way round."""

    default_message = gettext_noop("Refund %(refund)s is paid another way. Nothing was changed.")
    default_code = "REFUND_GOES_ONLINE"


class RefundRequestedBySamePerson(BillingError):
    """Who asks does not decide."""

    default_message = gettext_noop("You asked for refund %(refund)s: another person decides.")
    default_code = "REFUND_REQUESTED_BY_SAME_PERSON"


@durable
def request_refund(
    *,
    account_id: int,
    amount_minor: int,
    way: str,
    payee: str,
    bank_account: str,
    reason: str,
    at: datetime,
    actor: User,
    deposit_id: int | None = None,
    online_payment_id: int | None = None,
) -> Refund:
    """
    Ask for money back: of an account's credit, or of a deposit.

    :param way: one of ``Refund.Way``; a bank account is given for ``BANK`` alone, an online payment for ``ONLINE``
    :param online_payment_id: what was paid online and goes back the same way
    :raises RefundUnsound: if something is missing
    :raises RefundTooMuch: above the unused credit, or above what was paid online, less what is asked for already
    """
    account = lock_rows(Account.objects.all(), [account_id])[0]
    target = "".join(bank_account.split()).upper()
    is_whole = amount_minor > 0 and reason.strip() and payee.strip()
    is_online = way == Refund.Way.ONLINE
    if not is_whole or bool(target) != (way == Refund.Way.BANK) or is_online != (online_payment_id is not None):
        raise RefundUnsound
    _refuse_above(amount_minor, refundable_of(account.pk, deposit_id=deposit_id), currency=account.currency)
    if online_payment_id is not None:
        if deposit_id is not None or not OnlinePayment.objects.filter(pk=online_payment_id, account=account).exists():
            raise RefundUnsound
        _refuse_above(amount_minor, refundable_online(online_payment_id), currency=account.currency)
    made = Refund.objects.create(
        account=account,
        deposit_id=deposit_id,
        amount_minor=amount_minor,
        currency=account.currency,
        way=Refund.Way(way),
        payee=payee.strip(),
        bank_account=target,
        online_payment_id=online_payment_id,
        reason=reason.strip(),
        requested_by=actor,
        requested_at=at,
    )
    changes = {"amount_minor": str(amount_minor), "way": str(way), "bank_account": made.masked_account}
    record("payments.request_refund", actor=actor, subject=made, changes=changes)
    return made


@durable
def approve_refund(*, refund_id: int, at: datetime, actor: User) -> Refund:
    """
    Let a refund be paid out.

    :raises RefundNotThere: if it was decided before
    :raises RefundRequestedBySamePerson: if ``actor`` asked for it
    """
    made = _decide(refund_id, Refund.State.APPROVED, at=at, actor=actor)
    record("payments.approve_refund", actor=actor, subject=made, changes={"amount_minor": str(made.amount_minor)})
    return made


@durable
def reject_refund(*, refund_id: int, at: datetime, actor: User) -> Refund:
    """
    Refuse a refund: the money stays the account's.

    :raises RefundNotThere: if it was decided before
    :raises RefundRequestedBySamePerson: if ``actor`` asked for it
    """
    made = _decide(refund_id, Refund.State.REJECTED, at=at, actor=actor)
    record("payments.reject_refund", actor=actor, subject=made, changes={"amount_minor": str(made.amount_minor)})
    return made


@durable
def pay_refund(*, refund_id: int, clearing_account_id: int, paid_at: datetime, actor: User) -> Refund:
    """
    Pay an approved refund out and post it: unused payments of the account are given back, the oldest first.

    :param clearing_account_id: the account of the books from which the money left: a till's, a bank's
    :raises RefundGoesOnline: if its provider pays it
    :raises RefundNotThere: if it is not approved, or paid already
    :raises RefundTooMuch: if the credit was used meanwhile
    :raises TillWithoutSession: if it leaves a till that nobody has open
    """
    till = lock_session_of(clearing_account_id=clearing_account_id)
    account_id = Refund.objects.values_list("account_id", flat=True).get(pk=refund_id)
    account = lock_rows(Account.objects.all(), [account_id])[0]
    made = _lock(refund_id, Refund.State.APPROVED)
    if made.way == Refund.Way.ONLINE:
        raise RefundGoesOnline(context={"refund": made.pk})
    if made.deposit_id is None:
        left_minor, debit_id = credit_of(account.pk), account.ledger_account_id
    else:
        deposit = find_deposit(made.deposit_id)
        assert deposit is not None, "a refund's deposit stays"
        left_minor, debit_id = deposit.left_minor, deposit_account(made.currency)
    _refuse_above(made.amount_minor, left_minor, currency=made.currency)
    made.clearing_account_id = clearing_account_id
    entry_id = _write_paid(made, debit_id=debit_id, paid_at=paid_at, actor=actor)
    count_in_session(till, amount_minor=-made.amount_minor, entry_id=entry_id)
    changes = {"amount_minor": str(made.amount_minor), "posted_on": str(made.posted_on)}
    record("payments.pay_refund", actor=actor, subject=made, changes=changes)
    return made


def pay_online_refund(*, refund_id: int, paid_at: datetime, actor: User) -> Refund:
    """
    Have the provider give an approved refund back, and post it.

    The provider is asked first, outside our transaction, under the refund's own name: asked again after a breakdown it
    names the same refund. What it gave back is posted whatever became of the credit meanwhile: the money has left.

    :raises RefundGoesOnline: if it is to be paid another way
    :raises RefundNotThere: if it is not approved, or paid already
    :raises RefundTooMuch: if the credit is used by now: the provider is not asked
    :raises RefundRefused: if the provider refuses for good
    :raises ProviderSilent: if it does not answer
    :raises AdapterUnknown: if nothing can speak to it
    """
    made = Refund.objects.select_related("online_payment__provider").get(pk=refund_id)
    if made.online_payment is None:
        raise RefundGoesOnline(context={"refund": made.pk})
    if made.state != Refund.State.APPROVED:
        raise RefundNotThere(context={"refund": made.pk})
    _refuse_above(made.amount_minor, credit_of(made.account_id), currency=made.currency)
    number = adapter_of(made.online_payment.provider).refund(
        reference=made.online_payment.reference,
        wish=f"refund-{made.pk}",
        amount=minor_to_decimal(made.amount_minor, digits=currency_digits(made.currency)),
    )
    crash_point("payments.pay_online_refund.given_back")
    return _note_given_back(refund_id, provider_reference=number, paid_at=paid_at, actor=actor)


@durable
def _note_given_back(refund_id: int, *, provider_reference: str, paid_at: datetime, actor: User) -> Refund:
    account_id = Refund.objects.values_list("account_id", flat=True).get(pk=refund_id)
    account = lock_rows(Account.objects.all(), [account_id])[0]
    made = _lock(refund_id, Refund.State.APPROVED)
    assert made.online_payment is not None, "asked before"
    made.provider_reference = provider_reference
    made.clearing_account_id = made.online_payment.provider.clearing_account_id
    _write_paid(made, debit_id=account.ledger_account_id, paid_at=paid_at, actor=actor)
    changes = {"amount_minor": str(made.amount_minor), "provider_reference": provider_reference}
    record("payments.pay_online_refund", actor=actor, subject=made, changes=changes)
    return made


@transaction_required
def _write_paid(made: Refund, *, debit_id: int, paid_at: datetime, actor: User) -> int:
    """Mark a refund as paid, take it from unused payments, post it; return its entry."""
    assert made.clearing_account_id is not None, "the caller says where the money left"
    made.state, made.paid_by, made.paid_at = Refund.State.PAID, actor, paid_at
    made.posted_on = max(paid_at.astimezone(operator_zone()).date(), get_closed_through() + ONE_DAY)
    made.save(update_fields=["state", "paid_by", "paid_at", "posted_on", "clearing_account", "provider_reference"])
    if made.deposit_id is None:
        _give_back(made)
    return post_entry(
        NewEntry(
            source_type=REFUND,
            source_id=str(made.pk),
            posted_on=made.posted_on,
            actor=str(actor),
            currency=made.currency,
            reason=made.way,
            pairs=[Pair(debit_id, made.clearing_account_id, made.amount_minor)],
        )
    )


@transaction_required
def _give_back(made: Refund) -> None:
    """Take the refund from unused payments; what is more is credit that no payment brought."""
    found = distribute_oldest_first(
        credits_in_order=unused_credits(made.account_id),
        # The refund is the debt here.
        debts_in_order=[Debt(invoice_id=made.pk, amount_minor=made.amount_minor)],
    )
    RefundPart.objects.bulk_create(
        RefundPart(refund=made, payment_id=part.payment_id, amount_minor=part.amount_minor) for part in found.parts
    )


def _decide(refund_id: int, state: str, *, at: datetime, actor: User) -> Refund:
    made = _lock(refund_id, Refund.State.REQUESTED)
    same_person = RefundRequestedBySamePerson(context={"refund": made.pk})
    if made.requested_by_id == actor.pk:
        raise same_person
    made.state, made.decided_by, made.decided_at = state, actor, at
    with constraint_errors({"payments_refund_second_person": lambda: same_person}):
        made.save(update_fields=["state", "decided_by", "decided_at"])
    return made


def _lock(refund_id: int, state: str) -> Refund:
    made = lock_rows(Refund.objects.all(), [refund_id])[0]
    if made.state != state:
        raise RefundNotThere(context={"refund": made.pk})
    return made


def _refuse_above(amount_minor: int, left_minor: int, *, currency: str) -> None:
    if amount_minor > left_minor:
        digits = currency_digits(currency)
        amount, left = (minor_to_decimal(minor, digits=digits) for minor in (amount_minor, left_minor))
        raise RefundTooMuch(context={"amount": amount, "left": left})
