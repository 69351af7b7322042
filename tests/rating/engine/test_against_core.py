"""The engine in bulk and the core one by one give the same rows, to the last digit."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from billing_site.core.money import RoundingMode
from billing_site.core.periods import DatePeriod, bill_period_of
from billing_site.core.quantities import Unit
from rating.domain.allowances import Holder, PotKey, PotKind, Pots, PotState, charge_with_allowances
from rating.domain.pricing import NoPrice
from rating.domain.services import SERVICE_CODES, SERVICES_BY_CODE, Service
from rating.engine import reference
from rating.engine.charging import Cycle, charge_calls
from rating.engine.days import day_number, day_of, to_us
from rating.engine.pricing import PriceTables
from rating.engine.spool_files import SPOOL_SCHEMA
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.charge_models import ChargeModel, RateScope, Tier
from tariffs.domain.points import PointEntry, PointTable
from tariffs.domain.prefixes import PrefixEntry, PrefixTable
from tariffs.domain.price_book import PlanPrices, PriceBook
from tariffs.domain.rates import MaxCostPolicy, Rate, RateStep, RoundingPolicy, Surcharge
from tariffs.domain.windows import Window, WindowScheme

ZONE = ZoneInfo("Europe/Berlin")
# The clocks change on 29 March 2026 at 02:00 and on 25 October 2026 at 03:00.
EDGES = [
    datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 3, 31, 22, 0, tzinfo=UTC),
    datetime(2026, 4, 1, 6, 0, tzinfo=UTC),
    datetime(2026, 4, 9, 22, 0, tzinfo=UTC),
]
CYCLES = {1: Cycle(bill_day=1, open_from=date(2026, 1, 1)), 2: Cycle(bill_day=10, open_from=date(2026, 4, 10))}
CHANGE = date(2026, 4, 1)
FREE_ZONE, DATA_ZONE = 5, 4
POINTS = PointTable((PointEntry(service="DATA", name="internet", zone_id=DATA_ZONE),))
CATEGORIES = ["HOME", "BUSINESS", "HOME"]
PREFIXES = PrefixTable(
    (
        PrefixEntry(prefix="999", zone_id=1),
        PrefixEntry(prefix="99910", zone_id=2, valid=DatePeriod(date(2020, 1, 1), CHANGE)),
        PrefixEntry(prefix="99910", zone_id=3, valid=DatePeriod(CHANGE)),
        PrefixEntry(prefix="9991055", zone_id=1),
        PrefixEntry(prefix="0112", zone_id=FREE_ZONE),
    )
)
OTHER_MODELS = [ChargeModel.STANDARD, ChargeModel.GRADUATED, ChargeModel.VOLUME, ChargeModel.PACKAGE]
VOICE, MESSAGE, DATA = (SERVICE_CODES[service] for service in (Service.VOICE, Service.MESSAGE, Service.DATA))
CALLED = ["99910123456", "99910551234", "99920123456", "0112", "44700900123", "99910"]
money = st.integers(0, 3_000_000)
increments = st.sampled_from([1, 6, 30, 60])
categories = st.sampled_from(["", "", "BUSINESS"])


@st.composite
def rates(draw, *, rate_id, zone_id, window):
    steps = [RateStep(price_micro=draw(money), per=draw(st.sampled_from([1, 7, 60])), increment=draw(increments))]
    if draw(st.integers(0, 4)) == 0:
        steps.append(
            RateStep(from_units=draw(st.integers(1, 300)), price_micro=draw(money), per=60, increment=draw(increments))
        )
    odd = draw(st.integers(0, 5))
    return Rate(
        rate_id=rate_id,
        zone_id=zone_id,
        window=window,
        connect_fee_micro=draw(st.sampled_from([0, 0, 1_234_567])),
        steps=tuple(steps),
        max_cost_micro=50_000_000 if odd == 1 else None,
        max_cost_policy=draw(st.sampled_from(MaxCostPolicy)),
        min_charge_micro=2_000_000 if odd == 2 else 0,
        surcharge=Surcharge(after_units=100, amount_micro=777_777) if odd == 3 else None,
    )


@st.composite
def other_rates(draw, *, rate_id, zone_id, unit):
    """A rate of messages or bytes: one price, or tiers over each usage or over the period."""
    model = draw(st.sampled_from(OTHER_MODELS))
    if model is ChargeModel.STANDARD:
        steps = (RateStep(price_micro=draw(money), per=draw(st.sampled_from([1, 1024])), increment=draw(increments)),)
        return Rate(rate_id=rate_id, zone_id=zone_id, unit=unit, steps=steps, category=draw(categories))
    tiers: tuple[Tier, ...] = (
        Tier(price_micro=draw(money), per=draw(st.sampled_from([1, 1000])), flat_micro=draw(money)),
    )
    if not model.has_one_tier:
        edge = draw(st.integers(1, 5000))
        tiers = (Tier(up_to=edge, price_micro=draw(money)), Tier(from_units=edge, price_micro=draw(money), per=7))
    scope = draw(st.sampled_from(RateScope))
    return Rate(
        rate_id=rate_id, zone_id=zone_id, unit=unit, model=model, scope=scope, tiers=tiers, category=draw(categories)
    )


@st.composite
def rates_of_other_units(draw, *, version):
    places = [(1, 1, Unit.EVENTS), (2, DATA_ZONE, Unit.BYTES), (3, DATA_ZONE, Unit.SECONDS)]
    return [
        draw(other_rates(rate_id=version * 1000 + number, zone_id=zone_id, unit=unit))
        for number, zone_id, unit in places
        if draw(st.integers(0, 3))
    ]


@st.composite
def plans(draw):
    scheme = WindowScheme(
        windows=(
            Window(days=frozenset(range(1, 6)), from_minute=480),
            Window(days=frozenset(range(1, 8)), from_minute=draw(st.sampled_from([150, 1080]))),
            Window(days=frozenset({6, 7}), from_minute=0),
        )[: draw(st.sampled_from([0, 2, 3]))],
        zone=ZONE,
        holidays={date(2026, 4, 1): 7},
    )
    found = []
    for plan_id, (version, valid) in [
        (1, (1, DatePeriod(date(2026, 1, 1), CHANGE))),
        (1, (2, DatePeriod(CHANGE))),
        (2, (3, DatePeriod(date(2026, 1, 1)))),
    ]:
        version_rates = []
        for zone_id in (1, 2, 3):
            places = (
                [None] if draw(st.booleans()) else list(range(len(scheme.windows) - draw(st.sampled_from([0, 0, 1]))))
            )
            for window in places:
                rate_id = version * 100 + zone_id * 10 + (9 if window is None else window)
                version_rates.append(draw(rates(rate_id=rate_id, zone_id=zone_id, window=window)))
        version_rates += draw(rates_of_other_units(version=version))
        found.append(
            PlanPrices.of(
                plan_id=plan_id,
                plan_version_id=version,
                valid=valid,
                rates=version_rates,
                scheme=scheme,
                rounding=RoundingPolicy(
                    mode=draw(st.sampled_from([RoundingMode.HALF_UP, RoundingMode.UP, RoundingMode.DOWN])),
                    places=draw(st.integers(0, 6)),
                ),
                allowances=draw(st.lists(allowances(version=version), max_size=2, unique_by=lambda a: a.allowance_id)),
                free_zones=frozenset({FREE_ZONE}),
            )
        )
    return PriceBook(prefixes=PREFIXES, points=POINTS, plans=tuple(found))


@st.composite
def allowances(draw, *, version):
    number = draw(st.integers(1, 3))
    unit = draw(st.sampled_from([AllowanceUnit.SECONDS, AllowanceUnit.SECONDS, *AllowanceUnit]))
    return Allowance(
        allowance_id=version * 10 + number,
        unit=unit,
        quantity=draw(st.integers(0, 900)) * (10_000 if unit is AllowanceUnit.MONEY else 1),
        zone_ids=draw(st.sampled_from([frozenset(), frozenset({1, 2, DATA_ZONE})])),
        priority=number,
        shared_by_account=draw(st.booleans()),
        valid=draw(st.sampled_from([None, None, DatePeriod(CHANGE)])),
        rolls_over=draw(st.integers(0, 3)) == 0,
        rollover_limit=draw(st.sampled_from([None, 50])),
    )


calls = st.lists(
    st.tuples(
        st.sampled_from(EDGES),
        # Microseconds: most exchanges write whole seconds.
        st.one_of(st.integers(-400, 400).map(lambda seconds: seconds * 1_000_000), st.integers(-(10**8), 10**8)),
        st.one_of(st.just(0), st.integers(0, 700), st.integers(0, 86_400)),
        st.sampled_from(CALLED),
        st.integers(1, 4),
        st.sampled_from([VOICE, VOICE, VOICE, MESSAGE, DATA]),
        st.one_of(st.integers(0, 10_000), st.integers(0, 1 << 50)),
    ),
    min_size=1,
    max_size=25,
)


def frame_of(drawn):
    rows = []
    for line, (edge, shift, seconds, called, subscription, service, volume) in enumerate(drawn, 1):
        start = edge + timedelta(microseconds=shift)
        rows.append(
            {
                "file_id": 1,
                "line": line,
                "calling": f"9995000000{subscription}",
                "called": "internet" if service == DATA else called,
                "start_us": to_us(start),
                "duration": seconds,
                "answered": seconds > 0,
                "service": service,
                "volume": volume if service == DATA else 0,
                "third_party_micro": 0,
                "key": line,
                "subscription_id": subscription,
                "account_id": subscription // 2,
                "cycle_id": 1 + subscription // 2 % 2,
                "category": CATEGORIES[subscription // 2],
            }
        )
    return pl.DataFrame([{**dict.fromkeys(SPOOL_SCHEMA), **row} for row in rows], schema=SPOOL_SCHEMA)


def plan_of(subscription, day):
    """Subscription 3 changes its plan, subscription 4 has none before."""
    if subscription == 3:
        return 1 if day < CHANGE else 2
    if subscription == 4:
        return None if day < CHANGE else 1
    return subscription


def remember_plans(frame):
    """Let the engine find the plans in its memory instead of the tables."""
    days = [datetime.fromtimestamp(us // 1_000_000, tz=UTC).astimezone(ZONE).date() for us in frame["start_us"]]
    first, change = day_number(date(2020, 1, 1)), day_number(CHANGE)
    rows = [(1, first, None, 1), (2, first, None, 2), (3, first, change, 1), (3, change, None, 2), (4, change, None, 1)]
    reference._hold_plans(
        pl.DataFrame(rows, schema=reference.PLAN_SCHEMA, orient="row"),
        reference._Span().reaching(day_number(min(days)), day_number(max(days)), job_id=0),
    )


def zone_of(book, call, day):
    if call["service"] == DATA:
        return book.zone_of_point(call["called"], service="DATA", on=day)
    return book.prefixes.zone_of(call["called"], on=day)


def previous_start(call, day, cycle):
    """Return the beginning of the period before, where the subscription had its present plan on every day of it."""
    start = bill_period_of(day, cycle.bill_day).start
    before = bill_period_of(start - timedelta(days=1), cycle.bill_day).start
    begun = CHANGE if call["subscription_id"] == 4 or (call["subscription_id"] == 3 and day >= CHANGE) else date.min
    return before if begun <= before else None


def by_core(frame, book):
    """Rate call by call, as the specification says."""
    pots = Pots()
    rated, refused = {}, {}
    for call in frame.sort("start_us", "file_id", "line").iter_rows(named=True):
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=call["start_us"])
        day = start.astimezone(ZONE).date()
        cycle = CYCLES[call["cycle_id"]]
        plan_id = plan_of(call["subscription_id"], day)
        prices = None if plan_id is None else book.plan_on(plan_id=plan_id, on=day, category=call["category"])
        zone_id = zone_of(book, call, day)
        if prices is None or zone_id is None:
            refused[call["line"]] = "NO_PLAN" if prices is None else "NO_ZONE"
            continue
        try:
            done = charge_one(call, prices, zone_id=zone_id, start=start, pots=pots)
        except NoPrice as refusal:
            refused[call["line"]] = refusal.code
            continue
        rated[call["line"]] = row_of(done, prices, zone_id, day, cycle)
    return rated, refused, pots.changed_states()


def charge_one(call, prices, *, zone_id, start, pots):
    unit = prices.unit_for(zone_id=zone_id, candidates=SERVICES_BY_CODE[call["service"]].candidate_units)
    quantities = {
        Unit.SECONDS: call["duration"],
        Unit.BYTES: call["volume"],
        Unit.EVENTS: int(call["answered"]),
    }
    cycle = CYCLES[call["cycle_id"]]
    day = start.astimezone(ZONE).date()
    return charge_with_allowances(
        prices=prices,
        zone_id=zone_id,
        unit=unit,
        started_at=start,
        quantity=quantities[unit],
        holder=Holder(
            subscription_id=call["subscription_id"],
            account_id=call["account_id"],
            period_start=bill_period_of(day, cycle.bill_day).start,
            previous_start=previous_start(call, day, cycle),
        ),
        pots=pots,
    )


def row_of(done, prices, zone_id, day, cycle):
    period = bill_period_of(day, cycle.bill_day).start
    return (
        prices.plan_version_id,
        zone_id,
        done.charge.rate_id,
        done.charge.billed_units,
        done.uses[0].allowance_id if done.uses else None,
        done.allowance_units,
        *(done.charge.period.before if done.charge.period else (None, None)),
        done.amount_micro,
        day_number(max(period, cycle.open_from)),
    )


@pytest.mark.django_db
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(book=plans(), drawn=calls)
def test_engine_any_calls_equal_core(book, drawn):
    """Proves 000-03: every record, bulk or not, is priced as the specification prices it."""
    frame = frame_of(drawn)
    remember_plans(frame)
    tables = PriceTables.of(book, {1: 1, 2: 1, 3: 2, DATA_ZONE: 3, FREE_ZONE: 1})
    charged = charge_calls(frame, tables=tables, cycles=CYCLES, zone=ZONE, job_id=0)
    columns = (
        "plan_version_id",
        "zone_id",
        "rate_id",
        "charged_units",
        "allowance_id",
        "allowance_units",
        "units_before",
        "events_before",
        "amount_micro",
        "bill_period",
    )
    rated = {row["line"]: tuple(row[name] for name in columns) for row in charged.rows.iter_rows(named=True)}
    refused = dict(charged.unpriced.select("line", "reason").iter_rows())
    kept = {pot_of(row): state_of(row) for row in charged.buckets.iter_rows(named=True)}
    assert (rated, refused, kept) == by_core(frame, book)


def pot_of(row):
    kind = PotKind.COUNTER if row["holder_kind"] == "C" else PotKind.ALLOWANCE
    return PotKey(row["allowance_id"], row["holder_kind"] == "A", row["holder_id"], day_of(row["period_start"]), kind)


def state_of(row):
    return PotState(row["used_units"], row["carried_units"], row["moved_units"], row["used_events"])
