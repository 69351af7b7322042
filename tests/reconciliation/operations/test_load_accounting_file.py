"""Files of the accounting ledger against every row of reliability 3h; nothing is written where one is refused."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from billing_site.audit.models import AuditEntry
from billing_site.core.errors import BillingError
from billing_site.documents.models import StoredFile
from reconciliation.domain.accounting_files import AccountingFileRefused
from reconciliation.models import AccountingFile, AccountingLine, AccountingTotal
from reconciliation.operations.accounting_files import AccountingFileKnown, ControlSumDiffers, load_accounting_file
from tests.reconciliation.books import FIRST, HEAD, LAST, make_classes

pytestmark = pytest.mark.django_db
HEADINGS = tuple(HEAD.strip().split(";"))
SOUND = ("221.1", "10000017", 0, 5, 0, 5)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    make_classes()


def load(content, **wish):
    days = {"first_on": FIRST, "last_on": LAST}
    raw = content if isinstance(content, bytes) else content.encode()
    return load_accounting_file(map_code="TABLE", name="ledger", content=raw, **{**days, **wish})


def book(*rows, head=HEADINGS):
    made = Workbook()
    sheet = made.worksheets[0]
    for row in (head, *rows):
        sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def bomb():
    stream = io.BytesIO(book(SOUND))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/big.xml", b"0" * (80 * 1024 * 1024))
    return stream.getvalue()


def refused(content, **wish):
    """Return the refusal, after seeing that nothing at all was written."""
    acts = AuditEntry.objects.count()
    with pytest.raises(BillingError) as found:
        load(content, **wish)
    kept = [model.objects.exists() for model in (AccountingFile, AccountingLine, AccountingTotal, StoredFile)]
    assert (kept, AuditEntry.objects.count()) == ([False] * 4, acts)
    return found.value


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (bomb, "unpacks to far more"),
        (lambda: b"\xd0\xcf\x11\xe0rest", "Save it as .xlsx without a password"),
        (lambda: b"<html><table></table></html>", "web page"),
        (lambda: b"PK\x03\x04broken", "damaged"),
    ],
    ids=["bomb", "xls", "html", "broken"],
)
def test_file_that_is_no_table_is_refused_by_what_is_in_it(content, says):
    """3h.1, 3h.2."""
    assert says in str(refused(content()).message)


@pytest.mark.parametrize("opening", [date(2026, 2, 1), date(1904, 1, 1), "29.02.1900", True, "1.23457E+15"])
def test_cell_that_is_no_amount_is_named_by_line_and_field(opening):
    """3h.3, 3h.4: a day, a text that looks like one, a long number that a spreadsheet has shortened."""
    error = refused(book(SOUND, ("221.1", "10000025", opening, 0, 0, 0)))

    assert isinstance(error, AccountingFileRefused)
    assert [(fault.line_number, fault.field) for fault in error.faults] == [(3, "opening")]


def test_account_that_a_workbook_keeps_as_a_number_has_lost_its_zeros():
    """3h.4."""
    error = refused(book(("221.1", 17, 0, 5, 0, 5)))

    assert "Format the column as text" in str(error.message)


def test_formula_counts_by_its_value_and_what_begins_like_one_stays_text():
    """3h.5: a formula whose value nobody computed is empty; a name that begins like one is a name."""
    error = refused(book(("221.1", "=HYPERLINK(1)", 0, 5, 0, 5), ("=cmd|x", "10000017", 0, 5, 0, 5)))

    assert isinstance(error, AccountingFileRefused)
    assert [fault.field for fault in error.faults if fault.line_number == 3] == ["class"]


@pytest.mark.parametrize(
    "head",
    [
        ("Class", "Customer", "Opening", "Debit", "Credit"),
        ("Class", "Customer", "Opening", "Debit", "Credit", "Balance"),
        (*HEADINGS, "Debit"),
    ],
    ids=["missing", "renamed", "doubled"],
)
def test_column_that_is_missing_renamed_or_doubled_is_named(head):
    """3h.6."""
    error = refused(book(SOUND, head=head))

    assert "is missing, or there twice" in str(error.template)


def test_columns_may_stand_in_another_order_and_beside_others():
    """3h.6: found by their headings."""
    head = ("Remark", "Closing", "Customer", "Class", "Credit", "Debit", "Opening")
    load(book(("=1+1", 5, "10000017", "221.1", 0, 5, 0), head=head))

    line = AccountingLine.objects.get()
    assert (line.account_number, line.opening_minor, line.debit_minor, line.closing_minor) == ("10000017", 0, 5, 5)


def test_three_bad_rows_of_five_thousand_are_all_named_and_none_is_taken():
    """3h.7: all or nothing; a trial names the same and keeps nothing."""
    rows = [f"221.1;{10_000_000 + n};0;5;0;5\n" for n in range(5000)]
    for n in (7, 2500, 4999):
        rows[n] = f"221.1;{10_000_000 + n};0;5;0;6\n"
    text = HEAD + "".join(rows)
    error = refused(text)

    assert isinstance(error, AccountingFileRefused)
    assert [fault.line_number for fault in error.faults] == [9, 2502, 5001]
    assert load(text, is_trial=True).faults == error.faults
    assert not AccountingLine.objects.exists()


@pytest.mark.parametrize("is_trial", [False, True])
def test_same_bytes_again_change_nothing_and_are_known_by_name(is_trial):
    """3h.8, ruling 18: with when and as what; also where they are only looked at."""
    content = book(SOUND)
    load(content)
    with pytest.raises(AccountingFileKnown, match="ledger"):
        load(content, is_trial=is_trial)

    assert (AccountingFile.objects.count(), AccountingLine.objects.count()) == (1, 1)


def test_control_sum_told_apart_must_be_that_of_the_file():
    """3h.9."""
    text = HEAD + "221.1;10000017;0;5;0;5\n221.1;10000025;0;7;0;7\n"

    assert isinstance(refused(text, expected_closing=Decimal(13)), ControlSumDiffers)
    assert load(text, expected_closing=Decimal(12)).file is not None


def test_invisible_signs_and_spaces_are_cleaned_and_look_alikes_are_refused():
    """3h.10: the mark of UTF-8, spaces of no width and without a break; a letter of another script is no digit."""
    load("\ufeff" + HEAD + "\u200b221.1 ; 10000017\u200b;0;5\u00a0000;0;5 000\n")
    line = AccountingLine.objects.get()

    assert (line.account_number, line.debit_minor) == ("10000017", 5000)
    with pytest.raises(AccountingFileRefused):
        load(HEAD + "221.1;1000\u041e017;0;5;0;5\n")
