"""Payments at terminals on 2 to 4 March, the networks' registers with planted differences, the daily check."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import CHECKED_DAY, MONTH_START, SEED, TODAY, moment
from billing_site.core import clock
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.documents.workbooks import write_workbook
from invoicing.models import Invoice
from payments.domain.requests import terminal_key
from payments.models import Payment, TerminalNetwork
from payments.operations.networks import add_terminal_network
from payments.operations.payments import receive_payment
from reconciliation.models import TerminalCheck, TerminalRegister
from reconciliation.operations.registers import load_register
from reconciliation.operations.terminal_checks import check_terminals
from reports.queries.terminal_check import find_terminal_check_reports
from reports.views.workbooks import report_sheet
from subscribers.models import Account

DAYS = tuple(CHECKED_DAY - timedelta(days=back) for back in (2, 1, 0))
# Out of a hundred bills, how many are paid on each of these days, and how many of those in part.
PAID_A_DAY, PAID_IN_PART = 20, 15
# Nobody waits for this network's register in vain more often than needed: its file of 4 March never comes.
SILENT_NETWORK = "quickpay"
FAULTY_NETWORK = "kiosk"
REGISTER_MAP = {
    "delimiter": ";",
    "encoding": "utf-8",
    "has_header": True,
    "columns": {"txn_id": "txn_id", "account": "account", "amount": "sum", "paid_at": "date"},
    "time_format": "%Y-%m-%d %H:%M:%S",
}
NETWORKS = (
    ("kiosk", "Kiosk One", "demo key of kiosk one"),
    ("riverside", "Riverside Terminals", "demo key of riverside"),
    (SILENT_NETWORK, "QuickPay Street", "demo key of quickpay"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalPayment:
    """One payment as the network and we both saw it."""

    network: str
    txn_id: str
    account_number: str
    amount_minor: int
    paid_at: datetime


def add_networks() -> Mapping[str, Any]:
    """Add the networks of terminals."""
    for code, name, secret in NETWORKS:
        add_terminal_network(code=code, name=name, secret=secret, register_map=REGISTER_MAP, actor=staff("accountant"))
    return {"networks": TerminalNetwork.objects.count()}


def take_payments() -> Mapping[str, Any]:
    """Take what was paid at the terminals; a payment that was taken before gets its first answer."""
    networks = {network.code: network for network in TerminalNetwork.objects.all()}
    digits = currency_digits(settings.SALDO_CURRENCY)
    for paid in planned_payments():
        network = networks[paid.network]
        receive_payment(
            channel=Payment.Channel.TERMINAL,
            key=terminal_key(network_code=network.code, txn_id=paid.txn_id),
            account_number=paid.account_number,
            amount=minor_to_decimal(paid.amount_minor, digits=digits),
            received_at=paid.paid_at + timedelta(seconds=2),
            paid_at=paid.paid_at,
            network_id=network.pk,
            network_txn_id=paid.txn_id,
        )
    suspense = Payment.objects.filter(state=Payment.State.SUSPENSE).count()
    return {"payments": Payment.objects.count(), "in suspense": suspense}


def planned_payments() -> list[TerminalPayment]:
    """Return every payment of the three days: of bills in turn, one far too large, one for a closed account."""
    chance = Random(SEED + 3)  # noqa: S311 - the same payments every time
    bills = Invoice.objects.filter(period_from=MONTH_START, state="POSTED", gross_minor__gt=0).order_by("account_id")
    numbers = dict(Account.objects.values_list("pk", "number"))
    paid = []
    for serial, (account_id, gross_minor) in enumerate(bills.values_list("account_id", "gross_minor"), start=1):
        day = chance.randrange(100) // PAID_A_DAY
        at = timedelta(seconds=chance.randrange(14 * 3600))
        share = chance.randrange(20, 90) if chance.randrange(100) < PAID_IN_PART else 100
        network = chance.choice(NETWORKS)[0]
        if day < len(DAYS):
            amount_minor = max(1, gross_minor * share // 100)
            paid.append(_payment(network, serial, numbers[account_id], amount_minor, moment(DAYS[day], 8) + at))
    paid.append(_payment("riverside", 9001, account_of("in credit").number, 50_000, moment(DAYS[0], 10)))
    paid.append(_payment("riverside", 9002, account_of("closed").number, 1_500, moment(CHECKED_DAY, 11)))
    # Enough for each planted difference, however small the demo is.
    hy, noon = account_of("hy").number, moment(CHECKED_DAY, 12)
    paid.extend(_payment(FAULTY_NETWORK, serial, hy, 500 + serial, noon) for serial in range(9101, 9105))
    return sorted(paid, key=lambda payment: (payment.paid_at, payment.txn_id))


def write_registers() -> Mapping[str, Any]:
    """Write the registers as the networks send them: two of one network with faults, one of another missing."""
    folder = registers_folder()
    folder.mkdir(parents=True, exist_ok=True)
    payments = planned_payments()
    count = 0
    for day in DAYS:
        for code, _, _ in NETWORKS:
            if day == CHECKED_DAY and code == SILENT_NETWORK:
                continue
            lines = [p for p in payments if p.network == code and p.paid_at.date() == day]
            if day == CHECKED_DAY and code == FAULTY_NETWORK:
                lines = list(with_faults(lines))
            (folder / _register_name(code, day)).write_text(_register_text(lines), encoding="utf-8")
            count += 1
    return {"registers": count}


def with_faults(lines: Sequence[TerminalPayment]) -> Iterator[TerminalPayment]:
    """Leave one payment out, double one, change the amount of one, and add one that we never saw."""
    missing, doubled, other_amount = (f"{FAULTY_SERIALS}{serial}" for serial in (9101, 9102, 9103))
    for line in lines:
        if line.txn_id == missing:
            continue
        yield replace(line, amount_minor=line.amount_minor + 1000) if line.txn_id == other_amount else line
        if line.txn_id == doubled:
            yield line
    yield replace(lines[-1], txn_id=f"{FAULTY_SERIALS}9999", amount_minor=700)


def check_day() -> Mapping[str, Any]:
    """Load the registers and check 2 to 4 March."""
    accountant = staff("accountant")
    for day in DAYS:
        for code, _, _ in NETWORKS:
            path = registers_folder() / _register_name(code, day)
            known = TerminalRegister.objects.filter(network__code=code, day=day).exists()
            if path.exists() and not known:
                content = path.read_bytes()
                load_register(network_code=code, day=day, name=path.name, content=content, actor=accountant)
            check_terminals(day=day, network_code=code, checked_at=moment(TODAY, 11), actor=accountant)
    return {check.network.code: check.state for check in _checks()}


def write_check_workbooks() -> Mapping[str, Any]:
    """Write the workbook of each network's 4 March."""
    folder = outgoing_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for check in _checks():
        code = check.network.code
        reports = find_terminal_check_reports(network_code=code, day=CHECKED_DAY) or ()
        sheets = [report_sheet(report, right_to_left=False) for report in reports]
        with (folder / f"terminal-check-{code}-{CHECKED_DAY}.xlsx").open("wb") as stream:
            write_workbook(stream, sheets, zone=clock.operator_zone())
    return {"workbooks": len(_checks())}


def registers_folder() -> Path:
    """Return where the networks leave their registers."""
    return Path(settings.SALDO_FILES_ROOT) / "demo" / "registers"


def outgoing_folder() -> Path:
    """Return where the demo leaves its workbooks."""
    return Path(settings.SALDO_FILES_ROOT) / "demo" / "outgoing"


# Transaction numbers of a network begin with this digit.
FAULTY_SERIALS = "1"
_FIRST_DIGIT = {"kiosk": FAULTY_SERIALS, "riverside": "2", SILENT_NETWORK: "3"}


def _payment(network: str, serial: int, account_number: str, amount_minor: int, paid_at: datetime) -> TerminalPayment:
    return TerminalPayment(
        network=network,
        txn_id=f"{_FIRST_DIGIT[network]}{serial:04d}",
        account_number=account_number,
        amount_minor=amount_minor,
        paid_at=paid_at,
    )


def _register_name(code: str, day: date) -> str:
    return f"{code}-{day:%Y%m%d}.csv"


def _register_text(lines: Sequence[TerminalPayment]) -> str:
    digits = currency_digits(settings.SALDO_CURRENCY)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(["txn_id", "account", "sum", "date"])
    for line in lines:
        amount: Decimal = minor_to_decimal(line.amount_minor, digits=digits)
        writer.writerow([line.txn_id, line.account_number, amount, f"{line.paid_at:%Y-%m-%d %H:%M:%S}"])
    return text.getvalue()


def _checks() -> list[TerminalCheck]:
    return list(TerminalCheck.objects.filter(day=CHECKED_DAY).select_related("network").order_by("network__code"))
