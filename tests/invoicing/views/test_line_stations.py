"""001-27: the detail of a bill names the information stations that a line charges, with whom to ask."""

from datetime import date
from decimal import Decimal

from django.urls import reverse

from invoicing.models import InvoiceLine
from rating.domain.premium_shares import Share, ShareKind
from rating.models import PremiumTotal
from rating.operations.premium_stations import create_premium_station
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped


def test_line_of_a_bill_names_the_station_its_number_and_its_contact(client, specialist):
    line = make_line(account=make_account())
    total = make_usage_total(line, amount_micro=60_700_000)
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    station = create_premium_station(
        code="NEWS",
        names={"en": "News of the day"},
        provider="Gazette",
        contact_phone="99910777777",
        contact_address="Tower street 1",
        numbers=["99990011111"],
        share=Share(kind=ShareKind.PERCENT, percent=Decimal(50)),
        valid_from=date(2026, 1, 1),
        actor=specialist,
    )
    PremiumTotal.objects.create(
        day=date(2026, 2, 10),
        station_id=station.pk,
        account_id=line.account_id,
        subscription_id=line.pk,
        bill_period=total.bill_period,
        bill_item_id=total.bill_item_id,
        call_count=2,
        duration_seconds=180,
        amount_micro=60_700_000,
    )
    client.force_login(specialist)
    pages = {
        kind: client.get(reverse("invoicing:explain-line", args=[invoice.pk, n])).content.decode()
        for kind, n in InvoiceLine.objects.filter(invoice_id=invoice.pk).values_list("kind", "n")
    }

    for word in ("News of the day", "Gazette", "+999 90 011 111", "+999 10 777 777", "Tower street 1", "60.70"):
        assert word in pages["USAGE"], word
    assert_numbers_wrapped(pages["USAGE"])
    assert "Gazette" not in pages["RECURRING"]
