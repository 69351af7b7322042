"""A plan with a month of usage, and a draft that would change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from billing_site.identity.models import User
from billing_site.jobs.work import drain
from rating.engine.stages import PREVIEW_PIECE
from rating.models import PlanPreview
from rating.operations.plan_previews import preview_plan_version
from rating.operations.usage_files import load_usage_file
from subscribers.models import Subscription
from tariffs.models import Plan, PlanVersion
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tests.factories.rating import make_source, rate_all
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import LONG_AGO, make_bill_item, make_scheme, make_zone, publish

ARRIVED_AT = datetime(2026, 3, 14, 6, tzinfo=UTC)
TODAY = date(2026, 3, 15)
MONTH = date(2026, 2, 1)
NUMBERS = [f"9991080000{last}" for last in range(1, 7)]
LOCAL, FAR = "99910700000", "0044207900000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The plan, its lines (the last one has another plan), and a draft of the plan."""

    plan: Plan
    lines: list[Subscription]
    draft: PlanVersion


def standard(zone: str, price: int) -> NewRate:
    return NewRate(code=zone, zone_code=zone, steps=[NewStep(price=Decimal(price))])


def by_period(zone: str) -> NewRate:
    """Six a minute for the first five minutes of a period, three from then on."""
    tiers = [
        NewStep(price=Decimal(6), increment_units=None, up_to_units=300),
        NewStep(price=Decimal(3), increment_units=None, from_units=300),
    ]
    return NewRate(code=zone, zone_code=zone, steps=tiers, model="GRADUATED", scope="PERIOD")


def draft_of(
    plan: Plan,
    *,
    rates: Sequence[NewRate],
    fee: int,
    free_seconds: int = 0,
    valid_from: date = date(2026, 4, 1),
    maker: User | None = None,
) -> PlanVersion:
    item = make_bill_item(code="FEE-FIXED")
    free = NewAllowance(
        code="FREE", names={"en": "Free"}, unit="SECONDS", quantity=free_seconds, zone_codes=["LOCAL"], rolls_over=False
    )
    draft = VersionDraft(
        valid_from=valid_from,
        window_scheme_code=make_scheme().code,
        currency="AMD",
        prices=[NewPrice(bill_item_code=item.code, names={"en": "Monthly fee"}, amount=Decimal(fee))],
        rates=rates,
        allowances=[free] if free_seconds else [],
    )
    return draft_plan_version(plan_id=plan.pk, draft=draft, actor=maker)


def make_plan_of(code: str) -> Plan:
    plan = create_plan(code=code, kind="FIXED", names={"en": code.title()}, actor=None)
    rates = [standard("LOCAL", 5), standard("FAR", 50)]
    publish(draft_of(plan, rates=rates, fee=1000, free_seconds=120, valid_from=LONG_AGO))
    return plan


def usage() -> list[str]:
    """Calls of February and around it, to both zones, in no order of time: some before, some after a cycle's period."""
    moments = ((2, 3, 90), (2, 12, 250), (1, 31, 60), (2, 27, 400), (2, 9, 61), (3, 1, 70), (3, 9, 45), (3, 10, 80))
    return [
        f"{number},{LOCAL if (at + who) % 3 else FAR},2026-{month:02d}-{day:02d} 1{at}:0{who}:00,{seconds + 7 * who}"
        for who, number in enumerate(NUMBERS)
        for at, (month, day, seconds) in enumerate(moments)
    ]


def try_plan(*, maker: User | None = None, rates: Sequence[NewRate] = ()) -> Tried:
    """Five lines of two cycles with the plan, a sixth with another; their usage is rated."""
    make_zone(prefixes=["99910"])
    make_zone(code="FAR", prefixes=["44"])
    make_range(first="99910800000")
    plan, other = make_plan_of("TRIED"), make_plan_of("OTHER")
    cycles = [make_cycle(), make_cycle(code="TENTH", bill_day=10, open_from=date(2026, 1, 10))]
    lines = [
        make_line(
            account=make_account(cycle=cycles[who % 2]) if who != 2 else None,
            plan=other if number == NUMBERS[-1] else plan,
            number=number,
        )
        for who, number in enumerate(NUMBERS)
    ]
    content = "".join(f"{line}\n" for line in usage()).encode()
    load_usage_file(
        source=make_source(day_tolerance=60), name="X07-20260305.csv", content=content, arrived_at=ARRIVED_AT
    )
    rate_all()
    draft = draft_of(
        plan, rates=rates or [by_period("LOCAL"), standard("FAR", 40)], fee=1200, free_seconds=60, maker=maker
    )
    return Tried(plan=plan, lines=lines, draft=draft)


def preview(tried: Tried, **options) -> PlanPreview:
    """Ask and do all of it in this process."""
    asked = preview_plan_version(
        version_id=tried.draft.pk, **{"first_month": MONTH, "on": TODAY, "actor": None, **options}
    )
    drain(PREVIEW_PIECE)
    asked.refresh_from_db()
    return asked
