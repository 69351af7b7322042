"""Usage priced again: a preview, a second person, then records taken back and followed by others."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from billing_site.console.books import check_books
from rating.models import AllowanceBucket, CorrectionTotal, RatedUsage, Rerating, TrafficDay, UsageTotal
from rating.operations.rerating import (
    ReratingAccountUnknown,
    ReratingChangesNothing,
    ReratingDaysUnsound,
    ReratingHasBegun,
    ReratingNotPreviewed,
    ReratingReasonMissing,
    ReratingSecondPerson,
    approve_rerating,
    cancel_rerating,
    propose_rerating,
)
from rating.queries.digests import get_rating_digest
from rating.queries.prices import look_up_price
from subscribers.models import Account
from subscribers.operations.accounts import change_account_category
from subscribers.operations.subscriptions import change_plan
from tariffs.operations.draft_inputs import NewAllowance, NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.rerating import APPROVED_AT, MARCH, propose, proposer, run, second
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import LONG_AGO, make_plan, make_scheme, make_zone, publish

pytestmark = pytest.mark.django_db
NUMBER = "99910800001"
CALLED = "99910800002"


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def account():
    make_zone(prefixes=["99910"])
    make_range(first="99910800000")
    return make_account(cycle=make_cycle(open_from=MARCH))


def plan_with(code, *rates, valid_from=LONG_AGO, allowances=()):
    plan = create_plan(code=code, kind="FIXED", names={"en": code}, actor=None)
    draft = VersionDraft(
        valid_from=valid_from, window_scheme_code=make_scheme().code, currency="AMD", rates=rates, allowances=allowances
    )
    version = draft_plan_version(plan_id=plan.pk, draft=draft, actor=None)
    publish(version)
    return plan


def rate(price, category=""):
    return NewRate(code=f"LOCAL{category}", zone_code="LOCAL", steps=[NewStep(price=Decimal(price))], category=category)


def call(at, seconds=60):
    return f"{NUMBER},{CALLED},{at},{seconds}"


def in_force():
    """Return start and amount of what counts: the latest revision of each record."""
    rows = RatedUsage.objects.order_by("start_at", "revision").values_list("start_at", "amount_micro")
    return [amount for _start, amount in sorted(dict(rows).items())]


@pytest.fixture
def late_call(account):
    """Two minutes for nothing in each period; the earlier of two calls came a day late and paid."""
    free = NewAllowance(code="FREE", names={"en": "Free"}, unit="SECONDS", quantity=120, zone_codes=["LOCAL"])
    line = make_line(account=account, plan=plan_with("TWO", rate(5), allowances=[free]), number=NUMBER)
    source = make_source(day_tolerance=9)
    load_lines(source, call("2026-03-05 10:01:00", 120), name="X07-20260305.csv")
    rate_all()
    load_lines(source, call("2026-03-04 10:01:00", 180), name="X07-20260304.csv")
    rate_all()
    return line


def test_late_call_is_put_in_its_place_within_the_open_period(late_call):
    """000-11: the earlier call draws the allowance, the later one pays; nothing is edited, and all adds up."""
    assert in_force() == [15_000_000, 0]

    rerating = propose()
    shown = rerating.accounts.get()

    assert (shown.record_count, shown.old_micro, shown.new_micro, shown.billed_micro) == (2, 15_000_000, 15_000_000, 0)
    assert [(row["was"]["amount_micro"], row["now"]["amount_micro"]) for row in shown.shown] == [
        (15_000_000, 5_000_000),
        (0, 10_000_000),
    ]
    assert RatedUsage.objects.count() == 2

    rerating = run(rerating)

    assert in_force() == [5_000_000, 10_000_000]
    assert list(RatedUsage.objects.order_by("start_at", "revision").values_list("revision", "is_late")) == [
        (0, True), (1, True), (2, False), (0, False), (1, False), (2, False)
    ]  # fmt: skip
    total = UsageTotal.objects.get()
    assert (total.record_count, total.amount_micro, total.allowance_units) == (2, 15_000_000, 120)
    assert AllowanceBucket.objects.get().used_units == 120
    assert (rerating.state, rerating.accounts.get().written_count) == ("DONE", 2)
    assert not CorrectionTotal.objects.exists()
    assert check_books() == ()


def test_second_rerating_of_the_same_changes_nothing(late_call):
    run(propose())
    before = get_rating_digest()

    again = propose()

    assert not again.accounts.exists()
    with pytest.raises(ReratingChangesNothing):
        approve_rerating(rerating_id=again.pk, approved_at=APPROVED_AT, actor=second())
    assert get_rating_digest() == before


def test_call_after_a_rerating_goes_on_from_the_pots_that_it_left(late_call):
    run(propose())
    load_lines(make_source(code="X08"), call("2026-03-06 10:00:00"), name="X08-20260306.csv")
    rate_all()

    assert in_force() == [5_000_000, 10_000_000, 5_000_000]
    assert check_books() == ()


def test_plan_entered_for_an_earlier_open_day_prices_from_that_day(account):
    line = make_line(account=account, plan=plan_with("DEAR", rate(5)), number=NUMBER)
    cheap = plan_with("CHEAP", rate(2))
    load_lines(make_source(), call("2026-03-04 23:59:59"), call("2026-03-05 00:00:00"))
    rate_all()
    change_plan(subscription_id=line.pk, plan_id=cheap.pk, changed_on=date(2026, 3, 5), actor=None)

    run(propose())

    assert in_force() == [5_000_000, 2_000_000]
    assert UsageTotal.objects.aggregate(sum=Sum("amount_micro"))["sum"] == 7_000_000
    assert check_books() == ()


def test_scope_chooses_accounts(account):
    line = make_line(account=account, plan=plan_with("DEAR", rate(5)), number=NUMBER)
    cheap, other = plan_with("CHEAP", rate(2)), make_plan(code="OTHER")
    source, idle = make_source(), make_source(code="IDLE")
    load_lines(source, call("2026-03-05 10:00:00"))
    rate_all()
    change_plan(subscription_id=line.pk, plan_id=cheap.pk, changed_on=date(2026, 3, 2), actor=None)
    stranger = make_account(cycle=account.cycle)
    make_line(account=stranger, plan=other)

    zone = make_zone()
    fitting: list[dict[str, Any]] = [
        {"plan_id": cheap.pk},
        {"zone_id": zone.pk},
        {"source_id": source.pk},
        {"account_numbers": [account.number]},
    ]
    besides: list[dict[str, Any]] = [
        {"plan_id": other.pk},
        {"zone_id": zone.pk + 1},
        {"source_id": idle.pk},
        {"account_numbers": [stranger.number]},
    ]
    assert [propose(**scope).accounts.count() for scope in fitting] == [1, 1, 1, 1]
    assert [propose(**scope).accounts.count() for scope in besides] == [0, 0, 0, 0]
    assert propose(used_from=date(2026, 2, 1), used_until=MARCH).accounts.count() == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"used_until": MARCH}, ReratingDaysUnsound),
        ({"used_from": date(2026, 5, 6), "used_until": date(2026, 5, 9)}, ReratingDaysUnsound),
        ({"reason": " "}, ReratingReasonMissing),
        ({"account_numbers": ["4711"]}, ReratingAccountUnknown),
    ],
)
def test_unsound_proposal_is_refused(account, changes, error):
    given = {"used_from": MARCH, "used_until": date(2026, 4, 1), "reason": "late", **changes}
    with pytest.raises(error):
        propose_rerating(**given, today=date(2026, 5, 5), actor=proposer())
    assert not Rerating.objects.exists()


def test_who_proposed_does_not_approve(late_call):
    rerating = propose()
    with pytest.raises(ReratingSecondPerson):
        approve_rerating(rerating_id=rerating.pk, approved_at=APPROVED_AT, actor=proposer())
    rerating.refresh_from_db()
    assert (rerating.state, RatedUsage.objects.count()) == ("PREVIEWED", 2)
    for change in ({"approved_by": proposer()}, {"state": "RUNNING"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rerating.objects.filter(pk=rerating.pk).update(**change)


def test_cancelled_rerating_is_not_approved_and_a_done_one_not_cancelled(late_call):
    cancelled, done = propose(), propose()
    cancel_rerating(rerating_id=cancelled.pk, actor=proposer())
    with pytest.raises(ReratingNotPreviewed):
        approve_rerating(rerating_id=cancelled.pk, approved_at=APPROVED_AT, actor=second())
    assert RatedUsage.objects.count() == 2
    run(done)
    with pytest.raises(ReratingHasBegun):
        cancel_rerating(rerating_id=done.pk, actor=proposer())
    assert RatedUsage.objects.count() == 6


def test_record_without_a_price_stays_and_is_listed(account):
    """What cannot be priced any more keeps its price; the others of the account are put right."""
    line = make_line(account=account, plan=plan_with("DEAR", rate(5)), number=NUMBER)
    load_lines(make_source(day_tolerance=9), call("2026-03-03 10:00:00"), call("2026-03-05 10:00:00"))
    rate_all()
    change_plan(
        subscription_id=line.pk, plan_id=plan_with("CHEAP", rate(2)).pk, changed_on=date(2026, 3, 2), actor=None
    )
    line.plans.exclude(plan__code="CHEAP").delete()
    line.plans.update(during="[2026-03-04,)")

    rerating = run(propose())

    shown = rerating.accounts.get()
    assert (shown.record_count, shown.unpriced_count, shown.written_count) == (1, 1, 1)
    assert in_force() == [5_000_000, 2_000_000]
    assert check_books() == ()


def test_category_put_right_changes_its_rates(account):
    line = make_line(account=account, plan=plan_with("BOTH", rate(5), rate(3, "BUSINESS")), number=NUMBER)
    load_lines(make_source(), call("2026-03-04 10:00:00"))
    rate_all()
    Account.objects.filter(pk=line.account_id).update(category="BUSINESS")

    run(propose())

    assert in_force() == [3_000_000]
    assert check_books() == ()


def test_category_of_the_day_prices_a_call_whenever_it_is_rated(account):
    """000-11: a business since the 5th pays as a home for the 4th, at the first rating and at the next."""
    make_line(account=account, plan=plan_with("BOTH", rate(5), rate(3, "BUSINESS")), number=NUMBER)
    change_account_category(
        account_id=account.pk,
        category="BUSINESS",
        changed_on=date(2026, 3, 5),
        today=date(2026, 3, 6),
        reason="a shop",
        actor=None,
    )
    load_lines(make_source(day_tolerance=9), call("2026-03-04 19:59:59"), call("2026-03-05 00:00:00"))

    rate_all()

    assert in_force() == [5_000_000, 3_000_000]
    found = TrafficDay.objects.order_by("day").values_list("category", "record_count")
    assert list(found) == [("HOME", 1), ("BUSINESS", 1)]
    on_the_4th = look_up_price(
        calling=NUMBER, called=CALLED, at=datetime(2026, 3, 4, 12, tzinfo=UTC), duration_seconds=60
    )
    assert on_the_4th.charge.amount_micro == 5_000_000
    assert propose().accounts.count() == 0
