"""The reconciliation workbook of a network's day: a summary that follows from its lists and ties to the books."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.sql import read_sql
from billing_site.documents.workbooks import sheet_title
from reconciliation.models import Discrepancy, TerminalCheck
from reconciliation.queries.terminal_checks import (
    ROWS_AT_A_TIME,
    corrections_taken_in,
    discrepancies_of,
    exchanged_payments,
    find_check,
    matched_pairs,
    reversals_of,
)
from reports.domain.report import (
    ColumnOf,
    Kind,
    Report,
    ReportCell,
    ReportColumn,
    count_of,
    difference_of_cells,
    excess_of,
    excess_of_cells,
    sum_of,
    sum_of_cells,
)

Rows = Iterable[Sequence[ReportCell]]


class _Titles:
    """The titles of the sheets, as formulas call them."""

    def __init__(self) -> None:
        self.summary = sheet_title(_("Summary"))
        self.matched = sheet_title(_("Matched"))
        self.only_ours = sheet_title(_("Only ours"))
        self.only_theirs = sheet_title(_("Only theirs"))
        self.amount_differs = sheet_title(_("Other amount"))
        self.account_differs = sheet_title(_("Other account"))
        self.other_day = sheet_title(_("Another day"))
        self.doubled = sheet_title(_("Twice in the register"))
        self.corrections = sheet_title(_("Corrections"))
        self.books = sheet_title(_("Books"))


def find_terminal_check_reports(*, network_code: str, day: date) -> tuple[Report, ...] | None:
    """
    Return the tables of a network's day, the summary first, or ``None`` where no check was made.

    Amounts are of the major unit of the operator's currency. The lists are read while they are written, a
    thousand rows at a time.
    """
    check = find_check(network_code=network_code, day=day)
    if check is None:
        return None
    titles = _Titles()
    kinds = Discrepancy.Kind
    return (
        Report(title=titles.summary, columns=_summary_columns(), rows=_summary_rows(check, titles)),
        Report(title=titles.matched, columns=_matched_columns(), rows=_matched_rows(check)),
        _differences(titles.only_ours, _only_ours_rows(check)),
        _differences(titles.only_theirs, _difference_rows(check, kinds.ONLY_THEIRS)),
        _differences(titles.amount_differs, _difference_rows(check, kinds.AMOUNT_DIFFERS)),
        _differences(titles.account_differs, _difference_rows(check, kinds.ACCOUNT_DIFFERS)),
        _differences(titles.other_day, _difference_rows(check, kinds.OTHER_DAY)),
        _differences(titles.doubled, _difference_rows(check, kinds.DOUBLED)),
        Report(title=titles.corrections, columns=_correction_columns(), rows=_correction_rows(check)),
        Report(title=titles.books, columns=_books_columns(), rows=_books_rows(check)),
    )


def _major(minor: int | None) -> Decimal | None:
    return None if minor is None else minor_to_decimal(minor, digits=currency_digits(settings.SALDO_CURRENCY))


def _summary_columns() -> Sequence[ReportColumn]:
    return (
        ReportColumn(label=_("What"), width=44),
        ReportColumn(label=_("Payments"), kind=Kind.INTEGER, width=14),
        ReportColumn(label=_("Amount"), kind=Kind.AMOUNT, width=20),
    )


def _summary_rows(check: TerminalCheck, titles: _Titles) -> Rows:
    """Our list, the books, their list, and what is between them; every figure but the control totals is a formula."""

    def group(label: str, title: str, amounts: str, keys: str = "A") -> Sequence[ReportCell]:
        return label, count_of(ColumnOf(title=title, letter=keys)), sum_of(ColumnOf(title=title, letter=amounts))

    def less(label: str, row: int, other: int) -> Sequence[ReportCell]:
        return label, difference_of_cells(f"B{row}", f"B{other}"), difference_of_cells(f"C{row}", f"C{other}")

    def together(label: str, *rows: int) -> Sequence[ReportCell]:
        return label, sum_of_cells(*(f"B{row}" for row in rows)), sum_of_cells(*(f"C{row}" for row in rows))

    debits, credits_ = ColumnOf(title=titles.books, letter="E"), ColumnOf(title=titles.books, letter="F")
    return (
        group(_("Matched"), titles.matched, "F"),
        group(_("Only in our books"), titles.only_ours, "E"),
        group(_("The amounts differ: ours"), titles.amount_differs, "E"),
        group(_("The accounts differ: ours"), titles.account_differs, "E"),
        group(_("On another day: ours"), titles.other_day, "E", "E"),
        together(_("Our payments"), 2, 3, 4, 5, 6),
        group(_("Corrections and cancellations of the day"), titles.corrections, "D"),
        (
            _("Taken to the network's account in the books"),
            count_of(ColumnOf(title=titles.books, letter="A")),
            excess_of(debits, over=credits_),
        ),
        (
            _("Our payments and corrections less the books"),
            excess_of_cells("B7", "B8", over="B9"),
            excess_of_cells("C7", "C8", over="C9"),
        ),
        group(_("Only in their register"), titles.only_theirs, "F"),
        group(_("The amounts differ: theirs"), titles.amount_differs, "F"),
        group(_("The accounts differ: theirs"), titles.account_differs, "F"),
        group(_("On another day: theirs"), titles.other_day, "F", "F"),
        group(_("Twice in their register"), titles.doubled, "F"),
        together(_("Lines of their register"), 2, 11, 12, 13, 14, 15),
        (_("Control totals of the register"), check.their_count, _major(check.their_amount_minor)),
        less(_("Lines of the register less its control totals"), 16, 17),
        less(_("Our payments less their register"), 7, 16),
    )


def _matched_columns() -> Sequence[ReportColumn]:
    return (
        ReportColumn(label=_("Transaction"), width=24),
        ReportColumn(label=_("Account")),
        ReportColumn(label=_("Payment"), kind=Kind.INTEGER),
        ReportColumn(label=_("Received"), kind=Kind.INSTANT, width=20),
        ReportColumn(label=_("Line"), kind=Kind.INTEGER),
        ReportColumn(label=_("Amount"), kind=Kind.AMOUNT),
    )


def _matched_rows(check: TerminalCheck) -> Iterator[Sequence[ReportCell]]:
    for pair in matched_pairs(check):
        yield (
            pair.txn_id,
            pair.account_number,
            pair.payment_id,
            pair.received_at,
            pair.line_number,
            _major(pair.our_minor),
        )


def _differences(title: str, rows: Rows) -> Report:
    columns = (
        ReportColumn(label=_("Transaction"), width=24),
        ReportColumn(label=_("Account")),
        ReportColumn(label=_("Payment"), kind=Kind.INTEGER),
        ReportColumn(label=_("Line"), kind=Kind.INTEGER),
        ReportColumn(label=_("Our amount"), kind=Kind.AMOUNT),
        ReportColumn(label=_("Their amount"), kind=Kind.AMOUNT),
        ReportColumn(label=_("Settled as"), width=40),
        ReportColumn(label=_("Settled by"), width=24),
        ReportColumn(label=_("Settled at"), kind=Kind.INSTANT, width=20),
    )
    return Report(title=title, columns=columns, rows=rows)


def _only_ours_rows(check: TerminalCheck) -> Rows:
    """Without a register every payment of ours stands alone, and no case was made of it."""
    if check.state != TerminalCheck.State.MISSING:
        return _difference_rows(check, Discrepancy.Kind.ONLY_OURS)
    ours = exchanged_payments(network_id=check.network_id, day=check.day).order_by("id")
    return (
        (p.network_txn_id, p.account_number, p.pk, None, _major(p.amount_minor), None, None, None, None)
        for p in ours.iterator(chunk_size=ROWS_AT_A_TIME)
    )


def _difference_rows(check: TerminalCheck, kind: str) -> Iterator[Sequence[ReportCell]]:
    for case in discrepancies_of(check.pk).filter(kind=kind).iterator(chunk_size=ROWS_AT_A_TIME):
        yield (
            case.txn_id,
            case.account_number,
            case.payment_id,
            case.register_line_number,
            _major(case.our_amount_minor),
            _major(case.their_amount_minor),
            case.note or None,
            str(case.resolved_by) if case.resolved_by is not None else None,
            case.resolved_at,
        )


def _correction_columns() -> Sequence[ReportColumn]:
    return (
        ReportColumn(label=_("Payment"), kind=Kind.INTEGER),
        ReportColumn(label=_("Transaction"), width=24),
        ReportColumn(label=_("Account")),
        ReportColumn(label=_("Amount"), kind=Kind.AMOUNT),
        ReportColumn(label=_("Reason"), width=40),
    )


def _correction_rows(check: TerminalCheck) -> Iterator[Sequence[ReportCell]]:
    """What the books have of the day besides the exchange: money taken in by cases, and payments taken back."""
    for payment in corrections_taken_in(network_id=check.network_id, day=check.day):
        yield payment.pk, payment.network_txn_id, payment.account_number, _major(payment.amount_minor), None
    for reversal in reversals_of(network_id=check.network_id, day=check.day):
        taken = reversal.payment
        yield taken.pk, taken.network_txn_id, taken.account_number, _major(-taken.amount_minor), reversal.reason


def _books_columns() -> Sequence[ReportColumn]:
    return (
        ReportColumn(label=_("Entry"), kind=Kind.INTEGER),
        ReportColumn(label=_("Document"), width=20),
        ReportColumn(label=_("Number"), width=20),
        ReportColumn(label=_("Recorded"), kind=Kind.INSTANT, width=20),
        ReportColumn(label=_("Debit"), kind=Kind.AMOUNT),
        ReportColumn(label=_("Credit"), kind=Kind.AMOUNT),
    )


def _books_rows(check: TerminalCheck) -> Iterator[Sequence[ReportCell]]:
    parameters: dict[str, int | date] = {"account_id": check.network.clearing_account_id, "day": check.day}
    # A cursor of the server lives as long as its transaction.
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(read_sql("reports", "clearing_turnover"), parameters)
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            for entry_id, document, number, recorded_at, debit, credit in rows:
                yield entry_id, document, number, recorded_at, _major(debit), _major(credit)
