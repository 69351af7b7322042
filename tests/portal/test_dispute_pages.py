"""Scenario 19 on the own pages: a line is disputed, the rest stays payable, the answer is read there."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from invoicing.models import Dispute, Invoice, InvoiceLine
from invoicing.operations.disputes import answer_dispute
from invoicing.queries.disputes import disputed_amounts
from tests.cast import Person
from tests.factories.portal import AT
from tests.web.wrapped import assert_numbers_wrapped

WORDS = "Սա իմ զանգը չէ <b>"


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
