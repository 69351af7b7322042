"""004-10, 001-22, 001-23: from the exchange's file with trunks to the figures, which equal the rated records."""

from datetime import date

import pytest
from django.db.models import Count, Sum
from django.urls import reverse

from rating.models import RatedUsage
from rating.operations.key_accounts import follow_key_account
from rating.queries.invariants import INVARIANTS
from rating.queries.traffic import key_account_days, traffic_by
from subscribers.operations.accounts import change_account_category
from tests.factories.intake import CALLED, NUMBER
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_line

pytestmark = pytest.mark.usefixtures("files_root")
DAY, SHOP = date(2026, 3, 5), "99910300001"
COLUMNS = {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3, "trunk_in": 4, "trunk_out": 5}
# Minutes at 5: (number, exchange, incoming trunk, outgoing trunk, minutes).
CALLS = (
    (NUMBER, "X07", "TG-1", "TG-9", 1),
    (NUMBER, "X07", "TG-2", "TG-9", 2),
    (NUMBER, "X08", "TG-1", "", 3),
    (SHOP, "X08", "TG-1", "TG-9", 4),
    (SHOP, "X08", "TG-2", "TG-8", 5),
)
MINUTES = {
    "trunk_in": {"TG-1": 8, "TG-2": 7},
    "trunk_out": {"": 3, "TG-8": 5, "TG-9": 7},
    "category": {"HOME": 6, "BUSINESS": 9},
}


@pytest.fixture
def shop(line, specialist):
    """A key account of another kind of customer, and what both called, by two exchanges."""
    account = make_account(opened_on=date(2025, 10, 1))
    make_line(account=account, plan=line.plans.get().plan, number=SHOP, active_from=date(2025, 10, 1))
    change_account_category(
        account_id=account.pk, category="BUSINESS", changed_on=DAY, today=DAY, reason="a shop", actor=specialist
    )
    follow_key_account(account_id=account.pk, is_key=True, actor=specialist)
    for code in ("X07", "X08"):
        source = make_source(code=code, column_map={"columns": COLUMNS, "field_count": 6})
        mine = [call for call in CALLS if call[1] == code]
        load_lines(
            source,
            *(
                f"{who},{CALLED},{DAY} 1{at}:00:00,{60 * long},{into},{out}"
                for at, (who, _, into, out, long) in enumerate(mine)
            ),
            name=f"{code}-20260305.csv",
        )
    rate_all()
    return account


def test_minutes_and_money_by_trunk_customer_and_exchange_equal_the_records(client, auditor, shop):
    """004-10, 001-22: each way of telling them apart has the same sums, on the page too."""
    whole = RatedUsage.objects.aggregate(n=Count("line_number"), s=Sum("duration_seconds"), m=Sum("amount_micro"))
    assert whole == {"n": 5, "s": 900, "m": 75_000_000}
    for dimension in ("source", "trunk_in", "trunk_out", "category", "service", "usage_category", "day", "hour"):
        found = traffic_by(dimension=dimension, first=DAY, last=DAY, only={})
        sums = [
            sum(getattr(one, name) for one in found) for name in ("record_count", "duration_seconds", "amount_micro")
        ]
        assert sums == [5, 900, 75_000_000], dimension
        if dimension in MINUTES:
            assert {one.key: one.duration_seconds // 60 for one in found} == MINUTES[dimension]
            assert {one.key: one.amount_micro // 5_000_000 for one in found} == MINUTES[dimension]
    client.force_login(auditor)
    page = client.get(reverse("rating:traffic"), {"first": DAY, "last": DAY, "by": "trunk_in"})
    assert {row.key: row.amount_micro // 5_000_000 for row in page.context["table"].rows} == MINUTES["trunk_in"]


def test_key_account_has_its_own_calls_alone(shop):
    """001-23: sums equal its rated records, and the nightly check agrees with all of it."""
    (day,) = key_account_days(account_id=shop.pk, first=DAY, last=DAY)
    assert (day.record_count, day.duration_seconds, day.amount_micro) == (2, 540, 45_000_000)
    records = RatedUsage.objects.filter(account_id=shop.pk).aggregate(m=Sum("amount_micro"))
    assert records == {"m": day.amount_micro}
    assert [found for one in INVARIANTS for found in one.findings()] == []
