"""Records in force, priced once more."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rating.engine.charging import Cycle
from rating.engine.pricing import PriceTables
from rating.engine.repricing import read_active_records, reprice
from rating.models import RatedUsage
from tariffs.operations.draft_inputs import NewAllowance
from tariffs.operations.plans import create_plan
from tariffs.queries.price_books import bill_items_by_zone, get_price_book
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_line, make_range
from tests.factories.tariffs import make_draft, make_zone, publish

pytestmark = pytest.mark.django_db
NUMBER = "99910800001"
CALLED = "99910800002"


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def line():
    """A line with two minutes for nothing in each period."""
    make_zone(prefixes=["99910"])
    make_range(first="99910800000")
    plan = create_plan(code="TWO-MINUTES", kind="FIXED", names={"en": "Two minutes"}, actor=None)
    allowance = NewAllowance(code="FREE", names={"en": "Free"}, unit="SECONDS", quantity=120, zone_codes=["LOCAL"])
    version = make_draft(plan=plan, allowances=[allowance])
    publish(version)
    return make_line(plan=plan, number=NUMBER)


def repriced(line):
    records = read_active_records(
        first_account=line.account_id,
        last_account=line.account_id,
        first_at=datetime(2026, 2, 28, 20, tzinfo=UTC),
        until_at=datetime(2026, 3, 31, 20, tzinfo=UTC),
    )
    cycle = line.account.cycle
    return reprice(
        records,
        tables=PriceTables.of(get_price_book(), bill_items_by_zone()),
        cycles={cycle.pk: Cycle(bill_day=cycle.bill_day, open_from=cycle.open_from)},
        zone=ZoneInfo("Asia/Yerevan"),
        job_id=0,
        anew_from=date(2026, 3, 1),
    )


def test_records_that_came_in_order_cost_the_same_again(line):
    calls = [
        f"{NUMBER},{CALLED},2026-03-05 10:{minute:02d}:00,{seconds}" for minute, seconds in ((1, 70), (5, 90), (9, 61))
    ]
    load_lines(make_source(), *calls)
    rate_all()

    found = repriced(line)

    assert found.records.height == 3
    assert found.changed.height == 0
    assert found.charged.buckets["used_units"].to_list() == [120]


def test_record_that_came_late_takes_the_allowance_that_was_its_own(line):
    """000-11: priced again, the earlier call draws first, and the one that had drawn pays."""
    source = make_source(day_tolerance=9)
    load_lines(source, f"{NUMBER},{CALLED},2026-03-05 10:01:00,120", name="X07-20260305.csv")
    rate_all()
    load_lines(source, f"{NUMBER},{CALLED},2026-03-04 10:01:00,120", name="X07-20260304.csv")
    rate_all()

    changed = repriced(line).changed.sort("start_us")

    assert changed.select("was_allowance_units", "allowance_units").rows() == [(0, 120), (120, 0)]
    assert changed.select("was_amount_micro", "amount_micro").rows() == [(10_000_000, 0), (0, 10_000_000)]
    assert RatedUsage.objects.count() == 2
