"""
Online payments: begun by a payer, decided by the provider's signed notice or its answer, never by the page of return.

A notice may come before the payer is back, twice, late, or not at all. The first one that says paid books the money; a
repetition changes nothing; one with another amount is kept as a conflict for a person. Whatever stays undecided is
asked for, and expires in the end; if the provider says paid after that, it counts all the same: the money is real.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import open_accounts
from payments.domain.online import OnlineNotice, OnlineOrder, OnlineOutcome
from payments.models import OnlineNoticeEntry, OnlinePayment, OnlineProvider, Payment
from payments.operations.online_adapters import AdapterUnknown, adapter_of
from payments.operations.payments import NewPayment, PaymentTooLarge, PaymentTooSmall, take_payment
from payments.queries.payments import debts_of_account, takes_money
from subscribers.models import Account

# Begun and not decided at a time: nobody pays more often at once.
MOST_PENDING = 10
ASK_AFTER = timedelta(minutes=2)
ASKED_AT_A_TIME = 100

Verdict = OnlineNoticeEntry.Verdict
State = OnlinePayment.State


class TooManyPending(BillingError):
    """Somebody begins and begins."""

    default_message = gettext_noop(
        "Several payments for this account are under way. Wait until they are decided; nothing was taken."
    )
    default_code = "TOO_MANY_PENDING"


class OnlineAccountClosed(BillingError):
    """Nothing is taken for it any more."""

    default_message = gettext_noop("This account is closed: it cannot be paid online.")
    default_code = "ONLINE_ACCOUNT_CLOSED"


class ProviderUnknown(BillingError):
    """No provider has this code."""

    default_message = gettext_noop("There is no such provider of payments.")
    default_code = "PROVIDER_UNKNOWN"


@durable
def add_online_provider(
    *,
    code: str,
    name: str,
    adapter: str,
    secret: str,
    minimum_minor: int = 1,
    maximum_minor: int = 10_000_000,
    lifetime_minutes: int = 60,
    actor: User | None,
) -> OnlineProvider:
    """
    Add a provider with its clearing account in the books; one that is there already stays as it is.

    :param adapter: how it is spoken to, see ``payments.operations.online_adapters``
    :param secret: key of its notices' signatures
    :param lifetime_minutes: after so long an undecided payment counts as not made
    """
    known = OnlineProvider.objects.filter(code=code).first()
    if known is not None:
        return known
    book, currency = f"CLEARING:ONLINE:{code}", settings.SALDO_CURRENCY
    accounts = open_accounts(codes=[book], kind=LedgerAccount.Kind.CLEARING, currency=currency)
    provider = OnlineProvider.objects.create(
        code=code,
        name=name,
        adapter=adapter,
        secret=secret,
        clearing_account_id=accounts[book],
        minimum_minor=minimum_minor,
        maximum_minor=maximum_minor,
        lifetime_minutes=lifetime_minutes,
    )
    record("payments.add_online_provider", actor=actor, subject=provider, changes={"code": code, "adapter": adapter})
    return provider


@durable
def start_online_payment(
    *,
    account_id: int,
    provider_id: int,
    amount_minor: int,
    door: str,
    key: UUID,
    invoice_id: int | None = None,
    at: datetime,
) -> OnlinePayment:
    """
    Begin a payment; the payer is then led to the provider (``page_of_provider``). No money moves here.

    :param key: of the form: the same form sent twice begins one payment
    :param invoice_id: the bill that is paid, where it is a certain one
    :raises OnlineAccountClosed: if the account is closed and owes nothing, or is in another currency
    :raises PaymentTooSmall: below the provider's limit
    :raises PaymentTooLarge: above it
    :raises TooManyPending: if many are under way for the account
    """
    account = lock_rows(Account.objects.all(), [account_id])[0]
    provider = OnlineProvider.objects.get(pk=provider_id, is_active=True)
    if not takes_money(account) or account.currency != settings.SALDO_CURRENCY:
        raise OnlineAccountClosed
    _refuse_outside_limits(provider, amount_minor)
    told = f"{account.pk}:{provider.pk}:{amount_minor}:{invoice_id}:{key}"
    reference = salted_hmac("payments.online", told, algorithm="sha256").hexdigest()[:40]
    earlier = OnlinePayment.objects.filter(reference=reference).first()
    if earlier is not None:
        return earlier
    if OnlinePayment.objects.filter(account=account, state=State.PENDING).count() >= MOST_PENDING:
        raise TooManyPending
    made = OnlinePayment.objects.create(
        reference=reference,
        provider=provider,
        account=account,
        invoice_id=invoice_id,
        amount_minor=amount_minor,
        currency=account.currency,
        door=door,
        started_at=at,
        expires_at=at + timedelta(minutes=provider.lifetime_minutes),
    )
    changes = {"amount_minor": str(amount_minor), "provider": provider.code, "door": door}
    record("payments.start_online_payment", actor=None, subject=account, changes=changes)
    return made


def page_of_provider(*, online_payment: OnlinePayment, return_url: str, language: str) -> str:
    """
    Make a payment known to its provider, and return the address where the payer pays.

    :raises AdapterUnknown: if nothing can speak to the provider
    """
    order = OnlineOrder(
        reference=online_payment.reference,
        amount=_amount_of(online_payment),
        currency=online_payment.currency,
        language=language,
        description=f"{settings.SALDO_OPERATOR_NAME} {online_payment.account.number[-4:]}",
        return_url=return_url,
    )
    return adapter_of(online_payment.provider).start(order)


def take_online_notice(*, provider_code: str, body: bytes, headers: Mapping[str, str], at: datetime) -> str:
    """
    Take a notice that somebody sent, and return what it did: a word of ``OnlineNoticeEntry.Verdict``.

    :raises ProviderUnknown: if no provider is called so
    :raises AdapterUnknown: if nothing can speak to it
    :raises NoticeDistrusted: if the provider did not sign it; nothing is kept of it
    :raises NoticeUnreadable: if it says nothing that can be understood
    """
    provider = OnlineProvider.objects.filter(code=provider_code).first()
    if provider is None:
        raise ProviderUnknown
    secrets = [provider.secret, provider.next_secret]
    notice = adapter_of(provider).read_notice(body=body, headers=headers, secrets=secrets)
    return _apply_notice(provider, notice, at=at, was_asked_for=False)


def sweep_online_payments(*, at: datetime) -> int:
    """
    Ask the providers about payments that are not decided, and let those expire whose time is over; return how many were
    looked at.
    """
    waiting = OnlinePayment.objects.filter(state=State.PENDING, started_at__lte=at - ASK_AFTER)
    waiting = waiting.exclude(asked_at__gt=at - ASK_AFTER).select_related("provider")
    found = list(waiting.order_by("asked_at", "pk")[:ASKED_AT_A_TIME])
    for one in found:
        _ask(one, at)
    return len(found)


def _ask(one: OnlinePayment, at: datetime) -> None:
    try:
        notice = adapter_of(one.provider).ask(one.reference)
    except AdapterUnknown:
        notice = None
    if notice is not None and notice.outcome is not OnlineOutcome.PENDING:
        _apply_notice(one.provider, notice, at=at, was_asked_for=True)
    else:
        _note_asked(one.pk, at=at)


@durable
def _note_asked(online_payment_id: int, *, at: datetime) -> None:
    one = OnlinePayment.objects.select_for_update(of=("self",)).get(pk=online_payment_id)
    if one.state != State.PENDING:
        return
    one.asked_at = at
    if one.expires_at <= at:
        one.state, one.reason, one.ended_at = State.EXPIRED, "TOO_LATE", at
    one.save(update_fields=["asked_at", "state", "reason", "ended_at"])


@durable
def _apply_notice(provider: OnlineProvider, notice: OnlineNotice, *, at: datetime, was_asked_for: bool) -> str:
    """Carry a believed notice out, in one transaction; the account and then the payment are held."""
    one = OnlinePayment.objects.filter(provider=provider, reference=notice.reference).first()
    if one is not None:
        lock_rows(Account.objects.all(), [one.account_id])
        one = OnlinePayment.objects.select_for_update(of=("self",)).select_related("account", "provider").get(pk=one.pk)
    verdict = _judge(one, notice)
    if one is not None and verdict in {Verdict.APPLIED, Verdict.CONFLICT}:
        _write(one, notice, verdict, at=at)
    OnlineNoticeEntry.objects.create(
        provider=provider,
        online_payment=one,
        reference=notice.reference,
        provider_reference=notice.provider_reference,
        outcome=notice.outcome,
        amount=str(notice.amount)[:40],
        currency=notice.currency,
        verdict=verdict,
        was_asked_for=was_asked_for,
        received_at=at,
    )
    return verdict


def _judge(one: OnlinePayment | None, notice: OnlineNotice) -> str:
    if one is None:
        return Verdict.UNKNOWN
    if notice.outcome is OnlineOutcome.PENDING:
        return Verdict.NOTHING
    if notice.outcome is OnlineOutcome.FAILED:
        if one.state == State.PAID:
            return Verdict.CONFLICT
        return Verdict.REPEATED if one.state == State.FAILED else Verdict.APPLIED
    if (notice.amount, notice.currency) != (_amount_of(one), one.currency):
        return Verdict.CONFLICT
    return Verdict.REPEATED if one.state == State.PAID else Verdict.APPLIED


@transaction_required
def _write(one: OnlinePayment, notice: OnlineNotice, verdict: str, *, at: datetime) -> None:
    changes = {"reference": one.reference, "outcome": str(notice.outcome), "amount": str(notice.amount)[:40]}
    record("payments.take_online_notice", actor=None, subject=one, changes={**changes, "verdict": str(verdict)})
    if one.state == State.PAID:
        return
    one.provider_reference, one.ended_at, one.reason = notice.provider_reference, at, notice.reason or ""
    if verdict == Verdict.CONFLICT:
        one.state = State.CONFLICT
    elif notice.outcome is OnlineOutcome.PAID:
        one.state, one.payment_id, one.reason = State.PAID, _book(one, at), ""
    else:
        one.state = State.FAILED
    one.save(update_fields=["state", "reason", "provider_reference", "payment", "ended_at"])


def _book(one: OnlinePayment, at: datetime) -> int:
    wanted = NewPayment(
        channel=Payment.Channel.ONLINE,
        key=f"{one.provider.code}:{one.reference}",
        account_number=one.account.number,
        amount=_amount_of(one),
        received_at=at,
        paid_at=at,
        clearing_account_id=one.provider.clearing_account_id,
        for_invoices=_chosen(one),
    )
    return take_payment(wanted, actor=None).payment_id


def _chosen(one: OnlinePayment) -> dict[int, int]:
    """Return what of the payer's bill is still open and paid by this; nothing where no bill was chosen."""
    if one.invoice_id is None or not takes_money(one.account):
        return {}
    amount_minor = min(one.amount_minor, debts_of_account(one.account_id).payable_of(one.invoice_id))
    return {one.invoice_id: amount_minor} if amount_minor > 0 else {}


def _amount_of(one: OnlinePayment) -> Decimal:
    return minor_to_decimal(one.amount_minor, digits=currency_digits(one.currency))


def _refuse_outside_limits(provider: OnlineProvider, amount_minor: int) -> None:
    digits = currency_digits(settings.SALDO_CURRENCY)
    shown = minor_to_decimal(amount_minor, digits=digits)
    if amount_minor < provider.minimum_minor:
        limit = minor_to_decimal(provider.minimum_minor, digits=digits)
        raise PaymentTooSmall(context={"amount": shown, "limit": limit})
    if amount_minor > provider.maximum_minor:
        limit = minor_to_decimal(provider.maximum_minor, digits=digits)
        raise PaymentTooLarge(context={"amount": shown, "limit": limit})
