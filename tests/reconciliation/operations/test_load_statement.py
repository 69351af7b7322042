"""Bank files taken in: 2e.33 and 3d of the reliability rows, 000-12 and P-16 of the product."""

from pathlib import Path

import pytest

from billing_site.documents.models import StoredFile
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting, PeriodLock
from payments.models import Allocation, Payment
from reconciliation.domain.statement_formats.parts import MAX_BYTES, StatementRefused
from reconciliation.models import BankAccount, Match, Statement, StatementFile, StatementLine
from reconciliation.operations.statements import (
    StatementCannotPass,
    StatementKnown,
    StatementNotHeld,
    StatementTooLarge,
    discard_statement,
    load_statement,
    release_statement,
)
from tests.factories.banks import LOADED_AT, Move, load, make_bank, mt940
from tests.factories.payments import DAY, make_account, make_invoice
from tests.reports.asking import rows_of

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "bank"
with_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not beside the project")


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path


@pytest.fixture
def bank():
    return make_bank()


@pytest.fixture
def account():
    return make_account()


def states(statement: Statement) -> list[str]:
    return list(statement.lines.order_by("n").values_list("state", flat=True))


def held(statement: Statement) -> list[str]:
    return [one["code"] for one in statement.held_for]


def booked_sums() -> int:
    """What the books say that is at the bank."""
    code = "BANK:MAIN"
    postings = LedgerPosting.objects.select_related("debit", "credit")
    debit = sum(one.amount_minor for one in postings.filter(debit__code=code))
    return debit - sum(one.amount_minor for one in postings.filter(credit__code=code))


def test_every_line_ends_and_no_money_is_outside_the_books(bank, account):
    """2e.33: matched, suspense, or no receipt; the sum of the receipts is at the bank in the books."""
    bill = make_invoice(account, gross_minor=5000, due_on=DAY)

    statement = load(
        mt940(
            [Move(5000, f"account {account.number}"), Move(700, "thank you"), Move(-300, "rent"), Move(-5, code="NCHG")]
        )
    )

    assert (statement.state, states(statement)) == (
        "BOOKED",
        ["MATCHED", "SUSPENSE", "NOT_A_RECEIPT", "NOT_A_RECEIPT"],
    )
    paid = Match.objects.get()
    assert (paid.account, paid.is_automatic, paid.reasons[0]["code"]) == (account, True, "ACCOUNT_NUMBER")
    assert Payment.objects.get(pk=paid.payment_id).key == f"MAIN/{statement.pk}/1"
    assert Allocation.objects.get().invoice_id == bill.pk
    assert booked_sums() == 5700


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (mt940([Move(100)], closing=101), "SUM"),
        (mt940([Move(100)], account="999"), "ACCOUNT"),
        (mt940([Move(100)], currency="EUR"), "CURRENCY"),
        (mt940([Move(100)], day="270304"), "FUTURE"),
    ],
)
def test_statement_that_does_not_fit_by_itself_is_held_whole(bank, accountant, content, code):
    """3d.1, 3d.2, 3d.9."""
    statement = load(content)

    assert (statement.state, held(statement), states(statement)) == ("HELD", [code], ["WAITING"])
    assert not Payment.objects.exists()
    with pytest.raises(StatementCannotPass):
        release_statement(statement_id=statement.pk, reason="let it", at=LOADED_AT, actor=accountant)
    discard_statement(statement_id=statement.pk, reason="asked anew", at=LOADED_AT, actor=accountant)
    with pytest.raises(StatementNotHeld):
        discard_statement(statement_id=statement.pk, reason="again", at=LOADED_AT, actor=accountant)
    assert not LedgerEntry.objects.exists()


def test_gap_is_listed_and_closes_by_itself(bank):
    """3d.2: number 4 waits for 2 and 3; when both came all are booked."""
    load(mt940([Move(100)], number=1))
    late = load(mt940([Move(300)], opening=350, number=4))
    assert (late.state, held(late)) == ("HELD", ["GAP", "OPENING"])
    assert late.held_for[0]["values"] == {"missing": "2-3"}

    load(mt940([Move(200)], opening=100, number=2))
    last = load(mt940([Move(50)], opening=300, number=3))

    late.refresh_from_db()
    assert (last.state, late.state, late.held_for) == ("BOOKED", "BOOKED", [])
    assert booked_sums() == 650


def test_gap_may_be_answered_for_by_a_person(bank, accountant):
    load(mt940([Move(100)], number=1))
    late = load(mt940([Move(300)], opening=350, number=3))

    release_statement(statement_id=late.pk, reason="number 2 was before our time", at=LOADED_AT, actor=accountant)

    late.refresh_from_db()
    assert (late.state, late.decision, states(late)) == ("BOOKED", "number 2 was before our time", ["SUSPENSE"])


def test_released_statement_that_overlaps_books_nothing_twice(bank, accountant):
    load(mt940([Move(100, "", "R1")], number=1))
    wide = load(mt940([Move(100, "", "R1"), Move(40, "", "R2")], number=3))

    release_statement(statement_id=wide.pk, reason="the bank sent two days in one", at=LOADED_AT, actor=accountant)

    assert (states(wide), booked_sums()) == (["DUPLICATE", "SUSPENSE"], 140)


def test_file_beyond_the_limit_is_not_even_read(bank):
    """3d.7."""
    with pytest.raises(StatementTooLarge):
        load(bytes(MAX_BYTES + 1))
    assert not StoredFile.objects.exists()


def test_number_again_with_other_balances_is_held(bank):
    """3d.2: a number that is repeated."""
    load(mt940([Move(100)], number=1))

    again = load(mt940([Move(100)], opening=50, number=1))

    assert (again.state, held(again)) == ("HELD", ["AGAIN"])


def test_same_file_is_known_and_a_changed_one_ends_as_duplicates(bank):
    """3d.3 and ruling 18: not one unit is booked again; twins in one statement are both real."""
    content = mt940([Move(100, "first", "R1"), Move(100, "second", "R1"), Move(-5, "fee")])
    first = load(content)
    with pytest.raises(StatementKnown):
        load(content)

    again = load(content.replace("first", "First"))

    assert (states(first), states(again)) == (["SUSPENSE", "SUSPENSE", "NOT_A_RECEIPT"], ["DUPLICATE"] * 3)
    assert list(again.lines.order_by("n").values_list("duplicate_of__n", flat=True)) == [1, 2, 3]
    assert (booked_sums(), StatementFile.objects.count()) == (200, 2)


def test_repetition_with_other_lines_is_held(bank):
    load(mt940([Move(100, "a", "R1"), Move(50, "b", "R2")]))

    again = load(mt940([Move(90, "a", "R1"), Move(60, "b", "R2")]))

    assert (again.state, held(again)) == ("HELD", ["REPEAT_DIFFERS"])
    assert booked_sums() == 150


def test_lines_of_a_notice_are_known_in_the_statement_of_the_day(account):
    """3d.3: first the intraday notice without balances, then the statement; equal lines of two days stay two."""
    columns = {"day": "D", "amount": "A", "reference": "R", "text": "T"}
    bank = make_bank(format="COLUMNS", column_map={"columns": columns})
    notice = load("D;A;R;T\n04.03.2026;100;R1;x\n")
    balances = {name: {"mark": name[0].upper(), "amount": 1} for name in ("opening", "closing")}
    BankAccount.objects.filter(pk=bank.pk).update(column_map={"columns": columns, **balances})

    whole = load("O;0\nD;A;R;T\n04.03.2026;100;R1;x\n04.03.2026;40;R2;y\nC;140\n")
    following = load("O;140\nD;A;R;T\n04.03.2026;40;R2;y\nC;180\n")

    assert (states(notice), states(whole), states(following)) == (["SUSPENSE"], ["DUPLICATE", "SUSPENSE"], ["SUSPENSE"])
    assert booked_sums() == 180


def test_refused_file_leaves_nothing(bank):
    with pytest.raises(StatementRefused, match="File"):
        load(mt940([Move(100)]) + ":20:X\n:25:cut")

    assert not StatementFile.objects.exists()
    assert not StatementLine.objects.exists()
    assert not Payment.objects.exists()


def test_undecodable_line_goes_to_suspense_with_its_sum(bank, account):
    """3d.8: nothing is guessed from letters that cannot be read."""
    text = mt940([Move(100, f"account {account.number} Anna")])

    statement = load(text.encode().replace(b"Anna", b"\xff\xfe"))

    line = statement.lines.get()
    assert (line.state, line.group, line.proposals[0]["account_number"]) == ("SUSPENSE", "LIKELY", account.number)
    assert line.doubt is not None
    assert booked_sums() == 100


def test_money_of_a_closed_period_is_booked_on_the_first_open_day(bank, account):
    """3d.9: the bank's own days stay with the line."""
    closed = PeriodLock.objects.get().closed_through
    assert closed < DAY
    statement = load(mt940([Move(100, f"account {account.number}", day="251231")]))

    payment = Payment.objects.get()
    assert str(statement.lines.get().booked_on) == "2025-12-31"
    assert payment.posted_on > closed
    assert str(payment.paid_at).startswith("2025-12-31")


@pytest.mark.parametrize(("rule", "paid"), [("GROSS", 103), ("NET", 100)])
def test_charge_netted_from_a_receipt_never_vanishes(account, rule, paid):
    """3d.10: the rule says who bears it; ours is an expense in the books, where the bank stands as it says."""
    make_bank(charge_rule=rule)

    load(mt940([Move(100, f"account {account.number}", more="?21/CHGS/AMD3,")]))

    assert Payment.objects.get().amount_minor == paid
    assert balance_of(account.ledger_account_id) == -paid
    assert booked_sums() == 100
    costs = LedgerAccount.objects.filter(kind="EXPENSE")
    assert [one.code for one in costs] == ["EXPENSE:BANK_CHARGE:AMD"] * (paid - 100 > 0)
    assert rows_of("revenue-by-month", DAY, DAY)[-1][-3:] == (0, paid - 100, 100 - paid)


@with_samples
def test_sample_whose_sum_is_wrong_is_held_and_one_that_fits_is_booked(settings):
    settings.SALDO_CURRENCY = "EUR"
    make_bank(code="ABN", number="517852257")
    make_bank(code="RABO", number="NL71RABO0123456789")

    abn = load((SAMPLES / "mt940-abnamro.sta").read_bytes(), code="ABN")
    rabo = load((SAMPLES / "mt940-rabobank-iban.sta").read_bytes(), code="RABO")

    assert {one.state for one in abn.file.statements.all()} == {"HELD"}
    assert {one.state for one in rabo.file.statements.all()} == {"BOOKED"}


def test_trial_keeps_nothing(bank):
    load_statement(bank_code="MAIN", name="s", content=mt940([Move(100)]).encode(), loaded_at=LOADED_AT, is_trial=True)

    assert not Statement.objects.exists()


def test_number_of_a_card_in_the_words_of_a_bank_is_not_kept_whole(bank):
    """Reliability 38."""
    line = load(mt940([Move(100, "CARD 4111111111111111", payer="OF 4111111111111111")])).lines.get()

    assert ("CARD …1111" in line.text, "OF …1111" in line.payer_name) == (True, True)
    assert "4111111111111111" not in line.text + line.payer_name
