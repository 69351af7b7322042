"""Bills of accounts with rules of their own: what the paper says, why, and what is owed to other providers."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import override_settings
from django.urls import reverse
from openpyxl import load_workbook

from invoicing.models import Invoice, InvoiceLine
from invoicing.queries.papers import get_paper
from subscribers.operations.payers import appoint_payer
from subscribers.operations.subscriptions import add_feature
from tests.factories.account_rules import make_provider
from tests.factories.invoicing import FEBRUARY, bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import make_cash_rounding, make_commitment, make_feature, make_plan
from tests.web.wrapped import assert_numbers_wrapped

MICRO = 1_000_000
pytestmark = pytest.mark.django_db


def why(client, invoice: Invoice, kind: str) -> str:
    line = InvoiceLine.objects.filter(invoice_id=invoice.pk, kind=kind).order_by("n")[0]
    response = client.get(reverse("invoicing:explain-line", args=[invoice.pk, line.n]))
    assert response.status_code == 200
    page: str = response.content.decode()
    assert_numbers_wrapped(page)
    return page


def test_why_this_amount_explains_minimum_payer_and_rounding(client, clerk):
    make_cash_rounding(unit=Decimal(100))
    plan = make_plan()
    make_commitment(plan=plan, amount=Decimal(2800))
    firm, person = make_account(name="Firm"), make_account(name="Person")
    line = make_line(account=person, plan=plan, active_from=date(2026, 2, 15))
    appoint_payer(account_id=person.pk, payer_id=firm.pk, from_on=FEBRUARY, percent=Decimal(30), actor=None)
    run = bill_cycle(make_cycle())
    used, paid = invoice_of(line, run=run), Invoice.objects.get(run_id=run.pk, account_id=firm.pk)
    client.force_login(clerk)

    minimum = why(client, used, "COMMITMENT")
    assert "whole bill period at the least" in minimum
    for figure in ("2,800", "1,400", "500"):
        assert figure in minimum, figure
    assert firm.number in why(client, used, "TAKEN_OVER")
    assert person.number in why(client, paid, "TAKEN_ON")
    assert "smallest amount that can be paid in cash" in why(client, used, "ROUNDING")


def test_payers_bill_has_a_section_for_every_number_of_the_other_account(client, clerk):
    numbers = make_range(count=3)
    firm, person = make_account(name="Firm"), make_account(name="Person")
    for n in range(2):
        make_line(account=person, number=f"{int(numbers.first) + n}")
    appoint_payer(account_id=person.pk, payer_id=firm.pk, from_on=FEBRUARY, actor=None)
    run = bill_cycle(make_cycle())
    invoice = Invoice.objects.get(run_id=run.pk, account_id=firm.pk)

    groups = get_paper(invoice_id=invoice.pk, language="en").groups

    assert [(group.for_account, group.service, group.net_minor) for group in groups] == [
        (person.number, numbers.first, 1000), (person.number, f"{int(numbers.first) + 1}", 1000),
    ]  # fmt: skip
    client.force_login(clerk)
    page = client.get(reverse("invoicing:invoice", args=[invoice.pk])).content.decode()
    assert "Paid for account" in page
    assert_numbers_wrapped(page)


def test_002_02_phone_internet_and_feature_of_an_account_are_one_bill_with_one_total():
    account = make_account()
    numbers = make_range(count=3)
    phone = make_line(account=account, number=numbers.first)
    internet = make_line(account=account, plan=make_plan(kind="INTERNET", fee=Decimal(5000)))
    feature = make_feature()
    add_feature(subscription_id=phone.pk, feature_id=feature.pk, from_on=FEBRUARY, actor=None)
    make_usage_total(phone, amount_micro=40 * MICRO)

    run = bill_cycle(make_cycle())

    (invoice,) = Invoice.objects.filter(run_id=run.pk, account_id=account.pk)
    paper = get_paper(invoice_id=invoice.pk, language="en")
    assert invoice.number
    assert [(group.service, group.net_minor) for group in paper.groups] == [(numbers.first, 1240), ("", 5000)]
    assert {line.subscription_id for line in paper.groups[1].lines} == {internet.pk}
    assert (paper.net_minor, paper.gross_minor) == (6240, 7488)


def test_charges_of_another_provider_stand_apart_and_are_listed(client, specialist, clerk):
    _provider, item = make_provider()
    line = make_line()
    make_usage_total(line, amount_micro=300 * MICRO, item_code=item.code)
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    groups = get_paper(invoice_id=invoice.pk, language="en").groups
    assert [(group.provider, group.net_minor) for group in groups] == [("", 1000), ("Films Ltd", 300)]
    client.force_login(specialist)
    url = reverse("invoicing:provider-dues")
    page = client.get(url).content.decode()
    assert "Films Ltd" in page
    assert "300" in page
    assert_numbers_wrapped(page)
    response = client.get(url, {"export": "xlsx"})
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert any("FILMS" in row for row in load_workbook(BytesIO(content)).worksheets[0].values)
    assert "Films Ltd" not in client.get(url, {"first_on": "2026-03-02"}).content.decode()
    assert "Films Ltd" in client.get(url, {"last_on": "2026-03-01"}).content.decode()
    client.force_login(clerk)
    assert client.get(url).status_code == 403


@pytest.mark.parametrize(
    ("currency", "digits", "shown"), [("JPY", 0, "1,204"), ("USD", 2, "1,203.60"), ("KWD", 3, "1,203.600")]
)
def test_paper_shows_as_many_decimals_as_the_currency_has(client, clerk, currency, digits, shown):
    with override_settings(SALDO_CURRENCY=currency, SALDO_CURRENCY_DIGITS=digits):
        line = make_line(plan=make_plan(fee=Decimal("1003.000")))
        invoice = invoice_of(line, run=bill_cycle(make_cycle()))
        client.force_login(clerk)

        page = client.get(reverse("invoicing:invoice", args=[invoice.pk])).content.decode()

    assert shown in page
