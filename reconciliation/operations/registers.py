"""A network's register is taken: whole, once, and kept as it came."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import connection

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, decimal_to_minor
from billing_site.db.constraints import constraint_errors
from billing_site.db.copying import copy_rows
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import store_file
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from payments.models import TerminalNetwork
from reconciliation.domain.register_faults import NO_ROWS, BadRow, RegisterRefused
from reconciliation.domain.register_maps import read_register_map
from reconciliation.domain.registers import RegisterReader, control_fault
from reconciliation.models import TerminalRegister

MAX_BYTES = 64 * 1024 * 1024
CONTENT_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}


class NetworkUnknown(BillingError):
    """No network has this code."""

    default_message = gettext_noop("There is no terminal network “%(code)s”. The networks are: %(known)s.")
    default_code = "NETWORK_UNKNOWN"


class RegisterKnown(BillingError):
    """The same bytes were loaded before."""

    default_message = gettext_noop(
        "This file was loaded already, on %(at)s as “%(name)s” for %(day)s. Nothing was changed."
    )
    default_code = "REGISTER_KNOWN"


class RegisterDayTaken(BillingError):
    """The day has a register with other content."""

    default_message = gettext_noop(
        "%(day)s has a register already, “%(name)s”, with other content. Nothing was changed; ask the network which one"
        " holds."
    )
    default_code = "REGISTER_DAY_TAKEN"


class RegisterTooLarge(BillingError):
    """More bytes than a day's register can have."""

    default_message = gettext_noop("The file is larger than %(limit)s bytes. Nothing was loaded.")
    default_code = "REGISTER_TOO_LARGE"


@durable
def load_register(
    *,
    network_code: str,
    day: date,
    name: str,
    content: bytes,
    actor: User | None = None,
    expected_count: int | None = None,
    expected_amount: Decimal | None = None,
) -> TerminalRegister:
    """
    Take a network's register of a day.

    :param name: the file's name, as data
    :param expected_count: control total told apart from the file, like ``expected_amount`` (major unit)
    :raises RegisterRefused: a line or a control total is wrong; nothing of the file counts
    :raises RegisterKnown: the same bytes were loaded before
    :raises RegisterDayTaken: the day has a register with other content
    :raises RegisterTooLarge: more than 64 MB
    :raises NetworkUnknown: no network has the code
    """
    network = get_network(network_code)
    return take_register(
        network=network,
        day=day,
        name=name,
        content=content,
        actor=actor,
        expected_count=expected_count,
        expected_amount=expected_amount,
    )


def get_network(code: str) -> TerminalNetwork:
    """
    Return a network by its code.

    :raises NetworkUnknown: with the codes there are
    """
    network = TerminalNetwork.objects.filter(code=code).first()
    if network is None:
        known = ", ".join(TerminalNetwork.objects.order_by("code").values_list("code", flat=True))
        raise NetworkUnknown(context={"code": code, "known": known or "-"})
    return network


@transaction_required
def take_register(
    *,
    network: TerminalNetwork,
    day: date,
    name: str,
    content: bytes,
    actor: User | None = None,
    expected_count: int | None = None,
    expected_amount: Decimal | None = None,
) -> TerminalRegister:
    """Take a register inside the caller's transaction; arguments and refusals are those of ``load_register``."""
    if len(content) > MAX_BYTES:
        raise RegisterTooLarge(context={"limit": MAX_BYTES})
    register_map = read_register_map(network.register_map)
    stored = store_file(content, content_type=CONTENT_TYPES[register_map.form])
    digits = currency_digits(settings.SALDO_CURRENCY)
    _refuse_known(stored, network=network, day=day)
    reader = RegisterReader(register_map=register_map, day=day, digits=digits, zone=operator_zone())
    register = TerminalRegister(
        pk=_reserve_id(), network=network, day=day, name=name[:255], content=stored, loaded_by=actor
    )
    _copy_lines(register, reader, content=content, file_name=name)
    if register_map.form == "xml" and not reader.count and expected_count != 0:
        raise RegisterRefused(file_name=name, faults=[BadRow("", register_map.row, NO_ROWS).at_line(0)])
    fault = control_fault(
        count=reader.count,
        amount_minor=reader.amount_minor,
        expected_count=expected_count,
        expected_minor=None if expected_amount is None else decimal_to_minor(expected_amount, digits=digits),
        last_line=reader.last_line,
    )
    if fault is not None:
        raise RegisterRefused(file_name=name, faults=[fault])
    register.line_count, register.amount_minor = reader.count, reader.amount_minor
    copies = fetch_sql("reconciliation", "copies_in_register", {"register_id": register.pk})
    register.copies = [number for (number,) in copies]
    _write(register)
    told = {"day": day.isoformat(), "lines": reader.count, "amount_minor": reader.amount_minor, "name": register.name}
    record("reconciliation.load_register", actor=actor, subject=register, changes=told)
    return register


def _refuse_known(stored: StoredFile, *, network: TerminalNetwork, day: date) -> None:
    """Refuse the same bytes, and another file for a day that has one; days without payments may have equal files."""
    same = TerminalRegister.objects.filter(content=stored).exclude(line_count=0).first()
    taken = TerminalRegister.objects.filter(network=network, day=day).first()
    if same is None and taken is not None and taken.content_id == stored.pk:
        same = taken
    if same is not None:
        raise RegisterKnown(context={"at": same.loaded_at, "name": same.name, "day": same.day})
    if taken is not None:
        raise RegisterDayTaken(context={"day": day, "name": taken.name})


def _write(register: TerminalRegister) -> None:
    taken = {"day": register.day, "name": register.name}
    with constraint_errors(
        {
            "reconciliation_terminalregister_content_once": lambda: RegisterDayTaken(context=taken),
            "reconciliation_terminalregister_once_a_day": lambda: RegisterDayTaken(context=taken),
        }
    ):
        register.save(force_insert=True)


def _copy_lines(register: TerminalRegister, reader: RegisterReader, *, content: bytes, file_name: str) -> None:
    """Write the lines while they are read; a fault at the end takes everything back with the transaction."""
    copy_rows(
        table="reconciliation_terminalregisterline",
        columns=("register_id", "line_number", "txn_id", "account_number", "amount_minor", "paid_at"),
        rows=(
            (register.pk, line.line_number, line.txn_id, line.account_number, line.amount_minor, line.paid_at)
            for line in reader.lines(content, file_name=file_name)
        ),
    )


def _reserve_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('reconciliation_terminalregister', 'id'))")
        return int(cursor.fetchone()[0])
