"""Accounts, bills and terminal networks, as small as the payments' tests need them."""

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.conf import settings

from billing_site.core.checkdigits import with_check_digit
from billing_site.identity.models import Department, ServiceCentre
from billing_site.ledger.models import LedgerAccount
from invoicing.models import Invoice
from payments.domain.dialects.osmp import sign_query
from payments.models import Payment, TerminalNetwork
from payments.operations.networks import add_terminal_network
from payments.operations.payments import Receipt, receive_payment
from subscribers.models import Account, BillCycle, Subscriber

# Nine in the morning of 5 March 2026 in the operator's zone.
MORNING = datetime(2026, 3, 5, 5, 0, tzinfo=UTC)
DAY = date(2026, 3, 5)
SECRET = "the network's key of the tests"
SEMICOLON_MAP = {
    "delimiter": ";",
    "encoding": "utf-8",
    "has_header": True,
    "columns": {"txn_id": "txn_id", "account": "account", "amount": "sum", "paid_at": "date"},
    "time_format": "%Y-%m-%d %H:%M:%S",
}
_numbers = itertools.count(1)


def make_account(*, number: str = "", is_closed: bool = False) -> Account:
    number = number or with_check_digit(f"{next(_numbers):08d}")
    department, _ = Department.objects.get_or_create(code="D1", defaults={"names": {"en": "North"}})
    centre, _ = ServiceCentre.objects.get_or_create(
        code="C1", department=department, defaults={"names": {"en": "Hall"}}
    )
    cycle, _ = BillCycle.objects.get_or_create(code="M1", defaults={"open_from": date(2026, 2, 1)})
    subscriber = Subscriber.objects.create(kind="PERSON", name="Ani", search_key="ani", language="hy")
    book = LedgerAccount.objects.create(code=f"SUB:{number}", kind="SUBSCRIBER", currency=settings.SALDO_CURRENCY)
    return Account.objects.create(
        number=number,
        subscriber=subscriber,
        centre=centre,
        cycle=cycle,
        state=Account.State.CLOSED if is_closed else Account.State.ACTIVE,
        currency=settings.SALDO_CURRENCY,
        ledger_account=book,
        opened_on=date(2026, 1, 1),
    )


def make_invoice(
    account: Account,
    *,
    gross_minor: int,
    due_on: date,
    state: str = "POSTED",
    run_id: int = 1,
    tax_minor: int = 0,
    frozen: Mapping[str, object] | None = None,
) -> Invoice:
    invoice = Invoice.objects.create(
        run_id=run_id,
        account_id=account.pk,
        period_from=due_on,
        period_until=due_on + timedelta(days=1),
        issued_on=due_on,
        due_on=due_on,
        currency=settings.SALDO_CURRENCY,
        currency_digits=settings.SALDO_CURRENCY_DIGITS,
        language="hy",
        net_minor=gross_minor - tax_minor,
        tax_minor=tax_minor,
        gross_minor=gross_minor,
        frozen=dict(frozen or {}),
    )
    if state == Invoice.State.POSTED:
        Invoice.objects.filter(pk=invoice.pk).update(state=state, number=f"INV-{next(_numbers)}-{account.number}")
        invoice.refresh_from_db()
    return invoice


def make_network(*, code: str = "easypay", **fields: object) -> TerminalNetwork:
    return add_terminal_network(
        **{"code": code, "name": "EasyPay", "secret": SECRET, "register_map": SEMICOLON_MAP, **fields}  # type: ignore[arg-type]
    )


def pay(
    account_number: str, amount: str, *, network: TerminalNetwork, txn_id: str, received_at: datetime = MORNING
) -> Receipt:
    return receive_payment(
        channel=Payment.Channel.TERMINAL,
        key=f"{network.code}:{txn_id}",
        account_number=account_number,
        amount=Decimal(amount),
        received_at=received_at,
        network_id=network.pk,
        network_txn_id=txn_id,
    )


def signed(parameters: dict[str, str], *, at: datetime, secret: str = SECRET, code: str = "easypay") -> dict[str, str]:
    stamped = {**parameters, "timestamp": str(int(at.timestamp()))}
    return {**stamped, "signature": sign_query(secret=secret, network_code=code, parameters=stamped)}
