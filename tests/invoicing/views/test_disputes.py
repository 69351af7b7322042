"""004-22: the pages of disputes."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from invoicing.models import Dispute, InvoiceLine
from tests.factories.disputes import OPENED_AT, dispute
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped

LATER = datetime(2026, 4, 1, 8, tzinfo=UTC)


@pytest.fixture
def invoice(db):
    line = make_line(account=make_account(language="ar", name="نجلاء الحلبي"))
    make_usage_total(line, amount_micro=500_000_000)
    return invoice_of(line, run=bill_cycle(make_cycle()))


@pytest.fixture
def calls(invoice):
    return InvoiceLine.objects.get(invoice_id=invoice.pk, kind="USAGE")


def test_bill_page_leads_to_the_form_and_the_form_to_the_dispute(client, clerk, invoice, calls):
    client.force_login(clerk)
    url = reverse("invoicing:open-dispute", args=[invoice.pk])

    assert url in client.get(reverse("invoicing:invoice", args=[invoice.pk])).content.decode()
    form = client.get(url).content.decode()
    given = {"lines": [calls.n], "channel": "COUNTER", "reason": "NOT_MY_USE", "text": "ليست مكالماتي"}
    response = client.post(url, given)

    case = Dispute.objects.get()
    assert_numbers_wrapped(form)
    assert response["Location"] == reverse("invoicing:dispute", args=[case.pk])
    page = client.get(response["Location"]).content.decode()
    assert "ليست مكالماتي" in page
    assert "600" in page
    assert_numbers_wrapped(page)


@pytest.mark.parametrize("given", [{}, {"is_whole": "on", "lines": [1]}])
def test_form_wants_the_whole_bill_or_lines(client, clerk, invoice, given):
    client.force_login(clerk)
    values = {"channel": "PHONE", "reason": "OTHER", **given}

    response = client.post(reverse("invoicing:open-dispute", args=[invoice.pk]), values)

    assert response.status_code == 422
    assert not Dispute.objects.exists()


def test_part_of_a_line_is_disputed_from_the_line(client, clerk, invoice, calls):
    client.force_login(clerk)
    url = reverse("invoicing:open-line-dispute", args=[invoice.pk, calls.n])

    assert url in client.get(reverse("invoicing:explain-line", args=[invoice.pk, calls.n])).content.decode()
    client.post(url, {"n": calls.n, "amount": "٢٥٠", "channel": "E_MAIL", "reason": "WRONG_PRICE"})

    assert Dispute.objects.get().disputed_minor == 250


def test_answer_accepts_a_part_with_a_day_for_the_rest(client, specialist, invoice, calls):
    case = dispute(invoice, calls.n)
    client.force_login(specialist)
    url = reverse("invoicing:answer-dispute", args=[case.pk])
    given = {"outcome": "PART", f"accepted_{calls.n}": "200", "text": "نعم", "new_due_on": "2026-04-10"}

    assert_numbers_wrapped(client.get(url).content.decode())
    client.post(url, given)

    case.refresh_from_db()
    assert (case.state, case.accepted_minor, case.answered_by) == ("PARTLY", 200, specialist)


def test_refusal_without_a_day_comes_back_and_nothing_is_answered(client, specialist, invoice, calls):
    case = dispute(invoice, calls.n)
    client.force_login(specialist)

    response = client.post(reverse("invoicing:answer-dispute", args=[case.pk]), {"outcome": "REFUSE", "text": "لا"})

    case.refresh_from_db()
    assert (response.status_code, case.state) == (422, "OPEN")


@pytest.mark.parametrize("count", [1, 2])
def test_list_shows_disputes_with_few_queries(client, supervisor, invoice, count, django_assert_num_queries):
    for n in InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("n").values_list("n", flat=True)[:count]:
        dispute(invoice, n)
    client.force_login(supervisor)

    with django_assert_num_queries(3):
        page = client.get(reverse("invoicing:disputes"), {"state": "OPEN"}).content.decode()

    assert "DSP-2026-000001" in page
    assert_numbers_wrapped(page)


def test_list_is_a_workbook_too(client, supervisor, invoice):
    dispute(invoice)
    client.force_login(supervisor)

    response = client.get(reverse("invoicing:disputes"), {"export": "xlsx"})

    assert b"".join(response.streaming_content).startswith(b"PK")


def test_overdue_answers_wait_for_the_supervisor(client, supervisor, invoice, calls):
    dispute(invoice, calls.n, at=OPENED_AT)
    client.force_login(supervisor)
    url = reverse("invoicing:overdue-disputes")

    with time_machine.travel(OPENED_AT, tick=False):
        assert "DSP-2026-000001" not in client.get(url).content.decode()
    with time_machine.travel(LATER, tick=False):
        assert "DSP-2026-000001" in client.get(url).content.decode()
        assert url in client.get(reverse("console:home")).content.decode()


def test_pages_are_closed_to_a_stranger(client, stranger, invoice, calls):
    case = dispute(invoice, calls.n)
    client.force_login(stranger)

    for name in ("dispute", "answer-dispute"):
        assert client.get(reverse(f"invoicing:{name}", args=[case.pk])).status_code == 403
    assert client.post(reverse("invoicing:open-dispute", args=[invoice.pk]), {}).status_code == 403


def test_clerk_withdraws_for_the_subscriber(client, clerk, invoice, calls):
    case = dispute(invoice, calls.n)
    client.force_login(clerk)
    page, act = (reverse(f"invoicing:{name}", args=[case.pk]) for name in ("dispute", "withdraw-dispute"))

    assert act in client.get(page).content.decode()
    assert client.get(act).status_code == 200
    assert client.post(act, {"text": ""}).status_code == 422
    client.post(act, {"text": "وجدت المكالمات"})

    case.refresh_from_db()
    assert case.state == "WITHDRAWN"
    shown = client.get(page).content.decode()
    assert "وجدت المكالمات" in shown
    assert act not in shown
    assert_numbers_wrapped(shown)


def test_stranger_does_not_withdraw(client, stranger, invoice, calls):
    case = dispute(invoice, calls.n)
    client.force_login(stranger)

    assert client.post(reverse("invoicing:withdraw-dispute", args=[case.pk]), {"text": "x"}).status_code == 403
    case.refresh_from_db()
    assert case.state == "OPEN"
