"""A file of the accounting ledger is taken: whole, once, and kept as it came; or tried, to see what it says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, decimal_to_minor, minor_to_decimal
from billing_site.db.constraints import constraint_errors, violated_constraint
from billing_site.db.copying import copy_rows
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, take_time, transaction_required
from billing_site.documents.files import sha256_of, store_file
from billing_site.documents.sheets import OLE_HEAD, ZIP_HEAD, read_sheet
from billing_site.identity.models import User
from reconciliation.domain.accounting_files import (
    AccountingFileRefused,
    ClassSum,
    FileRow,
    LineFault,
    TurnoverLine,
    TurnoverReader,
)
from reconciliation.domain.accounting_maps import AccountingFileMap, read_accounting_map
from reconciliation.models import AccountingClass, AccountingFile, AccountingMap, AccountingTotal
from reconciliation.models.accounting import COMPARED

MAX_BYTES = 512 * 1024 * 1024
PREVIEW_LINES = 20
LINE_TWICE = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” stands in class %(class)s on line %(first)s already."
    " Correct the file. Nothing was loaded."
)
_LINE_COLUMNS = (
    "file_id",
    "line_number",
    "accounting_class_id",
    "account_number",
    "name",
    "opening_minor",
    "debit_minor",
    "credit_minor",
    "closing_minor",
)


class AccountingFileKnown(BillingError):
    """The same bytes were loaded before."""

    default_message = gettext_noop(
        "This file was loaded already, on %(at)s as “%(name)s” for %(first)s to %(last)s. Nothing was changed."
    )
    default_code = "ACCOUNTING_FILE_KNOWN"


class AccountingFileTooLarge(BillingError):
    """More bytes than are read."""

    default_message = gettext_noop("The file is larger than %(limit)s bytes. Nothing was loaded.")
    default_code = "ACCOUNTING_FILE_TOO_LARGE"


class ControlSumDiffers(BillingError):
    """The sum told apart from the file is another."""

    default_message = gettext_noop(
        "The closing balances of the file make %(found)s, the control sum is %(told)s. Nothing was loaded."
    )
    default_code = "CONTROL_SUM_DIFFERS"


class DaysOutOfOrder(BillingError):
    """The last day is before the first."""

    default_message = gettext_noop("The last day %(last)s is before the first day %(first)s. Nothing was loaded.")
    default_code = "DAYS_OUT_OF_ORDER"


@dataclass(slots=True, kw_only=True)
class LoadOutcome:
    """
    What a file says: its row once loaded, sums by class in minor units, its first lines, and what is wrong with it.

    A trial has no row; only a trial has faults, a load is refused by them.
    """

    file: AccountingFile | None = None
    sums: dict[str, ClassSum] = field(default_factory=dict)
    first_lines: list[TurnoverLine] = field(default_factory=list)
    faults: tuple[LineFault, ...] = ()


@durable
def load_accounting_file(
    *,
    map_code: str,
    name: str,
    content: bytes,
    first_on: date,
    last_on: date,
    actor: User | None = None,
    expected_closing: Decimal | None = None,
    is_whole: bool = True,
    is_trial: bool = False,
) -> LoadOutcome:
    """
    Take a file of the accounting ledger's turnover; of a class that was loaded for these days before, the later counts.

    :param name: the file's name, as data
    :param first_on: first and ``last_on`` last day that the turnover is of
    :param expected_closing: the sum of all closing balances, told apart from the file (major unit, debits positive)
    :param is_whole: the file names every class that has anything: of one that it does not name, accounting has nothing
    :param is_trial: read and tell, keep nothing; faults are told, not raised
    :raises AccountingFileRefused: with every wrong line; nothing of the file counts
    :raises AccountingFileKnown: the same bytes were loaded before
    :raises AccountingFileTooLarge: more than 512 MB
    :raises ControlSumDiffers: the file does not make the control sum
    :raises DaysOutOfOrder: the last day is before the first
    :raises AccountingMapRefused: the map is not usable
    :raises SheetRefused: the file is no table
    """
    return take_accounting_file(
        map_code=map_code,
        name=name,
        content=content,
        first_on=first_on,
        last_on=last_on,
        actor=actor,
        expected_closing=expected_closing,
        is_whole=is_whole,
        is_trial=is_trial,
    )


@transaction_required
def take_accounting_file(
    *,
    map_code: str,
    name: str,
    content: bytes,
    first_on: date,
    last_on: date,
    actor: User | None,
    expected_closing: Decimal | None,
    is_whole: bool,
    is_trial: bool,
) -> LoadOutcome:
    """Take a file inside the caller's transaction; arguments and refusals are those of ``load_accounting_file``."""
    _refuse_at_sight(content, first_on=first_on, last_on=last_on)
    take_time()
    layout = AccountingMap.objects.get(code=map_code)
    load = _Load(name=name, content=content, layout=read_accounting_map(layout.plan))
    try:
        outcome = load.run(expected_closing)
    except AccountingFileRefused as refusal:
        if not is_trial:
            raise
        transaction.set_rollback(True)
        return LoadOutcome(sums=load.reader.sums, first_lines=load.first_lines, faults=refusal.faults)
    if is_trial:
        transaction.set_rollback(True)
        return outcome
    if is_whole:
        for code in AccountingClass.objects.filter(measure__in=COMPARED).values_list("code", flat=True):
            outcome.sums.setdefault(code, ClassSum(has_accounts=True))
    outcome.file = _write(load, layout, first_on=first_on, last_on=last_on, actor=actor)
    return outcome


def _refuse_at_sight(content: bytes, *, first_on: date, last_on: date) -> None:
    if len(content) > MAX_BYTES:
        raise AccountingFileTooLarge(context={"limit": MAX_BYTES})
    if last_on < first_on:
        raise DaysOutOfOrder(context={"first": first_on, "last": last_on})
    known = AccountingFile.objects.filter(content__sha256=sha256_of(content)).first()
    if known is not None:
        raise _known(known)


class _Load:
    """One file on its way into the tables: its id is taken first, its lines go in while they are read."""

    def __init__(self, *, name: str, content: bytes, layout: AccountingFileMap) -> None:
        self.name, self.content, self.layout = name[:255], content, layout
        self.first_lines: list[TurnoverLine] = []
        self.classes = dict(AccountingClass.objects.values_list("code", "pk"))
        self.digits = currency_digits(settings.SALDO_CURRENCY)
        self.reader = self._new_reader()
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('reconciliation_accountingfile', 'id'))")
            self.file_id = int(cursor.fetchone()[0])

    def run(self, expected_closing: Decimal | None) -> LoadOutcome:
        """Copy the lines, and refuse what is wrong."""
        try:
            with transaction.atomic():
                copy_rows(table="reconciliation_accountingline", columns=_LINE_COLUMNS, rows=self._rows())
                crash_point("reconciliation.load_accounting_file.copied")
        except IntegrityError as error:
            if violated_constraint(error) != "reconciliation_accountingline_once":
                raise
            raise AccountingFileRefused(file_name=self.name, faults=[self._doubled_line()]) from error
        if self.reader.faults:
            raise AccountingFileRefused(file_name=self.name, faults=self.reader.faults)
        self._compare(expected_closing)
        return LoadOutcome(sums=self.reader.sums, first_lines=self.first_lines)

    def _new_reader(self) -> TurnoverReader:
        return TurnoverReader(layout=self.layout, classes=self.classes, digits=self.digits)

    def _lines(self, reader: TurnoverReader) -> Iterator[TurnoverLine]:
        if self.content.startswith((ZIP_HEAD, OLE_HEAD)) or self.content.lstrip()[:1] == b"<":
            rows = read_sheet(self.content).rows
            return reader.read_rows(FileRow(row.number, row.texts, row.numbers) for row in rows)
        return reader.read_bytes(self.content)

    def _rows(self) -> Iterator[Sequence[object]]:
        for line in self._lines(self.reader):
            if len(self.first_lines) < PREVIEW_LINES:
                self.first_lines.append(line)
            number, code, *rest = line
            yield (self.file_id, number, self.classes[code], *rest)

    def _doubled_line(self) -> LineFault:
        """Read the file again, to say which line is there twice."""
        seen: dict[tuple[str, str], int] = {}
        for line in self._lines(self._new_reader()):
            first = seen.setdefault((line.class_code, line.account_number), line.line_number)
            if first != line.line_number:
                return LineFault(
                    line_number=line.line_number,
                    field="account",
                    value=line.account_number,
                    sentence=LINE_TWICE,
                    values={"class": line.class_code, "first": first},
                )
        raise AssertionError

    def _compare(self, expected_closing: Decimal | None) -> None:
        if expected_closing is None:
            return
        found = sum(one.closing for one in self.reader.sums.values())
        if decimal_to_minor(expected_closing, digits=self.digits) != found:
            shown = minor_to_decimal(found, digits=self.digits)
            raise ControlSumDiffers(context={"found": shown, "told": expected_closing})


def _write(load: _Load, layout: AccountingMap, *, first_on: date, last_on: date, actor: User | None) -> AccountingFile:
    stored = store_file(load.content)
    sums = load.reader.sums
    file = AccountingFile(
        id=load.file_id,
        name=load.name,
        layout=layout,
        content=stored,
        first_on=first_on,
        last_on=last_on,
        line_count=sum(one.line_count for one in sums.values()),
        loaded_by=actor,
    )
    # Two that load the same bytes at once: the second finds the first one's row, out of its own savepoint.
    once = {"reconciliation_accountingfile_content_once": lambda: _known(AccountingFile.objects.get(content=stored))}
    with constraint_errors(once), transaction.atomic():
        file.save(force_insert=True)
    AccountingTotal.objects.bulk_create(
        AccountingTotal(
            file=file,
            accounting_class_id=load.classes[code],
            has_accounts=one.has_accounts,
            line_count=one.line_count,
            opening_minor=one.opening,
            debit_minor=one.debit,
            credit_minor=one.credit,
            closing_minor=one.closing,
        )
        for code, one in sums.items()
    )
    told = {
        "name": file.name,
        "lines": file.line_count,
        "classes": sorted(code for code in sums if sums[code].line_count),
        "days": f"{first_on} – {last_on}",
    }
    record("reconciliation.load_accounting_file", actor=actor, subject=file, changes=told)
    return file


def _known(same: AccountingFile) -> AccountingFileKnown:
    told = {"at": same.loaded_at, "name": same.name, "first": same.first_on, "last": same.last_on}
    return AccountingFileKnown(context=told)
