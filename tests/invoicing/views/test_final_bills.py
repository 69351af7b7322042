"""001-18, as the clerk sees it."""

from datetime import date

import pytest
from django.urls import reverse

from invoicing.models import FinalBill, Invoice
from subscribers.operations.payers import appoint_payer
from tests.factories.invoicing import make_usage_total
from tests.factories.subscribers import make_account, make_line
from tests.web.wrapped import assert_numbers_wrapped


@pytest.fixture
def line(db, time_machine):
    time_machine.move_to("2026-03-10 08:00:00+00:00")
    line = make_line(account=make_account())
    make_usage_total(line, amount_micro=7_000_000)
    return line


def test_clerk_sees_the_amount_makes_the_bill_and_prints_it(client, clerk, line):
    client.force_login(clerk)
    url = reverse("invoicing:make-final-bill", args=[line.account_id])
    assert url in client.get(reverse("console:account", args=[line.account_id])).content.decode()

    before = client.get(url).content.decode()
    paper = client.get(reverse("invoicing:draft-final-bill-pdf", args=[line.account_id]))
    assert Invoice.objects.count() == 0
    made = client.post(url)
    page = client.get(made.url).content.decode()

    invoice = Invoice.objects.get()
    assert paper.content.startswith(b"%PDF")
    assert "irrevocable" in before
    assert invoice.number in page
    assert reverse("invoicing:invoice-pdf", args=[invoice.pk]) in page
    assert reverse("console:account", args=[line.account_id]) in page
    assert_numbers_wrapped(before)
    assert_numbers_wrapped(page)


def test_account_with_a_final_bill_shows_it_instead_of_another(client, clerk, line):
    client.force_login(clerk)
    url = reverse("invoicing:make-final-bill", args=[line.account_id])
    client.post(url)

    again = client.get(url).content.decode()
    client.post(url)

    assert "irrevocable" not in again
    assert FinalBill.objects.count() == 1


def test_stranger_makes_no_final_bill(client, stranger, line):
    client.force_login(stranger)

    assert client.post(reverse("invoicing:make-final-bill", args=[line.account_id])).status_code == 403

    line.refresh_from_db()
    assert line.state == "ACTIVE"


def test_refusal_is_shown_in_place_of_the_bill(client, clerk, line):
    line.account.state = "CLOSED"
    line.account.save()
    client.force_login(clerk)

    page = client.get(reverse("invoicing:make-final-bill", args=[line.account_id])).content.decode()

    assert line.account.number in page
    assert "danger" not in page


def test_clerk_is_told_who_pays_and_who_pays_no_more(client, clerk, line):
    """001-18: an account that is paid for owes nothing and is closed; its payer is told whom he leaves."""
    firm = make_account(name="Quay Ltd")
    appoint_payer(account_id=line.account_id, payer_id=firm.pk, from_on=date(2026, 2, 1), actor=None)
    client.force_login(clerk)
    url, of_firm = (reverse("invoicing:make-final-bill", args=[key]) for key in (line.account_id, firm.pk))

    before, leaving = client.get(url).content.decode(), client.get(of_firm).content.decode()
    page = client.get(client.post(url).url).content.decode()

    assert "stands on that account&#x27;s next bill" in before or "stands on that account's next bill" in before
    assert line.account.number in leaving
    assert "pays for nobody" in leaving
    panel = client.get(reverse("invoicing:charges-panel", args=[firm.pk])).content.decode()
    assert "Paid for others on the next bill" in panel
    assert line.account.number in panel
    line.account.refresh_from_db()
    assert line.account.state == "CLOSED"
    assert "pays for nobody" not in client.get(of_firm).content.decode()
    for shown in (before, leaving, page, panel):
        assert_numbers_wrapped(shown)
