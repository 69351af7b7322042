"""Revenue handed over to accounting (000-04): balanced, numbered, once, and shown bill by bill."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing_site.documents.files import path_of
from billing_site.ledger.closing import PeriodNotOver
from billing_site.ledger.models import AccountingPeriod
from invoicing.operations.periods import open_period
from reconciliation.domain.revenue_entries import ClassUnknown
from reconciliation.models import ClassSource, RevenueTransfer, TransferAnswer
from reconciliation.operations.revenue_transfers import (
    NothingToTransfer,
    RunNotPosted,
    TransferByOnePerson,
    prepare_revenue_transfer,
    send_revenue_transfer,
)
from reconciliation.operations.transfer_answers import (
    AnswerDayWrong,
    RefusalWithoutReason,
    TransferNotSent,
    TransferTaken,
    note_transfer_answer,
)
from reconciliation.queries.revenue_transfers import bills_of_line, count_refused_transfers, revenue_transfers
from tests.factories.credit_notes import credit
from tests.factories.invoicing import bill_cycle, calculate, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item, make_plan
from tests.reconciliation.books import make_classes

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 2)
AT = datetime(2026, 4, 2, 8, tzinfo=UTC)


@pytest.fixture
def world(accountant):
    """A fixed and a mobile line of two accounts, billed for February on 1 March."""
    make_classes()
    cycle = make_cycle()
    lines = {}
    for kind in ("FIXED", "MOBILE"):
        make_bill_item(code=f"CALLS-{kind}", kind=kind)
        line = make_line(account=make_account(cycle=cycle), plan=make_plan(code=kind, kind=kind))
        make_usage_total(line, amount_micro=1_000_000_000, item_code=f"CALLS-{kind}")
        lines[kind] = line
    period = open_period(month=date(2026, 3, 1), actor=accountant)
    return cycle, lines, period


def prepare(period, actor, *, section="MOBILE", on=APRIL):
    return prepare_revenue_transfer(period_id=period.pk, section=section, on=on, prepared_at=AT, actor=actor)


def pairs(transfer):
    rows = transfer.lines.order_by("n").values_list("role", "item", "debit_code", "credit_code", "amount_minor")
    return [tuple(row) for row in rows]


def test_set_is_balanced_numbered_sent_once_and_leads_to_its_bills_000_04(world, accountant, specialist):
    cycle, lines, period = world
    run = bill_cycle(cycle)
    bill = invoice_of(lines["MOBILE"], run=run)

    made = prepare(period, accountant)
    again = prepare(period, accountant)
    with pytest.raises(TransferByOnePerson):
        send_revenue_transfer(transfer_id=again.pk, sent_at=AT, actor=accountant)
    sent = send_revenue_transfer(transfer_id=again.pk, sent_at=AT, actor=specialist)
    twice = send_revenue_transfer(transfer_id=again.pk, sent_at=AT, actor=accountant)

    assert (sent.number, twice.number, twice.sent_by) == ("REV-2026-0001", "REV-2026-0001", specialist)
    assert list(RevenueTransfer.objects.values_list("pk", "n")) == [(again.pk, 1)]
    assert made.pk != again.pk
    assert (sent.net_minor, sent.tax_minor, sent.gross_minor) == (bill.net_minor, bill.tax_minor, bill.gross_minor)
    assert sent.debit_minor == sent.credit_minor == sum(row[4] for row in pairs(sent))
    assert {(row[2], row[3]) for row in pairs(sent)} == {("221.2", "611.2"), ("221.2", "524")}
    calls = next(line for line in sent.lines.all() if line.item == "CALLS-MOBILE")
    assert [(row.number, row.minor) for row in bills_of_line(sent, calls)] == [(bill.number, 1000)]
    with pytest.raises(NothingToTransfer) as refusal:
        prepare(period, accountant)
    assert "REV-2026-0001" in str(refusal.value)


def test_correction_after_sending_is_the_next_numbers(world, accountant, specialist):
    cycle, lines, period = world
    run = bill_cycle(cycle)
    first = prepare(period, accountant)
    send_revenue_transfer(transfer_id=first.pk, sent_at=AT, actor=specialist)
    bill = invoice_of(lines["MOBILE"], run=run)
    credit(bill, {1: 120}, specialist)

    second = prepare(period, accountant)
    sent = send_revenue_transfer(transfer_id=second.pk, sent_at=AT, actor=specialist)

    assert (sent.n, sent.number, sent.gross_minor) == (2, "REV-2026-0002", -120)
    assert {(row[2], row[3]) for row in pairs(sent)} == {("611.2", "221.2"), ("524", "221.2")}
    assert sent.after_entry_id == RevenueTransfer.objects.get(pk=first.pk).through_entry_id
    assert sent.debit_minor == 120


def test_exchange_file_is_the_same_bytes_and_holds_every_pair(world, accountant, specialist):
    cycle, _lines, period = world
    bill_cycle(cycle)
    made = prepare(period, accountant)

    sent = send_revenue_transfer(transfer_id=made.pk, sent_at=AT, actor=specialist)
    assert sent.content is not None
    content = path_of(sent.content.sha256).read_bytes()

    rows = [line.split("\t") for line in content.decode("cp1251").splitlines()]
    assert rows[0][:6] == ["Номер", "Дата", "НомерСтроки", "СчетДт", "СчетКт", "Сумма"]
    assert [(row[3], row[4], int(row[5])) for row in rows[1:]] == [row[2:] for row in pairs(sent)]
    assert {(row[0], row[1], row[6]) for row in rows[1:]} == {("REV-2026-0001", "31.03.2026", "AMD")}
    assert content.endswith(b"\r\n")


def test_open_period_unposted_bills_and_unknown_classes_are_refused(world, accountant):
    cycle, _lines, period = world
    with pytest.raises(PeriodNotOver):
        prepare(period, accountant, on=date(2026, 3, 31))
    calculate(cycle)
    with pytest.raises(RunNotPosted):
        prepare(period, accountant)
    assert not RevenueTransfer.objects.exists()


def test_what_no_class_holds_is_named(world, accountant):
    cycle, _lines, period = world
    bill_cycle(cycle)
    ClassSource.objects.filter(measure="TAX").delete()

    with pytest.raises(ClassUnknown) as refusal:
        prepare(period, accountant)

    assert "TAX MOBILE" in str(refusal.value)
    assert not RevenueTransfer.objects.exists()
    assert AccountingPeriod.objects.get(pk=period.pk).state == "OPEN"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reconciliation_revenuetransfer SET gross_minor = 1, net_minor = 1, tax_minor = 0",
        "DELETE FROM reconciliation_revenuetransferline",
        "UPDATE reconciliation_revenuetransferline SET amount_minor = amount_minor + 1",
        "UPDATE reconciliation_revenuetransfer SET debit_minor = debit_minor + 1",
    ],
)
def test_wall_keeps_what_was_sent(world, accountant, specialist, statement):
    cycle, _lines, period = world
    bill_cycle(cycle)
    made = prepare(period, accountant)
    send_revenue_transfer(transfer_id=made.pk, sent_at=AT, actor=specialist)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def answer(transfer, actor, verdict, text="", *, on=APRIL):
    return note_transfer_answer(
        transfer_id=transfer.pk, verdict=verdict, text=text, answered_on=on, today=APRIL, noted_at=AT, actor=actor
    )


def test_answer_of_accounting_is_noted_beside_the_set(world, accountant, specialist):
    """Screen 34: a set that was refused says why, in accounting's words, and may be taken later, once."""
    cycle, _lines, period = world
    bill_cycle(cycle)
    made = prepare(period, accountant)
    with pytest.raises(TransferNotSent):
        answer(made, accountant, "TAKEN")
    sent = send_revenue_transfer(transfer_id=made.pk, sent_at=AT, actor=specialist)
    with pytest.raises(RefusalWithoutReason):
        answer(sent, accountant, "REFUSED", " ")
    with pytest.raises(AnswerDayWrong):
        answer(sent, accountant, "REFUSED", "No class 611.2", on=date(2026, 4, 1))
    assert not TransferAnswer.objects.exists()

    answer(sent, accountant, "REFUSED", "No class 611.2")
    assert (vars(revenue_transfers().get())["verdict"], count_refused_transfers()) == ("REFUSED", 1)
    answer(sent, accountant, "TAKEN", "Operation 17")

    assert (vars(revenue_transfers().get())["verdict"], count_refused_transfers()) == ("TAKEN", 0)
    with pytest.raises(TransferTaken):
        answer(sent, accountant, "REFUSED", "Too late")
    with pytest.raises(DatabaseError), transaction.atomic():
        TransferAnswer.objects.update(text="Other")
    assert [row.text for row in TransferAnswer.objects.order_by("pk")] == ["No class 611.2", "Operation 17"]
