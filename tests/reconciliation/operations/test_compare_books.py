"""Billing against accounting (000-01, 000-05) and differences carried to their end (000-03)."""

from datetime import date
from typing import Any

import pytest

from billing_site.ledger.models import LedgerAccount
from reconciliation.models import BookCase, BookComparison, BookDifference, BookFigure
from reconciliation.operations.book_cases import CaseByOnePerson, confirm_book_case, correct_book_case
from reconciliation.operations.book_comparisons import ClassMissing, NothingToCompare
from tests.reconciliation.books import LAST, NOW, Said, changed, compare, load, make_books, plant, post

pytestmark = pytest.mark.django_db


def cases():
    rows = BookCase.objects.order_by("accounting_class__section", "kind")
    return [
        (case.accounting_class.section, case.kind, case.account_number, case.difference_minor, case.state)
        for case in rows.select_related("accounting_class")
    ]


def test_five_planted_faults_are_five_cases_of_their_kind_under_fixed_or_mobile_000_01():
    books = make_books()
    load(plant(books))

    outcome = compare()

    on = books.accounts
    assert cases() == [
        ("FIXED", "MISSING_HERE", "99999999", -7700, "OPEN"),
        ("FIXED", "MISSING_THERE", on["c-FIXED"].number, 1300, "OPEN"),
        ("MOBILE", "ADVANCE_AS_REVENUE", on["b-MOBILE"].number, 50000, "OPEN"),
        ("MOBILE", "OTHER_AMOUNT", on["d-MOBILE"].number, -100, "OPEN"),
        ("MOBILE", "OTHER_SUBSCRIBER", on["a-MOBILE"].number, 11000, "OPEN"),
    ]
    assert BookCase.objects.get(kind="OTHER_SUBSCRIBER").other_account_number == on["e-MOBILE"].number
    assert (outcome.open_count, outcome.line_count) == (5, 7)
    figures = {row.accounting_class.code: row for row in BookFigure.objects.select_related("accounting_class")}
    told = {code: (row.our_minor, row.their_minor, row.difference_minor) for code, row in figures.items()}
    assert told == {
        "221.1": (1300 + 1400 + 1500, 4200, 0),
        "221.2": (42000, 42000, 0),
        "523.1": (5000, 5000, 0),
        "523.2": (50000, 0, 50000),
        "611.1": (6500, 6500 - 1300 + 7700, 1300 - 7700),
        "611.2": (65000, 65000 + 100 + 50000, -50100),
        "251.1": (1100 + 6200, 7300, 0),
        "251.2": (73000, 73000, 0),
    }
    for code, row in figures.items():
        lines = BookDifference.objects.filter(accounting_class__code=code)
        assert row.difference_minor == sum(line.our_minor - line.their_minor for line in lines)


def test_movements_of_both_sides_lead_from_opening_to_closing_000_05():
    books = make_books()
    load(books.said)

    comparison = compare().comparison

    fixed = comparison.movements.get(section="FIXED")
    ours = (fixed.opening_minor, fixed.billed_minor, fixed.paid_minor, fixed.closing_minor)
    theirs = (fixed.their_opening_minor, fixed.their_debit_minor, fixed.their_credit_minor, fixed.their_closing_minor)
    assert ours == (0, 6500, -7300, -800)
    assert theirs == (0, 6500, 7300, -800)
    assert not BookCase.objects.exists()


def test_one_mistake_seen_in_two_classes_is_one_case_and_known_again_next_month():
    """000-03: a payment missing in accounting is missing in the balance too, this month and the next."""
    books = make_books()
    on = books.accounts["a-FIXED"]
    said = changed(books.said, "251.1", on)
    load(changed(said, "221.1", on, credit=0))
    compare()
    case = BookCase.objects.get()
    assert (case.kind, case.differences.count()) == ("MISSING_THERE", 2)

    march: dict[str, Any] = {"first_on": date(2026, 3, 1), "last_on": date(2026, 3, 4)}
    balances = [one for one in said if one.code == "221.1" and one.account != on.number]
    carried = [Said(code=one.code, account=one.account, opening=one.debit - one.credit) for one in balances]
    load([*carried, Said(code="221.1", account=on.number, opening=1100)], name="march.csv", is_whole=False, **march)
    compare(**march)

    assert BookCase.objects.get().pk == case.pk
    assert BookDifference.objects.filter(case=case).count() == 3


def test_corrected_case_does_not_come_back_and_is_confirmed_by_another_person_000_03(accountant, specialist):
    books = make_books()
    load(plant(books))
    compare()
    case = BookCase.objects.get(kind="MISSING_THERE")
    words = {"cause_code": "NOT_BOOKED", "correction": "Booked with entry 17.", "document": "Entry 17"}
    correct_book_case(case_id=case.pk, corrected_at=NOW, actor=accountant, **words)

    again = compare()
    with pytest.raises(CaseByOnePerson):
        confirm_book_case(case_id=case.pk, confirmed_at=NOW, actor=accountant)
    case.refresh_from_db()
    assert (again.open_count, case.state, case.confirmed_by) == (4, "CORRECTED", None)
    confirm_book_case(case_id=case.pk, confirmed_at=NOW, actor=specialist)
    last = compare()

    case.refresh_from_db()
    assert (last.open_count, case.state, case.confirmed_by) == (4, "CONFIRMED", specialist)
    assert case.differences.count() == 1


def test_file_mended_makes_open_cases_go_and_another_amount_is_another_case():
    books = make_books()
    load(plant(books))
    compare()
    on = books.accounts["d-MOBILE"]

    load(changed(books.said, "611.2", on, credit=14200), name="mended.csv")
    compare()

    states = dict(BookCase.objects.values_list("difference_minor", "state"))
    assert states == {-7700: "GONE", 1300: "GONE", 50000: "GONE", -100: "GONE", 11000: "GONE", -200: "OPEN"}


def test_total_of_a_class_alone_is_compared_as_one_line():
    books = make_books()
    load([Said(code="611.1", account="", credit=6400)], is_whole=False)

    compare()

    assert cases() == [("FIXED", "OTHER_AMOUNT", "", 100, "OPEN")]
    figure = BookFigure.objects.get()
    assert (figure.our_count, figure.their_count, figure.our_minor) == (1, 1, 6500)
    assert books.accounts


def test_later_postings_change_no_closing_balance_of_earlier_days():
    books = make_books()
    post(books.accounts["a-FIXED"], "FIXED", billed=900, paid=0, day=date(2026, 3, 1))
    load(books.said)

    assert compare().open_count == 0
    assert date(2026, 3, 1) > LAST


def test_refusals_write_nothing():
    with pytest.raises(NothingToCompare):
        compare()
    books = make_books()
    account = books.accounts["a-FIXED"]
    kinds = LedgerAccount.Kind
    assert kinds.REVENUE
    post(account, "SATELLITE", billed=500, paid=0, day=date(2026, 2, 11))
    load(books.said)

    with pytest.raises(ClassMissing) as refusal:
        compare()

    assert "REVENUE SATELLITE RENT" in str(refusal.value)
    assert not BookComparison.objects.exists()
    assert not BookCase.objects.exists()
