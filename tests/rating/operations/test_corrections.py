"""Usage that is billed already and priced again: a line of its own on the next bill; the old bill stays as it is."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from billing_site.console.books import check_books
from billing_site.jobs.work import drain
from invoicing.models import InvoiceLine
from invoicing.queries.line_explanations import explain_invoice_line
from invoicing.queries.papers import get_paper
from rating.domain.premium_shares import Share, ShareKind
from rating.models import CorrectionTotal, DetachedCorrection, RatedUsage, Rerating, UsageTotal
from rating.operations.premium_stations import TOTAL_PREMIUM_DAY, create_premium_station, total_premium_calls
from rating.operations.rerating import ReratingUsageDetached
from rating.operations.usage_files import load_usage_file
from rating.queries.premium import station_sums
from rating.queries.records import explain_record, records_of_line
from subscribers.models import Account
from tariffs.operations.draft_inputs import NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.rating import make_source, rate_all
from tests.factories.rerating import APRIL, MARCH, propose, run
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import LONG_AGO, make_scheme, make_zone, publish
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
NUMBER = "99910800001"
CALLED = "99910800002"
ARRIVED_AT = datetime(2026, 5, 2, 6, tzinfo=UTC)
MAY = date(2026, 5, 1)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def add_version(plan, valid_from, home, business="7"):
    rates = [
        NewRate(code=f"LOCAL{category}", zone_code="LOCAL", steps=[NewStep(price=Decimal(price))], category=category)
        for category, price in (("", home), ("BUSINESS", business))
    ]
    scheme = make_scheme().code
    draft = VersionDraft(valid_from=valid_from, window_scheme_code=scheme, currency="AMD", rates=rates)
    version = draft_plan_version(plan_id=plan.pk, draft=draft, actor=None)
    publish(version)


@pytest.fixture
def line():
    """A line whose plan costs 1.00 a minute until 14 March, 1.20 from the 15th, 9.00 from April on."""
    make_zone(prefixes=["99910"])
    make_range(first="99910800000")
    plan = create_plan(code="DATED", kind="FIXED", names={"en": "Dated"}, actor=None)
    for valid_from, home in ((LONG_AGO, "1.00"), (date(2026, 3, 15), "1.20"), (APRIL, "9.00")):
        add_version(plan, valid_from, home)
    return make_line(account=make_account(cycle=make_cycle(open_from=MARCH)), plan=plan, number=NUMBER)


def use(*starts, name):
    content = "".join(f"{NUMBER},{CALLED},{start},600\n" for start in starts).encode()
    load_usage_file(source=make_source(code=name), name=f"{name}.csv", content=content, arrived_at=ARRIVED_AT)
    rate_all()


@pytest.fixture
def billed(line):
    """March is used and billed, April used and open."""
    use("2026-03-14 23:59:59", "2026-03-15 00:00:00", name="MARCH")
    run_of_march = bill_cycle(line.account.cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
    use("2026-04-02 10:00:00", name="APRIL")
    return invoice_of(line, run=run_of_march)


def bill_april(line):
    made = bill_cycle(line.account.cycle, issued_on=MAY, due_on=date(2026, 5, 21))
    return invoice_of(line, run=made)


def lines_of(invoice):
    lines = InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("n")
    return list(lines.values_list("kind", "period_from", "net_minor"))


def test_past_keeps_its_prices_and_rerating_march_in_may_changes_nothing(line, billed):
    """000-11: 1.00 until the 14th, 1.20 from the 15th, on both sides of midnight; March in May is March's."""
    assert list(RatedUsage.objects.order_by("start_at").values_list("amount_micro", flat=True)) == [
        10_000_000,
        12_000_000,
        90_000_000,
    ]
    bill_april(line)

    rerating = propose(used_from=MARCH, used_until=APRIL)

    assert (rerating.state, rerating.accounts.count()) == ("PREVIEWED", 0)
    assert check_books() == ()


def test_wrong_category_of_a_billed_month_becomes_a_correction_on_the_next_bill(line, billed):
    """000-11, P-01: the old bill is untouched; the difference of March stands on the bill of April as a correction."""
    before = list(InvoiceLine.objects.filter(invoice_id=billed.pk).order_by("n").values())
    Account.objects.filter(pk=line.account_id).update(category="BUSINESS")

    rerating = propose(used_from=MARCH, used_until=MAY)
    shown = rerating.accounts.get()
    assert (shown.record_count, shown.old_micro, shown.new_micro) == (3, 112_000_000, 210_000_000)
    assert shown.billed_micro == 118_000_000
    run(rerating)

    assert list(InvoiceLine.objects.filter(invoice_id=billed.pk).order_by("n").values()) == before
    total = CorrectionTotal.objects.get()
    assert (total.bill_period, total.corrects, total.amount_micro, total.record_count) == (APRIL, MARCH, 118_000_000, 0)
    assert UsageTotal.objects.get(bill_period=MARCH).amount_micro == 22_000_000
    assert UsageTotal.objects.get(bill_period=APRIL).amount_micro == 70_000_000
    invoice = bill_april(line)
    assert lines_of(billed) == [("USAGE", MARCH, 22)]
    assert lines_of(invoice) == [("USAGE", APRIL, 70), ("CORRECTION", MARCH, 118)]
    assert check_books() == ()


def test_correction_is_explained_down_to_its_records(line, billed, client, specialist):
    """Before and after stand where the line is explained, and on the bill: as charged, and as it should be."""
    Account.objects.filter(pk=line.account_id).update(category="BUSINESS")
    run(propose(used_from=MARCH, used_until=APRIL))
    invoice = bill_april(line)
    n = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="CORRECTION").n

    why = explain_invoice_line(invoice_id=invoice.pk, n=n, language="en")

    assert why is not None
    assert (why.corrects, why.bill_period, why.rounded_minor) == (MARCH, APRIL, 118)
    assert why.line.reason is not None
    assert (why.line.reason.before_micro, why.line.reason.amount_micro) == (22_000_000, 140_000_000)
    client.force_login(specialist)
    page = client.get(reverse("invoicing:explain-line", args=[invoice.pk, n])).content.decode()
    assert re.search(r"Charged before: <bdi[^>]*>22\.00.*</bdi>. As it should be: <bdi[^>]*>140\.00", page), page
    assert_numbers_wrapped(page)
    item = why.line.bill_item_id
    records = records_of_line(subscription_id=line.pk, bill_period=APRIL, bill_item_id=item, corrects=MARCH)
    assert [record.amount_micro for record in records] == [-10_000_000, 70_000_000, -12_000_000, 70_000_000]
    assert explain_record(records[0]).sentences[0].params == {"amount": Decimal(10)}
    assert explain_record(records[1]).agrees
    shown = [one for group in get_paper(invoice_id=invoice.pk).groups for one in group.lines if one.is_correction]
    assert [(one.net_minor, one.is_late, one.reason) for one in shown] == [(118, False, why.line.reason)]


def test_station_on_a_usage_line_counts_what_the_line_charges_and_no_correction(line, billed, specialist):
    """001-27: the corrections of March stand on a line of their own; what is owed to the station has them in it."""
    create_premium_station(
        code="NEWS",
        names={"en": "News"},
        provider="Provider of news",
        contact_phone="99910777777",
        contact_address="",
        numbers=[CALLED],
        share=Share(kind=ShareKind.PERCENT, percent=Decimal(50)),
        valid_from=MARCH,
        actor=specialist,
    )
    Account.objects.filter(pk=line.account_id).update(category="BUSINESS")
    run(propose(used_from=MARCH, used_until=MAY))
    invoice = bill_april(line)
    total_premium_calls(today=MAY, at=ARRIVED_AT)
    drain(TOTAL_PREMIUM_DAY)

    n = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="USAGE").n
    why = explain_invoice_line(invoice_id=invoice.pk, n=n, language="en")

    assert why is not None
    assert [(one.calls, one.billed_micro) for one in why.stations] == [(1, 70_000_000)]
    (sums,) = station_sums(first=MARCH, last=date(2026, 4, 30))
    assert (sums.calls, sums.billed_micro, sums.owed_micro) == (3, 210_000_000, 105_000_000)
    assert check_books() == ()


def test_correction_of_a_correction_goes_to_the_bill_after(line, billed):
    """Put wrong, billed, put right again: each bill has its difference of March, and March nets to nothing."""
    accounts = Account.objects.filter(pk=line.account_id)
    accounts.update(category="BUSINESS")
    run(propose(used_from=MARCH, used_until=APRIL))
    bill_april(line)
    accounts.update(category="HOME")

    run(propose(used_from=MARCH, used_until=APRIL))

    totals = CorrectionTotal.objects.order_by("bill_period").values_list("bill_period", "corrects", "amount_micro")
    assert list(totals) == [(APRIL, MARCH, 118_000_000), (MAY, MARCH, -118_000_000)]
    made = bill_cycle(line.account.cycle, issued_on=date(2026, 6, 1), due_on=date(2026, 6, 21))
    invoice = invoice_of(line, run=made)
    assert lines_of(invoice) == [("CORRECTION", MARCH, -118)]
    (back,) = [one.reason for group in get_paper(invoice_id=invoice.pk).groups for one in group.lines]
    assert back is not None
    assert (back.before_micro, back.amount_micro) == (140_000_000, 22_000_000)
    assert check_books() == ()


def test_detached_days_keep_their_corrections_apart_and_are_not_priced_again(line, billed):
    Account.objects.filter(pk=line.account_id).update(category="BUSINESS")
    run(propose(used_from=MARCH, used_until=APRIL))
    bill_april(line)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rating_detach_partition('2026-03-14')")

    assert DetachedCorrection.objects.get().amount_micro == 118_000_000
    assert check_books() == ()
    with pytest.raises(ReratingUsageDetached):
        propose(used_from=MARCH, used_until=APRIL)
    assert Rerating.objects.count() == 1


def test_account_card_shows_the_correction_beside_the_usage(line, billed, client, specialist):
    Account.objects.filter(pk=line.account_id).update(category="BUSINESS")
    run(propose(used_from=MARCH, used_until=APRIL))
    client.force_login(specialist)

    panel = client.get(reverse("console:account-usage", args=[line.account_id])).content.decode()

    assert "118.00" in panel
    assert f"/{MARCH.isoformat()}/" in panel
