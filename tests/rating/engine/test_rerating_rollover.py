"""Allowances that roll over: a late call of March changes what April had, and all of it is put right together."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, Phase, given, settings as hypothesis_settings, strategies as st

from billing_site.console.books import check_books
from rating.models import AllowanceBucket, RatedUsage, UsageTotal
from rating.operations.usage_files import load_usage_file
from tariffs.operations.draft_inputs import NewAllowance
from tariffs.operations.plans import create_plan
from tests.factories.rating import make_source, rate_all
from tests.factories.rerating import APRIL, MARCH, propose, run
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import make_draft, make_zone, publish

pytestmark = pytest.mark.django_db
CALLED = "99910800002"
MAY = date(2026, 5, 1)
_codes = itertools.count(1)
ARRIVED_AT = datetime(2026, 5, 2, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


class World:
    """A line with ten free minutes a month, then six a minute; each has an account, a plan and sources of its own."""

    def __init__(self, **allowance):
        make_zone(prefixes=["99910"])
        self.code = f"W{next(_codes)}"
        plan = create_plan(code=self.code, kind="FIXED", names={"en": self.code}, actor=None)
        free = NewAllowance(
            code="FREE", names={"en": "Free"}, unit="SECONDS", quantity=600, zone_codes=["LOCAL"], **allowance
        )
        version = make_draft(plan=plan, allowances=[free], price=Decimal(6))
        publish(version)
        self.account = make_account(cycle=make_cycle(open_from=MARCH))
        self.number = make_range(count=1).first
        self.line = make_line(account=self.account, plan=plan, number=self.number, active_from=MARCH)

    def use(self, *calls):
        """Each call in a file of its own, one run after the other."""
        for start, seconds in calls:
            source = make_source(code=f"S{next(_codes)}")
            content = f"{self.number},{CALLED},{start},{seconds}\n".encode()
            load_usage_file(source=source, name=f"{source.code}.csv", content=content, arrived_at=ARRIVED_AT)
            rate_all()

    def propose(self, used_until):
        return propose(used_from=MARCH, used_until=used_until, account_numbers=[self.account.number])

    def pots(self):
        mine = Q(holder_kind="S", holder_id=self.line.pk) | Q(holder_kind="A", holder_id=self.account.pk)
        rows = AllowanceBucket.objects.filter(mine)
        return list(
            rows.order_by("period_start").values_list("period_start", "used_units", "carried_units", "moved_units")
        )

    def in_force(self):
        rows = RatedUsage.objects.filter(subscription_id=self.line.pk).order_by("start_at", "duplicate_key", "revision")
        latest = {row.start_at: (row.allowance_units, row.amount_micro) for row in rows}
        return [found for _start, found in sorted(latest.items())]

    def total_micro(self):
        return sum(UsageTotal.objects.filter(account_id=self.account.pk).values_list("amount_micro", flat=True))


@pytest.mark.parametrize("shared", [False, True])
def test_late_call_of_march_takes_from_what_april_had_carried(shared):
    world = World(rolls_over=True, shared_by_account=shared)
    world.use(("2026-03-05 10:00:00", 120), ("2026-04-05 10:00:00", 960))
    assert world.in_force() == [(120, 0), (960, 0)]
    world.use(("2026-03-06 10:00:00", 300))
    rerating = world.propose(APRIL)
    shown = rerating.accounts.get()
    run(rerating)

    # 180 of March go on to April: 780 are free there, and 180 are paid, three minutes at 6.
    assert world.in_force() == [(120, 0), (300, 0), (780, 18_000_000)]
    assert world.pots() == [(MARCH, 420, 0, 180), (APRIL, 780, 180, 0)]
    assert (shown.record_count, shown.new_micro) == (2, 18_000_000)
    assert check_books() == ()
    assert not world.propose(MAY).accounts.exists()


CALLS = st.lists(
    st.tuples(st.integers(min_value=1, max_value=50), st.integers(min_value=1, max_value=700)),
    min_size=2,
    max_size=6,
    unique_by=lambda call: call[0],
)


# No shrinking: each example is two worlds with a rating run for each call.
@hypothesis_settings(
    max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(calls=CALLS, order=st.randoms(use_true_random=False), rolls=st.booleans())
def test_in_whatever_order_calls_came_rerated_they_cost_what_they_cost_in_order(calls, order, rolls):
    """Reliability 2b 15: active sum = recomputed sum, over random late files."""
    coming = [(_start(day), seconds) for day, seconds in calls]
    punctual, late = World(rolls_over=rolls), World(rolls_over=rolls)
    punctual.use(*sorted(coming))
    order.shuffle(coming)
    late.use(*coming)

    rerating = late.propose(MAY)
    if rerating.accounts.exists():
        run(rerating)

    assert late.in_force() == punctual.in_force()
    assert [pot for pot in late.pots() if any(pot[1:])] == punctual.pots()
    assert late.total_micro() == punctual.total_micro()
    assert check_books() == ()


def _start(day: int) -> str:
    """Return ten o'clock of a day of March or April, counted on from 1 March."""
    return f"{MARCH + timedelta(days=day - 1)} 10:00:00"
