"""The price that is told at the counter is the price that rating gives (001-24)."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from billing_site.console.demo.catalogue import make_catalogue
from billing_site.core import clock
from billing_site.core.digits import clean_number_input
from billing_site.core.quantities import Unit
from rating.domain.services import Service
from rating.models import RatedUsage
from rating.queries.price_answers import PriceQuestion, answer_price
from tariffs.models import Plan
from tariffs.operations.draft_inputs import NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tariffs.operations.zone_points import load_zone_points
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import LONG_AGO, make_scheme, make_zone, publish

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 2, 15, tzinfo=UTC)
FIXED, MOBILE = "99910200000", "99990000000"
# As an exchange writes it, and as customers dial it.
DIALLED = {
    "99910555555": ("+999 10 55-55-55", "010555555", "10555555", "٠١٠٥٥٥٥٥٥"),
    "99990555555": ("+99990555555", "090 555 555"),
    "00442016329600": ("0044 20 1632 9600", "+442016329600"),
    "0037410555555": ("+374 10 555555",),
    "102": ("102",),
}
_files = itertools.count(1)

calls = st.lists(
    st.tuples(
        st.sampled_from([FIXED, MOBILE]),
        st.sampled_from(sorted(DIALLED)),
        st.integers(0, 30 * 86_400),
        st.one_of(st.integers(0, 700), st.integers(0, 86_400)),
    ),
    min_size=1,
    max_size=25,
    unique=True,
)


@pytest.fixture
def source(settings, tmp_path, specialist, approver, centre):
    """The demo operator's price lists, a fixed line by windows and a mobile with fees and minimum charges."""
    settings.SALDO_FILES_ROOT = tmp_path / "files"
    make_catalogue()
    for first, use, plan in ((FIXED, "FIXED", "EVENING"), (MOBILE, "MOBILE", "MOBILE-PAY")):
        make_range(first=first, use=use, centre=centre)
        make_line(account=make_account(centre=centre), plan=Plan.objects.get(code=plan), number=first)
    return make_source()


def line_of(call):
    calling, called, second, length = call
    start = (FIRST + timedelta(seconds=second)).astimezone(clock.operator_zone())
    return f"{calling},{called},{start:%Y-%m-%d %H:%M:%S},{length}"


def told(record, dialled):
    """Ask for a rated call as its customer would dial it; the clerk's keyboard may write other digits."""
    question = PriceQuestion(
        calling=record.calling,
        called=dialled,
        at=record.start_at.astimezone(clock.operator_zone()),
        duration_seconds=record.duration_seconds,
    )
    answer = answer_price(question).asked
    assert answer.priced is not None, answer.refusal
    charge = answer.priced.charge
    return (charge.plan_version_id, charge.zone_id, charge.rate_id, charge.billed_units, charge.amount_micro)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=calls, which=st.integers(0, 3))
def test_price_told_equals_rating_for_any_call(source, drawn, which):
    """Proves 001-24: by zone, plan, rule, rounding and amount, whatever the number, the window and the length."""
    number = next(_files)
    nobody = f"99910999999,99910555555,2026-01-01 00:{number // 60:02}:{number % 60:02},5"
    file = load_lines(source, *map(line_of, drawn), nobody, name=f"X07-{number}.csv")
    rate_all()
    for record in RatedUsage.objects.filter(file_id=file.pk).order_by("line_number"):
        spoken = DIALLED[drawn[record.line_number - 1][1]]
        rated = (record.plan_version_id, record.zone_id, record.rate_id, record.charged_units, record.amount_micro)
        assert told(record, clean_number_input(spoken[which % len(spoken)])) == rated


def test_price_on_a_past_day_stands_beside_today(source):
    """Proves 001-24: 3 min 10 s at noon on a holiday and on a working day, by the same rule that rating uses."""
    zone = clock.operator_zone()
    question = PriceQuestion(
        calling=FIXED, called="010555555", at=datetime(2026, 2, 23, 12, tzinfo=zone), duration_seconds=190
    )

    found = answer_price(question, today_at=datetime(2026, 3, 5, 12, tzinfo=zone))

    answers = [answer for answer in (found.asked, found.now) if answer is not None]
    assert [answer.priced.charge.amount_micro for answer in answers if answer.priced] == [10_000_000, 24_000_000]
    assert [answer.rate_code for answer in answers] == ["LOCAL-QUIET", "LOCAL-PEAK"]
    assert found.difference_micro == 14_000_000


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"calling": "99910888888"}, "Nobody held"),
        ({"called": "12"}, "too short"),
        ({"plan_code": "NET-100"}, "has no price"),
    ],
)
def test_refusal_is_the_answer(source, fields, word):
    asked = {"calling": FIXED, "called": "010555555", "at": FIRST, "duration_seconds": 60, **fields}

    answer = answer_price(PriceQuestion(**asked)).asked

    assert answer.priced is None
    assert word in str(answer.refusal)


@pytest.fixture
def many_services(ani):
    """A plan that prices calls by category, messages each, sessions by bytes and content by a share."""
    make_zone(code="LOCAL", prefixes=["99910"])
    load_zone_points(points={("DATA", "internet"): "LOCAL"}, valid_from=LONG_AGO, actor=None)
    plan = create_plan(code="ALL", kind="MOBILE", names={"en": "All"}, actor=None)
    rates = [
        NewRate(code="CALL", zone_code="LOCAL", steps=[NewStep(price=Decimal(6))]),
        NewRate(code="CALL-B", zone_code="LOCAL", category="BUSINESS", steps=[NewStep(price=Decimal(4))]),
        NewRate(
            code="SMS",
            zone_code="LOCAL",
            unit="EVENTS",
            steps=[NewStep(price=Decimal(3), per_units=1, increment_units=1)],
        ),
        NewRate(
            code="NET",
            zone_code="LOCAL",
            unit="BYTES",
            steps=[NewStep(price=Decimal(2), per_units=1_000_000, increment_units=1_000_000)],
        ),
    ]
    draft = VersionDraft(
        valid_from=LONG_AGO, window_scheme_code=make_scheme().code, currency="AMD", prices=[], rates=rates
    )
    version = draft_plan_version(plan_id=plan.pk, draft=draft, actor=None)
    publish(version)
    return {"calling": "", "at": FIRST, "plan_code": "ALL"}


@pytest.mark.parametrize(
    ("asked", "amount"),
    [
        ({"called": "010555555", "duration_seconds": 190}, 24),
        ({"called": "010555555", "duration_seconds": 190, "category": "BUSINESS"}, 16),
        ({"called": "010555555", "duration_seconds": 0, "service": Service.MESSAGE}, 3),
        (
            {
                "called": "010555555",
                "duration_seconds": 0,
                "service": Service.MESSAGE,
                "quantities": {Unit.EVENTS: 5},
            },
            15,
        ),
        (
            {
                "called": "internet",
                "duration_seconds": 60,
                "service": Service.DATA,
                "quantities": {Unit.BYTES: 2_500_000},
            },
            6,
        ),
    ],
)
def test_category_and_service_are_priced_by_their_own_rates(many_services, asked, amount):
    answer = answer_price(PriceQuestion(**many_services, **asked)).asked

    assert answer.priced is not None, answer.refusal
    assert answer.priced.charge.amount_micro == amount * 1_000_000


def test_point_that_nobody_knows_is_answered_in_words(many_services):
    asked: dict[str, Any] = {"called": "elsewhere", "duration_seconds": 0, "service": Service.DATA}

    assert answer_price(PriceQuestion(**many_services, **asked)).asked.refusal is not None
