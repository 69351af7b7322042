"""Money that is neither a bill nor a plain payment: in suspense, taken back, asked back, held, in parts; commission."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from billing_site.console.demo.debts import LATE_CYCLE
from billing_site.console.demo.money_in import DAYS
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import TODAY, moment
from billing_site.core.checkdigits import with_check_digit
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import open_accounts
from payments.models import CommissionRate, InstalmentPlan, Payment, PaymentReversal, Refund, TerminalNetwork
from payments.operations.commissions import set_commission_rate
from payments.operations.deposits import take_deposit
from payments.operations.instalments import agree_instalment_plan
from payments.operations.refunds import request_refund
from payments.operations.reversals import reverse_payment
from payments.operations.suspense import hold_payment
from payments.queries.open_items import open_items_of
from payments.queries.refunds import refundable_of
from subscribers.models import Account

BANK = "CLEARING:BANK:DEMO"
# What payers wrote: a flat, a number with a wrong last digit, nothing. Amounts in whole units.
LOST = (("flat 14, Riverside Street", 4200), (f"{int(with_check_digit('10000017')) + 1}", 7500), ("", 1000))
RATES = (Decimal("1.2"), Decimal("0.9"), Decimal("1.5"))
FIRST_RATE = date(2026, 2, 1)


def move_money() -> None:
    """Show each of them once."""
    with transaction.atomic():
        bank = open_accounts(codes=[BANK], kind=LedgerAccount.Kind.CLEARING, currency=settings.SALDO_CURRENCY)[BANK]
    for n, (written, amount) in enumerate(LOST, start=1):
        hold_payment(
            channel=Payment.Channel.BANK,
            key=f"{BANK}/{n}",
            amount=Decimal(amount),
            reason="The purpose names no account that there is.",
            received_at=moment(DAYS[0], 9 + n),
            clearing_account_id=bank,
            account_number=written,
        )
    debtors = list(Account.objects.filter(cycle__code=LATE_CYCLE).order_by("pk"))
    if not InstalmentPlan.objects.exists():
        _agree(debtors)
    take_deposit(
        account_id=debtors[3].pk,
        key="receipt 1/000017",
        amount_minor=20_000,
        reason="Telephone set on loan",
        clearing_account_id=bank,
        taken_at=moment(TODAY, 9),
        actor=staff("clerk30"),
    )
    if not PaymentReversal.objects.exists():
        paid = Payment.objects.filter(state=Payment.State.POSTED).earliest("pk")
        reason = "Paid for the neighbour by mistake."
        reverse_payment(
            payment_id=paid.pk,
            kind="CANCELLED",
            reason=reason,
            reversed_at=moment(TODAY, 10),
            actor=staff("accountant"),
        )
    if not Refund.objects.exists():
        _ask_back()
    if not CommissionRate.objects.exists():
        _set_rates()


def _agree(debtors: Sequence[Account]) -> None:
    account = debtors[2]
    agree_instalment_plan(
        account_id=account.pk,
        invoice_ids=[item.invoice_id for item in open_items_of([account.pk])[account.pk] if item.payable_minor],
        count=4,
        first_due_on=date(2026, 3, 15),
        agreed_with=account.subscriber.name,
        at=moment(TODAY, 10),
        actor=staff("specialist"),
    )


def _take_back() -> None:
    """Take the last payment at a terminal back."""
    posted = Payment.objects.filter(channel=Payment.Channel.TERMINAL, state=Payment.State.POSTED)
    reverse_payment(
        payment_id=posted.latest("pk").pk,
        kind=PaymentReversal.Kind.CANCELLED,
        reason="Paid for the neighbour by mistake.",
        reversed_at=moment(TODAY, 10),
        actor=staff("accountant"),
    )


def _ask_back() -> None:
    """Ask for the largest credit there is."""
    rich = Account.objects.filter(ledger_account__balance__amount_minor__lt=0)
    account = rich.order_by("ledger_account__balance__amount_minor", "pk").select_related("subscriber").first()
    if account is not None:
        request_refund(
            account_id=account.pk,
            amount_minor=refundable_of(account.pk),
            way=Refund.Way.BANK,
            payee=account.subscriber.name,
            bank_account="AM75 1234 0000 5678 9012",
            reason="Paid twice.",
            at=moment(TODAY, 10),
            actor=staff("clerk30"),
        )


def _set_rates() -> None:
    networks = TerminalNetwork.objects.order_by("pk")
    for network, percent in zip(networks, RATES, strict=False):
        set_commission_rate(
            agent_id=network.clearing_account_id,
            name=network.name,
            percent=percent,
            valid_from=FIRST_RATE,
            actor=staff("accountant"),
        )
