"""Scenario 19 on the own pages: a line is disputed, the rest stays payable, the answer is read there."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from invoicing.models import BillOpinion, Dispute, Invoice, InvoiceLine
from invoicing.operations.disputes import answer_dispute
from invoicing.queries.disputes import disputed_amounts
from tests.cast import Person
from tests.factories.credit_notes import cancel
from tests.factories.portal import AT
from tests.web.wrapped import assert_numbers_wrapped

WORDS = "Սա իմ զանգը չէ <b>"


@pytest.fixture(autouse=True)
def a_day_in_time() -> Iterator[None]:
    """A few days after the bill: it can be contested for a while only."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def line(bill: Invoice) -> InvoiceLine:
    return InvoiceLine.objects.filter(invoice_id=bill.pk, kind="USAGE").get()


def open_one(client: Client, line: InvoiceLine, *, reason: str = "NOT_MY_USE"):
    return client.post(reverse("my:dispute-line", args=[line.invoice_id, line.n]), {"reason": reason, "text": WORDS})


def test_line_is_disputed_in_two_taps_and_frozen(ani: Person, line: InvoiceLine, ani_in: Client):
    why = ani_in.get(reverse("my:explain-line", args=[line.invoice_id, line.n])).content.decode()
    assert reverse("my:dispute-line", args=[line.invoice_id, line.n]) in why
    done = open_one(ani_in, line)
    dispute = Dispute.objects.get()

    assert done.headers["Location"] == reverse("my:dispute", args=[dispute.pk])
    assert (dispute.channel, dispute.opened_by, dispute.text) == ("PORTAL", None, WORDS)
    assert disputed_amounts([ani.account.pk]) == {ani.account.pk: line.gross_minor}
    page = ani_in.get(done.headers["Location"]).content.decode()
    assert "You have our answer by" in page
    assert "<b>" not in page
    assert_numbers_wrapped(page)
    assert AuditEntry.objects.filter(action="invoicing.open_dispute").get().actor_name.endswith("(own pages)")


def test_line_is_not_disputed_twice(line: InvoiceLine, ani_in: Client):
    open_one(ani_in, line)
    response = open_one(ani_in, line)

    assert response.status_code == 422
    assert Dispute.objects.count() == 1
    why = ani_in.get(reverse("my:explain-line", args=[line.invoice_id, line.n])).content.decode()
    assert reverse("my:dispute", args=[Dispute.objects.get().pk]) in why


def test_reason_is_needed(line: InvoiceLine, ani_in: Client):
    assert open_one(ani_in, line, reason="").status_code == 422
    assert not Dispute.objects.exists()


def test_answer_is_read_on_the_own_pages(line: InvoiceLine, ani_in: Client, specialist):
    open_one(ani_in, line)
    dispute = Dispute.objects.get()
    answer_dispute(
        dispute_id=dispute.pk, accepted={line.n: 10}, text="Ten are given back.", new_due_on=date(2026, 3, 31),
        answered_by=specialist, at=AT,
    )  # fmt: skip
    page = ani_in.get(reverse("my:dispute", args=[dispute.pk])).content.decode()

    assert "Ten are given back." in page
    assert "2026-03-31" in page
    assert "Accepted in part" in page
    assert_numbers_wrapped(page)
    assert dispute.number in ani_in.get(reverse("my:bill", args=[line.invoice_id])).content.decode()
    assert dispute.number in ani_in.get(reverse("my:home")).content.decode()


def test_dispute_is_withdrawn_on_the_own_pages_once(ani: Person, line: InvoiceLine, ani_in: Client, specialist):
    """Screen 44: without a script; sent again it only shows what became of it; what is answered stays answered."""
    open_one(ani_in, line)
    dispute = Dispute.objects.get()
    page, url = reverse("my:dispute", args=[dispute.pk]), reverse("my:withdraw-dispute", args=[dispute.pk])
    assert url in ani_in.get(page).content.decode()
    assert ani_in.get(url).status_code == 200
    for _twice in range(2):
        assert ani_in.post(url, {"text": ""}).headers["Location"] == page

    dispute.refresh_from_db()
    assert (dispute.state, dispute.answered_by, dispute.accepted_minor) == ("WITHDRAWN", None, 0)
    assert disputed_amounts([ani.account.pk]) == {}
    told = ani_in.get(page).content.decode()
    assert "Withdrawn" in told
    assert url not in told
    entry = AuditEntry.objects.get(action="invoicing.withdraw_dispute")
    assert entry.actor_name.endswith("(own pages)")
    desk = Client()
    desk.force_login(specialist)
    assert "Withdrawn by the subscriber" in desk.get(reverse("invoicing:dispute", args=[dispute.pk])).content.decode()
    open_one(ani_in, line)
    again = Dispute.objects.get(state="OPEN")
    answer_dispute(
        dispute_id=again.pk, accepted={}, text="It was you.", new_due_on=date(2026, 3, 31),
        answered_by=specialist, at=AT,
    )  # fmt: skip
    late = ani_in.post(reverse("my:withdraw-dispute", args=[again.pk]), {"text": "no"})
    assert late.headers["Location"] == reverse("my:dispute", args=[again.pk])
    again.refresh_from_db()
    assert again.state == "REFUSED"


def test_was_it_helpful_is_asked_below_the_bill_and_below_an_answer_and_kept(
    line: InvoiceLine, ani_in: Client, specialist
):
    """Scenario 19: said again it is said anew; nothing is judged before it is answered."""
    bill_url = reverse("my:bill-helpful", args=[line.invoice_id])
    open_one(ani_in, line)
    dispute = Dispute.objects.get()
    url, page = reverse("my:dispute-helpful", args=[dispute.pk]), reverse("my:dispute", args=[dispute.pk])
    assert url not in ani_in.get(page).content.decode()
    assert ani_in.post(url, {"is_helpful": "YES"}).status_code == 422
    assert not BillOpinion.objects.exists()
    answer_dispute(
        dispute_id=dispute.pk, accepted={}, text="It was you.", new_due_on=date(2026, 3, 31),
        answered_by=specialist, at=AT,
    )  # fmt: skip
    assert url in ani_in.get(page).content.decode()
    for word in ("NO", "YES"):
        assert ani_in.post(url, {"is_helpful": word}).headers["Location"] == page
    ani_in.post(bill_url, {"is_helpful": "NO"})

    assert {one.dispute_id: one.is_helpful for one in BillOpinion.objects.all()} == {dispute.pk: True, None: False}
    assert "You said that this was helpful" in ani_in.get(page).content.decode()
    desk = Client()
    desk.force_login(specialist)
    assert "Was the answer helpful?" in desk.get(reverse("invoicing:dispute", args=[dispute.pk])).content.decode()
    assert (
        "Was the explanation helpful?"
        in desk.get(reverse("invoicing:invoice", args=[line.invoice_id])).content.decode()
    )


def test_disputed_amount_is_not_asked_for_and_the_credit_note_is_linked(
    ani: Person, line: InvoiceLine, ani_in: Client, specialist
):
    """What is to be paid leaves out what is disputed; the answer's note is a page and a paper."""
    open_one(ani_in, line)
    bill = Invoice.objects.get(pk=line.invoice_id)
    own = ani_in.get(reverse("my:home")).context["home"].accounts[0]
    assert (own.due_minor, own.disputed_minor) == (bill.gross_minor - line.gross_minor, line.gross_minor)
    standing = ani_in.get(reverse("my:bill", args=[bill.pk])).context["standing"]
    assert (standing.due_minor, standing.disputed_lines) == (own.due_minor, {line.n: Dispute.objects.get().number})
    answer_dispute(
        dispute_id=Dispute.objects.get().pk, accepted={line.n: line.gross_minor}, text="All.", new_due_on=None,
        answered_by=specialist, at=AT,
    )  # fmt: skip
    response = ani_in.get(reverse("my:bill", args=[bill.pk]))
    (note,) = response.context["standing"].credit_notes

    assert response.context["standing"].corrected_minor == own.due_minor
    assert reverse("my:credit-note", args=[note.pk]) in response.content.decode()
    page = ani_in.get(reverse("my:explain-line", args=[bill.pk, line.n])).content.decode()
    assert str(note.number) in page
    assert ani_in.get(reverse("my:credit-note-pdf", args=[note.pk])).content.startswith(b"%PDF")
    assert AuditEntry.objects.filter(action="portal.credit_note_pdf").get().changes == {"what": note.number}


def test_bill_that_was_taken_back_stays_readable_and_says_so(ani: Person, bill: Invoice, ani_in: Client, specialist):
    note = cancel(bill, specialist, at=AT)
    page = ani_in.get(reverse("my:bill", args=[bill.pk])).content.decode()

    assert "A credit note took this bill back" in page
    assert "Taken back" in ani_in.get(reverse("my:bills")).content.decode()
    assert "Taken back" in ani_in.get(reverse("my:home")).content.decode()
    assert str(note.number) in ani_in.get(reverse("my:credit-note", args=[note.pk])).content.decode()


def test_waiting_credit_note_is_not_there(bill: Invoice, ani_in: Client, specialist, settings):
    settings.SALDO_CREDIT_NOTE_LIMIT_MINOR = 0
    note = cancel(bill, specialist, at=AT)

    assert note.state == "PROPOSED"
    assert ani_in.get(reverse("my:credit-note", args=[note.pk])).status_code == 404
