"""Lines that people end, and money that goes back: 3d.4 to 3d.6 of the bad inputs, P-13 and P-16 of the product."""

import pytest
from django.db import DatabaseError, transaction

from billing_site.ledger.balances import balance_of, turnover_of
from payments.models import Allocation, Payment, PaymentReversal
from payments.operations.suspense import AccountNumberMistyped, SuspensePart, SuspenseTooMuch
from payments.queries.payments import open_debts
from payments.queries.suspense import in_suspense, left_in_suspense
from reconciliation.models import BankAccount, Match, StatementLine
from reconciliation.operations.matches import (
    LineNotMatched,
    LineNotOpen,
    LineWithoutNote,
    ReturnDoesNotFit,
    ask_colleague,
    dismiss_line,
    match_line,
    match_return,
    park_line,
    undo_match,
)
from reconciliation.queries.invariants import INVARIANTS
from tests.factories.banks import LOADED_AT, Move, bill, load, make_bank, mt940
from tests.factories.payments import DAY, make_account
from tests.reconciliation.operations.test_load_statement import booked_sums, states

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    yield make_bank()
    assert [finding for one in INVARIANTS for finding in one.findings()] == []


@pytest.fixture
def account():
    return make_account()


def suspended(amount: int = 900, **more) -> StatementLine:
    return load(mt940([Move(amount, **more)])).lines.get()


def give(line: StatementLine, actor, *parts: tuple[str, int]):
    wanted = [SuspensePart(account_number=number, amount_minor=amount) for number, amount in parts]
    return match_line(line_id=line.pk, parts=wanted, at=LOADED_AT, actor=actor)


def test_line_is_spread_over_accounts_and_the_rest_waits(accountant, account):
    """3d.6: a sum bigger than all bills stays on the account, what is not given stays in suspense."""
    other, owed = make_account(), bill(account, 300)
    line = suspended()

    give(line, accountant, (account.number, 500), (other.number, 100))

    line.refresh_from_db()
    assert (line.state, [(m.account, m.amount_minor) for m in line.matches.order_by("pk")]) == (
        "SUSPENSE",
        [(account, 500), (other, 100)],
    )
    assert (open_debts(account.pk), Allocation.objects.get().invoice_id) == ((), owed.pk)
    assert balance_of(account.ledger_account_id) == -200
    assert left_in_suspense(in_suspense().get().pk) == 300
    with pytest.raises(SuspenseTooMuch):
        give(line, accountant, (account.number, 301))
    with pytest.raises(AccountNumberMistyped):
        give(line, accountant, (account.number[:-1] + str((int(account.number[-1]) + 1) % 10), 300))
    give(line, accountant, (other.number, 300))
    line.refresh_from_db()
    assert (line.state, booked_sums()) == ("MATCHED", 900)
    with pytest.raises(LineNotOpen):
        give(line, accountant, (other.number, 1))


def test_payer_who_was_matched_by_hand_is_known_next_time(accountant, account):
    """P-16: his account and the exact amount of the bill are enough then; a minor unit less is not (3d.6)."""
    bill(account, 700)
    give(suspended(payer_account="AM77"), accountant, (account.number, 900))
    bill(account, 777, due_on=DAY.replace(day=6))

    statement = load(mt940([Move(577, payer_account="AM77"), Move(576, payer_account="AM77")], opening=900, number=2))

    first, second = statement.lines.order_by("n")
    assert (first.state, {one["code"] for one in first.matches.get().reasons}) == (
        "MATCHED",
        {"PAID_BEFORE", "BILL_AMOUNT"},
    )
    assert (second.state, second.group) == ("SUSPENSE", "LIKELY")


def test_two_payers_of_one_bill_pay_the_rest_in_advance(account):
    """3d.6: both are real; the second finds the bill paid and his money waits on the account."""
    owed = bill(account, 400)

    statement = load(mt940([Move(400, f"bill {owed.number} {account.number}"), Move(400, f"for {account.number}")]))

    assert states(statement) == ["MATCHED", "MATCHED"]
    assert (open_debts(account.pk), balance_of(account.ledger_account_id)) == ((), -400)


@pytest.mark.parametrize("by", ["rules", "person"])
def test_match_is_undone_and_the_money_waits_in_suspense(accountant, account, by):
    bill(account, 900)
    line = suspended(text=account.number if by == "rules" else "")
    if by == "person":
        give(line, accountant, (account.number, 900))
    line.refresh_from_db()
    assert line.state == "MATCHED"

    undo_match(line_id=line.pk, reason="it was of somebody else", at=LOADED_AT, actor=accountant)

    line.refresh_from_db()
    assert (line.state, in_suspense().get().pk, booked_sums()) == ("SUSPENSE", line.payment_id, 900)
    assert [debt.amount_minor for debt in open_debts(account.pk)] == [900]
    with pytest.raises(LineNotMatched):
        undo_match(line_id=line.pk, reason="again", at=LOADED_AT, actor=accountant)
    give(line, accountant, (account.number, 900))
    assert open_debts(account.pk) == ()


def test_return_takes_its_receipt_back_with_charge_and_reason(account):
    """3d.5: the bill is open again, the charge is booked, the bank stands in the books as it says."""
    bill(account, 900)
    load(mt940([Move(900, account.number, "R1")]))

    back = Move(-905, "AC04 closed", "R1", code="NRTI", more="?21/CHGS/AMD5,")
    statement = load(mt940([back], opening=900, number=2))

    line, reversal = statement.lines.get(), PaymentReversal.objects.get()
    assert (line.state, line.payment_id) == ("MATCHED", reversal.payment_id)
    assert (reversal.kind, reversal.charge_minor, "AC04" in reversal.reason) == ("RETURNED", 5, True)
    assert [debt.amount_minor for debt in open_debts(account.pk)] == [900]
    assert (booked_sums(), balance_of(account.ledger_account_id)) == (-5, 905)


@pytest.mark.parametrize("returned", [900, 903])
def test_what_the_bank_had_kept_of_a_receipt_is_not_charged_when_it_returns(returned):
    """3d.5, 3d.10: the charge was ours to bear; the payer owes his bill again and nothing else."""
    payer = make_account()
    number = "1930009999999999"
    make_bank(code="GROSS", number=number, charge_rule="GROSS")
    bill(payer, 903)
    load(mt940([Move(900, payer.number, "R1", more="?21/CHGS/AMD3,")], account=number), code="GROSS")
    assert balance_of(payer.ledger_account_id) == 0

    back = Move(-returned, "AC04 closed", "R1", code="NRTI")
    load(mt940([back], opening=900, number=2, account=number), code="GROSS", name="back.sta")

    assert PaymentReversal.objects.get().charge_minor == 0
    assert balance_of(payer.ledger_account_id) == 903
    clearing_id = BankAccount.objects.get(code="GROSS").clearing_account_id
    came, went = turnover_of(clearing_id, first=DAY.replace(day=1), until=DAY.replace(year=2030))
    assert came - went == 900 - returned


def test_return_that_names_nothing_is_found_by_a_person(accountant, account):
    line = suspended()
    (match,) = give(line, accountant, (account.number, 900))
    back = load(mt940([Move(-900, mark="RC")], opening=900, number=2)).lines.get()
    assert (back.state, back.payment_id) == ("SUSPENSE", None)

    with pytest.raises(ReturnDoesNotFit):
        match_return(line_id=back.pk, payment_id=0, at=LOADED_AT, actor=accountant)
    match_return(line_id=back.pk, payment_id=match.payment_id, at=LOADED_AT, actor=accountant)

    back.refresh_from_db()
    assert back.state == "MATCHED"
    assert PaymentReversal.objects.count() == 2
    assert (booked_sums(), balance_of(account.ledger_account_id), in_suspense().count()) == (0, 0, 0)


def test_line_is_parked_asked_about_and_dismissed(accountant, supervisor):
    line = suspended()
    with pytest.raises(LineWithoutNote):
        park_line(line_id=line.pk, note=" ", actor=accountant)
    assert park_line(line_id=line.pk, note="waits for the bank", actor=accountant).is_parked
    assert not park_line(line_id=line.pk, note="", actor=accountant).is_parked
    asked = ask_colleague(line_id=line.pk, colleague_id=supervisor.pk, question="yours?", actor=accountant)
    assert (asked.asked, asked.note) == (supervisor, "yours?")

    dismiss_line(line_id=line.pk, kind="TRANSFER", note="from our own account", at=LOADED_AT, actor=accountant)

    line.refresh_from_db()
    assert (line.state, line.kind, in_suspense().count(), booked_sums()) == ("NOT_A_RECEIPT", "TRANSFER", 0, 0)


def test_wall_keeps_what_the_bank_wrote(accountant, account):
    line = suspended()
    (match,) = give(line, accountant, (account.number, 900))
    for change in (
        lambda: StatementLine.objects.filter(pk=line.pk).update(amount_minor=1),
        lambda: Match.objects.filter(pk=match.pk).update(amount_minor=1),
        lambda: Match.objects.all().delete(),
        lambda: line.statement.file.__class__.objects.update(name="x"),
        lambda: StatementLine.objects.filter(pk=line.pk).update(state="DUPLICATE"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Payment.objects.count() == 2
