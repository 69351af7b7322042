"""Direct debits from the mandate to the bank's answer. Row 001-30; 004-26 for what is never shown."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from lxml import etree

from billing_site.audit.models import AuditEntry, RowHistory
from billing_site.ledger.balances import balance_of
from payments.models import (
    DebitBankAccount,
    DebitBatch,
    DebitItem,
    DebitMandate,
    DebitResultLine,
    DunningAct,
    Payment,
    PaymentReversal,
)
from payments.operations.debit_batches import (
    CollectionTooSoon,
    DebitBatchDecided,
    DebitFileDiffers,
    DebitNotReleased,
    DebitProposedBySamePerson,
    NothingToCollect,
    cancel_debit_batch,
    fetch_debit_file,
    release_debit_batch,
)
from payments.operations.debit_creditors import CreditorUnsound
from payments.operations.debit_mandates import MandateExists, MandateUnsound, revoke_debit_mandate
from payments.operations.debit_results import (
    DebitNotFailed,
    ResultsKnown,
    apply_debit_results,
    load_debit_results,
    retry_debit_item,
    stop_debit_retry,
)
from payments.queries.direct_debits import debit_failures, find_debit_failure
from payments.queries.open_items import open_items_of
from subscribers.models import Account, Notice
from tests.factories.debits import (
    AT,
    COLLECT_ON,
    DAY,
    answer,
    bank_list,
    iban_of,
    make_creditor,
    make_mandate,
    order_of,
    propose,
    proposer,
    released,
    releaser,
)
from tests.factories.dunning import make_debt, make_policy, run_on
from tests.factories.payments import make_account, make_network, pay

pytestmark = pytest.mark.django_db
DUE = DAY - timedelta(days=1)


@pytest.fixture
def creditor():
    return make_creditor()


@pytest.fixture
def accounts(creditor):
    """Three with a mandate and 1,000, 2,000, 3,000 to pay; a fourth one owes and has no mandate."""
    made = [make_account() for _ in range(4)]
    for n, account in enumerate(made, start=1):
        make_debt(account, 1000 * n, due_on=DUE)
    for account in made[:3]:
        make_mandate(account)
    return made


def states(batch):
    return list(batch.items.order_by("n").values_list("state", "reason_code"))


def test_batch_is_collected_answered_and_failures_are_told(accounts):
    """001-30: paid, insufficient funds, account fault; bills closed or open; a file loaded twice changes nothing."""
    batch = released()
    orders = [order_of(batch, account) for account in accounts[:3]]
    assert (batch.number, batch.item_count, batch.amount_minor) == ("DD-2026-000001", 3, 6000)
    content = bank_list({
        orders[0]: ("OK", 1000, ""), orders[1]: ("NO", 2000, "17"), orders[2]: ("NO", 3000, "AC04"),
        "DD-2026-000009/1": ("OK", 5, ""),
    })  # fmt: skip
    file = answer(content)

    batch.refresh_from_db()
    assert batch.state == "ANSWERED"
    assert states(batch) == [("PAID", ""), ("FAILED", "AM04"), ("FAILED", "AC04")]
    assert [balance_of(account.ledger_account_id) for account in accounts] == [0, 2000, 3000, 4000]
    assert Payment.objects.get(channel="DEBIT").key == orders[0]
    assert list(file.lines.order_by("id").values_list("state", flat=True)) == ["APPLIED"] * 3 + ["UNKNOWN"]
    short, closed = (find_debit_failure(account.pk) for account in accounts[1:3])
    assert short is not None
    assert (short.reason, short.retry_on) == (
        "There was not enough money in the bank account.",
        COLLECT_ON + timedelta(days=3),
    )
    assert closed is not None
    assert (closed.reason, closed.retry_on) == ("The bank account is closed.", None)
    assert DebitMandate.objects.get(account=accounts[2]).state == "REVOKED"
    assert Notice.objects.filter(subject="Your direct debit was not paid").count() == 2
    assert debit_failures(centre_id=accounts[1].centre_id).count() == 2

    with pytest.raises(ResultsKnown):
        answer(content)
    again = answer(content + b"\n", name="again.csv")
    assert set(again.lines.values_list("state", flat=True)) == {"REPEATED", "UNKNOWN"}
    assert Payment.objects.count() == 1
    assert Notice.objects.count() == 2


def test_money_taken_back_by_the_bank_opens_the_bill_again(accounts):
    """Reliability 3d 5."""
    batch = released()
    order = order_of(batch, accounts[0])
    answer(bank_list({order: ("OK", 1000, "")}))
    answer(bank_list({order: ("NO", 1000, "MD06")}), name="returns.csv")

    item = batch.items.get(account=accounts[0])
    assert (item.state, item.reason_code, item.retry_on) == ("RETURNED", "MD06", None)
    assert PaymentReversal.objects.get(payment=item.payment_id).kind == "RETURNED"
    assert [one.open_minor for one in open_items_of([accounts[0].pk])[accounts[0].pk]] == [1000]
    answer(bank_list({order: ("NO", 1000, "MD06")}) + b"\n", name="returns-again.csv")
    answer(bank_list({order: ("OK", 1000, "")}) + b"\n\n", name="paid-after-all.csv")
    last = DebitResultLine.objects.order_by("-id").values_list("state", flat=True)
    assert list(last[:2]) == ["CONTRARY", "REPEATED"]
    assert balance_of(accounts[0].ledger_account_id) == 1000


def test_answer_with_another_amount_changes_nothing(accounts):
    batch = released()
    file = answer(bank_list({order_of(batch, accounts[0]): ("OK", 999, "")}))

    assert file.lines.get().state == "OTHER_AMOUNT"
    assert (states(batch)[0], Payment.objects.count()) == (("OPEN", ""), 0)


def test_answers_that_wait_are_gone_on_with(accounts, creditor):
    """What dies on the way is done by the next one, once."""
    batch = released()
    orders = {order_of(batch, account): ("OK", 1000 * n, "") for n, account in enumerate(accounts[:3], start=1)}
    load_debit_results(creditor_id=creditor.pk, name="a.csv", content=bank_list(orders), at=AT, actor=None)
    carried_out = [apply_debit_results(at=AT, limit=1), apply_debit_results(at=AT), apply_debit_results(at=AT)]

    assert carried_out == [1, 2, 0]
    assert Payment.objects.count() == 3
    assert {state for state, _ in states(batch)} == {"PAID"}


def test_file_is_the_same_each_time_and_only_after_release(accounts):
    batch = propose()
    with pytest.raises(DebitNotReleased):
        fetch_debit_file(batch_id=batch.pk, at=AT, actor=releaser())
    release_debit_batch(batch_id=batch.pk, at=AT, actor=releaser())
    accounts[0].subscriber.name = "Somebody else"
    accounts[0].subscriber.save()
    make_creditor(name="Another name")
    name, content = fetch_debit_file(batch_id=batch.pk, at=AT, actor=releaser())
    _, again = fetch_debit_file(batch_id=batch.pk, at=AT + timedelta(days=9), actor=releaser())

    assert (name, content) == ("DD-2026-000001.xml", again)
    root = etree.fromstring(content)
    assert root.findtext(".//{*}MsgId") == "DD-2026-000001"
    assert [node.text for node in root.iter("{*}SeqTp")] == ["FRST"]
    assert root.findtext(".//{*}GrpHdr/{*}CtrlSum") == "6000.00"
    debtors = [node.text for node in root.iterfind(".//{*}DbtrAcct/{*}Id/{*}IBAN")]
    assert debtors == [iban_of(account.pk) for account in accounts[:3]]


def test_bank_accounts_are_nowhere_to_be_read(accounts):
    """004-26: last four alone; neither by a query, nor in the book of acts, nor in the history of rows."""
    number = iban_of(accounts[0].pk)
    with pytest.raises(ProgrammingError), transaction.atomic():
        list(DebitBankAccount.objects.all())
    released()
    mandate = DebitMandate.objects.get(account=accounts[0])
    mandate = revoke_debit_mandate(mandate_id=mandate.pk, reason="Asked for", at=AT, actor=releaser())

    assert mandate.iban_last_four == number[-4:]
    told = [*AuditEntry.objects.values_list("changes", flat=True), *RowHistory.objects.values_list("before", flat=True)]
    assert told
    assert number not in str(told)


def test_two_people_and_one_decision(accounts):
    batch = propose()
    with pytest.raises(DebitProposedBySamePerson):
        release_debit_batch(batch_id=batch.pk, at=AT, actor=proposer())
    with pytest.raises(NothingToCollect):
        propose()
    with pytest.raises(CollectionTooSoon):
        propose(collect_on=DAY)
    cancel_debit_batch(batch_id=batch.pk, at=AT, actor=proposer())
    with pytest.raises(DebitBatchDecided):
        release_debit_batch(batch_id=batch.pk, at=AT, actor=releaser())
    second = released()
    with pytest.raises(IntegrityError), transaction.atomic():
        DebitItem.objects.filter(batch=second).update(amount_minor=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        DebitBatch.objects.filter(pk=second.pk).update(state="PROPOSED", decided_by=None, decided_at=None, number=None)

    assert list(DebitBatch.objects.order_by("id").values_list("state", flat=True)) == ["CANCELLED", "RELEASED"]


def test_release_leaves_out_what_was_paid_or_revoked_since(accounts):
    batch = propose()
    pay(accounts[0].number, "400", network=make_network(), txn_id="1")
    pay(accounts[1].number, "2000", network=make_network(), txn_id="2")
    mandate = DebitMandate.objects.get(account=accounts[2])
    revoke_debit_mandate(mandate_id=mandate.pk, reason="Moved", at=AT, actor=None)
    release_debit_batch(batch_id=batch.pk, at=AT, actor=releaser())

    assert list(batch.items.values_list("account_id", "amount_minor")) == [(accounts[0].pk, 600)]


def test_tries_follow_the_policy_and_then_end(accounts):
    """The next batch takes it up on its day; after the last try it is paid in another way."""
    for attempt, wait in ((1, 3), (2, 7), (3, None)):
        collect_on = COLLECT_ON + timedelta(days={1: 0, 2: 3, 3: 10}[attempt])
        if attempt > 1:
            with pytest.raises(NothingToCollect):
                propose(due_by=DUE, collect_on=collect_on - timedelta(days=1))
        batch = released(due_by=DUE, collect_on=collect_on)
        item = batch.items.get(account=accounts[1])
        assert (item.attempt, item.sequence) == (attempt, "FRST" if attempt == 1 else "RCUR")
        answers = {order_of(batch, accounts[1]): ("NO", 2000, "17")}
        if attempt == 1:
            answers |= {order_of(batch, accounts[n]): ("OK", 1000 * (n + 1), "") for n in (0, 2)}
        answer(bank_list(answers, day=collect_on), name=f"{attempt}.csv")
        item.refresh_from_db()
        assert item.retry_on == (collect_on + timedelta(days=wait) if wait else None)
    with pytest.raises(NothingToCollect):
        propose(due_by=DUE, collect_on=COLLECT_ON + timedelta(days=90))
    item = DebitItem.objects.filter(account=accounts[1]).order_by("-pk")[0]
    retry_debit_item(item_id=item.pk, retry_on=COLLECT_ON + timedelta(days=20), at=AT, actor=proposer())
    assert propose(due_by=DUE, collect_on=COLLECT_ON + timedelta(days=20)).item_count == 1
    paid = DebitItem.objects.get(state="PAID", account=accounts[0])
    with pytest.raises(DebitNotFailed):
        stop_debit_retry(item_id=paid.pk, actor=proposer())


def test_dunning_leaves_alone_what_is_under_way_and_what_is_tried_again(accounts):
    """Scenario 15: no reminder while a retry is pending."""
    make_policy(ladder=((1, "REMINDER", "FRIENDLY"),))
    batch = released()
    run_on(DAY)
    assert list(DunningAct.objects.values_list("account_id", flat=True)) == [accounts[3].pk]
    answer(
        bank_list({
            order_of(batch, accounts[0]): ("OK", 1000, ""),
            order_of(batch, accounts[1]): ("NO", 2000, "17"),
            order_of(batch, accounts[2]): ("NO", 3000, "AC04"),
        })
    )  # fmt: skip
    run_on(COLLECT_ON)
    assert set(DunningAct.objects.values_list("account_id", flat=True)) == {accounts[3].pk, accounts[2].pk}
    item = batch.items.get(account=accounts[1])
    assert item.retry_on is not None
    run_on(item.retry_on + timedelta(days=1))

    assert DunningAct.objects.filter(account=accounts[1]).exists()


def test_mandates_and_creditors_that_make_no_sense(accounts, creditor):
    with pytest.raises(MandateExists):
        make_mandate(accounts[0])
    with pytest.raises(MandateUnsound):
        make_mandate(accounts[3], signed_on=DAY + timedelta(days=1))
    for wrong in ({"retry_days": (0,)}, {"retry_reasons": ("AC04",)}, {"file_version": "pain.008.001.02"}):
        with pytest.raises(CreditorUnsound):
            make_creditor(**wrong)

    assert DebitMandate.objects.count() == 3
    creditor.refresh_from_db()
    assert creditor.retry_days == [3, 7]


def test_file_that_would_differ_is_not_handed_out(accounts):
    """001-30: what two people released is what the bank gets, or nothing."""
    batch = released()
    DebitMandate.objects.filter(account=accounts[0]).update(sequence="RCUR")
    name, content = fetch_debit_file(batch_id=batch.pk, at=AT, actor=releaser())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    fetched = AuditEntry.objects.filter(action="payments.fetch_debit_file").count()
    Account.objects.filter(pk=accounts[0].pk).update(number="000000000")
    with pytest.raises(DebitFileDiffers):
        fetch_debit_file(batch_id=batch.pk, at=AT, actor=releaser())
    assert AuditEntry.objects.filter(action="payments.fetch_debit_file").count() == fetched
    Account.objects.filter(pk=accounts[0].pk).update(number=accounts[0].number)
    assert fetch_debit_file(batch_id=batch.pk, at=AT, actor=releaser()) == (name, content)
