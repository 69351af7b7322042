"""001-32: the calls behind one line of a bill add up to it, and a call goes into the bill item of its own day."""

from datetime import date

import pytest
from django.urls import reverse

from billing_site.console.books import check_books
from invoicing.models import InvoiceLine
from rating.queries.records import records_of_line
from tariffs.operations.usage_categories import map_usage_category
from tests.factories.intake import CALLED, NUMBER
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_cycle
from tests.factories.tariffs import make_bill_item

pytestmark = pytest.mark.usefixtures("files_root")
DAYS = {"CALLS": ("2026-02-08", "2026-02-09"), "EVENTS": ("2026-02-10", "2026-02-11", "2026-02-28")}


def test_001_32_calls_behind_a_line_add_up_to_it_for_the_clerk_too(client, specialist, clerk, line):
    make_bill_item(code="EVENTS")
    map_usage_category(category_code="LOCAL", bill_item_code="EVENTS", valid_from=date(2026, 2, 10), actor=specialist)
    days = [day for item in DAYS.values() for day in item]
    calls = [f"{NUMBER},{CALLED},{day} 1{at}:00:00,{61 + at}" for at, day in enumerate(reversed(days))]
    load_lines(make_source(), *calls)
    rate_all()

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    used = InvoiceLine.objects.filter(invoice_id=invoice.pk, kind="USAGE")
    assert {one.bill_item_id for one in used} == {make_bill_item(code=code).pk for code in DAYS}
    client.force_login(specialist)
    listed: dict[str, int] = {}
    for one in used:
        period = one.period_from or date.min
        records = records_of_line(subscription_id=line.pk, bill_period=period, bill_item_id=one.bill_item_id)
        assert sum(records.values_list("amount_micro", flat=True)) == one.net_minor * 1_000_000 > 0
        (item,) = (code for code in DAYS if make_bill_item(code=code).pk == one.bill_item_id)
        assert sorted(f"{record.start_at:%Y-%m-%d}" for record in records) == sorted(DAYS[item])
        why = client.get(reverse("invoicing:explain-line", args=[invoice.pk, one.n])).content.decode()
        url = reverse("rating:line-records", args=[line.pk, period.isoformat(), one.bill_item_id])
        assert url in why
        assert client.get(url).content.decode().count("data-href") == len(DAYS[item])
        listed[url] = sum(record.amount_micro for record in records)
    client.force_login(clerk)
    for url, amount_micro in listed.items():
        page = client.get(url)
        assert sum(row.amount_micro for row in page.context["table"].rows) == amount_micro
        assert {row.shown_called for row in page.context["table"].rows} == {f"{CALLED[:-3]}XXX"}
        assert "data-href" not in page.content.decode()
    assert check_books() == ()
