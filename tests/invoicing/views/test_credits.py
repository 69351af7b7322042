"""001-16: from the bill to the rule behind a credit in two clicks, and on paper in the subscriber's language."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from invoicing.models import InvoiceLine
from invoicing.operations.line_sheets import sheet_html
from invoicing.queries.line_explanations import explain_invoice_line
from tests.factories.agreements import agree, contract_of, make_promotion, make_term
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_plan
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db


@pytest.fixture
def credit() -> InvoiceLine:
    line = make_line(account=make_account(language="zh-hans", name="王秀英"), plan=make_plan(fee=Decimal(18)))
    make_usage_total(line, amount_micro=12_000_000)
    agree(line, make_promotion())
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    return InvoiceLine.objects.get(invoice_id=invoice.pk, kind="PROMOTION")


def page_of(client, name: str, *ids: int) -> str:
    response = client.get(reverse(name, args=ids))
    assert response.status_code == 200
    page: str = response.content.decode()
    assert_numbers_wrapped(page)
    return page


def test_001_16_bill_leads_to_the_rule_in_two_clicks(client, clerk, credit):
    client.force_login(clerk)
    why = reverse("invoicing:explain-line", args=[credit.invoice_id, credit.n])
    rule = reverse("tariffs:promotion", args=[(credit.explanation or {})["promotion"]])

    bill = page_of(client, "invoicing:invoice", credit.invoice_id)
    assert why in bill
    assert "P-000001" in bill
    first = page_of(client, "invoicing:explain-line", credit.invoice_id, credit.n)
    assert rule in first
    for word in ("Give back calls", "it counts call charges only, not the monthly fee", "12", "18", "2026-01-20"):
        assert word in first, word
    second = client.get(rule).content.decode()
    assert "up to the rent of that line" in second
    assert "Fee-Fixed" in second


def test_001_16_line_of_the_calls_tells_what_of_them_is_given_back(client, clerk, credit):
    client.force_login(clerk)
    calls = InvoiceLine.objects.get(invoice_id=credit.invoice_id, kind="USAGE")

    page = page_of(client, "invoicing:explain-line", calls.invoice_id, calls.n)

    assert reverse("invoicing:explain-line", args=[credit.invoice_id, credit.n]) in page
    assert "it counts call charges only" in page


def test_001_16_sheet_is_printed_in_the_subscribers_language(client, clerk, credit):
    client.force_login(clerk)
    url = reverse("invoicing:line-sheet", args=[credit.invoice_id, credit.n])

    assert client.get(url).content.startswith(b"%PDF-")
    assert client.get(url, {"language": "xx"}).status_code == 404
    assert client.get(reverse("invoicing:line-sheet", args=[credit.invoice_id, 99])).status_code == 404
    found = explain_invoice_line(invoice_id=credit.invoice_id, n=credit.n, language="zh-hans")
    assert found is not None
    assert (found.line.name, found.subscriber_language) == ("送等额月租话费: Calls", "zh-hans")
    with translation.override("en"):
        html = sheet_html(explanation=found)
    assert 'lang="zh-hans"' in html
    assert "送等额月租话费" in html


def test_lines_of_a_contract_say_what_was_agreed(client, clerk):
    plan = make_plan()
    line = make_line(plan=plan)
    contract_of(line, make_term(plan.code))
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    bonus = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="BONUS")
    client.force_login(clerk)

    page = page_of(client, "invoicing:explain-line", invoice.pk, bonus.n)

    assert "C-000001" in page
    assert "its bonus, given once, fell due on" in page
    assert client.get(reverse("invoicing:invoice-pdf", args=[invoice.pk])).content.startswith(b"%PDF-")
