"""Plans and their versions: made as drafts, published by another person, changed only by a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import micro_to_decimal, round_half_up
from billing_site.core.periods import DatePeriod
from billing_site.db.constraints import constraint_errors
from billing_site.db.crash_points import crash_point
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from tariffs.models import Plan, PlanVersion, WindowScheme
from tariffs.operations.codes import check_code_free, rows_by_code
from tariffs.operations.deck_prefixes import activate_deck_prefixes
from tariffs.operations.draft_checks import check_draft
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate
from tariffs.operations.version_contents import write_contents
from tariffs.queries.ceilings import broken_ceilings
from tariffs.queries.plan_uses import billed_until


class VersionPeriodEmpty(BillingError):
    """The end is not after the start."""

    default_message = gettext_noop("The version would begin on %(first)s and end before %(until)s: no day is left.")
    default_code = "VERSION_PERIOD_EMPTY"


class VersionAlreadyPublished(BillingError):
    """It was published before."""

    default_message = gettext_noop("Version %(number)s of plan %(plan)s is published already.")
    default_code = "VERSION_ALREADY_PUBLISHED"


class VersionNotSubmitted(BillingError):
    """A draft that nobody has submitted."""

    default_message = gettext_noop("Version %(number)s of plan %(plan)s is a draft: it is submitted first.")
    default_code = "VERSION_NOT_SUBMITTED"


class VersionNotChecked(BillingError):
    """Who made, changed or submitted it cannot approve."""

    default_message = gettext_noop("Version %(number)s of plan %(plan)s was made by you: another person publishes it.")
    default_code = "SECOND_PERSON_NEEDED"


class VersionWithoutPrices(BillingError):
    """Nothing is priced in it."""

    default_message = gettext_noop("Version %(number)s of plan %(plan)s has neither a price nor a rate.")
    default_code = "VERSION_WITHOUT_PRICES"


class LaterVersionPublished(BillingError):
    """A published version begins on the same day or later."""

    default_message = gettext_noop(
        "Version %(other)s of plan %(plan)s begins on %(first)s: a new version begins after that day."
    )
    default_code = "LATER_VERSION_PUBLISHED"


class CeilingBroken(BillingError):
    """A price above what the state or the head office allows."""

    default_message = gettext_noop(
        "Rate %(rate)s costs %(found)s for %(units)s units, and the ceiling %(ceiling)s of %(document)s allows"
        " %(maximum)s from %(first)s on. Ceilings broken in all: %(count)s."
    )
    default_code = "CEILING_BROKEN"


class DaysBilledAlready(BillingError):
    """A new price would begin on days whose bills are posted."""

    default_message = gettext_noop(
        "Plan %(plan)s is billed up to %(until)s and the version begins on %(first)s: what is billed is corrected by"
        " re-rating, which another person approves."
    )
    default_code = "DAYS_BILLED_ALREADY"


class PlanNotInForce(BillingError):
    """No published version can be ended on that day."""

    default_message = gettext_noop("Plan %(plan)s has no version in force before %(until)s.")
    default_code = "PLAN_NOT_IN_FORCE"


class TaxOfPlanDiffers(BillingError):
    """Versions of one plan with and without tax in their prices."""

    default_message = gettext_noop(
        "Versions of plan %(plan)s that are published say otherwise about tax in prices: make a new plan for it."
    )
    default_code = "TAX_OF_PLAN_DIFFERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDraft:
    """All that a new version of a plan says; days are the operator's, ``valid_until`` is the first day without it."""

    valid_from: date
    window_scheme_code: str
    currency: str
    valid_until: date | None = None
    prices: Sequence[NewPrice] = ()
    rates: Sequence[NewRate] = ()
    allowances: Sequence[NewAllowance] = ()
    rounding_mode: str = "HALF_UP"
    rounding_places: int = 2
    favourite_count: int = 0
    prices_include_tax: bool = False


@durable
def create_plan(*, code: str, kind: str, names: Mapping[str, str], actor: User | None) -> Plan:
    """
    Create a plan; it cannot be sold before a version of it is published.

    :param kind: one of ``BillItem.Kind``
    :raises CodeTaken: if a plan has the code
    """
    check_code_free(Plan.objects.all(), code)
    plan = Plan.objects.create(code=code, kind=kind, names=dict(names))
    record("tariffs.create_plan", actor=actor, subject=plan, changes={"code": code})
    return plan


@durable
def draft_plan_version(*, plan_id: int, draft: VersionDraft, actor: User | None) -> PlanVersion:
    """
    Write down a new version of a plan; nobody is charged by it before another person publishes it.

    :raises VersionPeriodEmpty: if the period holds no day
    :raises AmountTooPrecise: for an amount with more than six decimals, by its name
    :raises AmountOutOfRange: for a negative or huge amount, by its name
    :raises RateStepsUnsound: if the steps of a rate do not begin at 0 or rise
    :raises RateDoubled: if two rates price the same zone and window
    :raises UnknownCode: for a zone, window, bill item or scheme that does not exist
    """
    plan = Plan.objects.select_for_update(no_key=True).get(pk=plan_id)
    version = add_draft(plan=plan, draft=draft, actor=actor)
    record(
        "tariffs.draft_plan_version",
        actor=actor,
        subject=version,
        changes={"plan": plan.code, "number": version.number, "valid_from": draft.valid_from.isoformat()},
    )
    return version


@transaction_required
def add_draft(*, plan: Plan, draft: VersionDraft, actor: User | None) -> PlanVersion:
    """
    Write a draft under the next number of a plan that is locked.

    :raises BillingError: what ``draft_plan_version`` refuses
    """
    refuse_unsound(draft)
    schemes = rows_by_code(WindowScheme.objects.all(), [draft.window_scheme_code])
    latest = PlanVersion.objects.filter(plan=plan).order_by("-number").values_list("number", flat=True).first()
    version = PlanVersion.objects.create(
        plan=plan,
        number=(latest or 0) + 1,
        during=days_from(draft.valid_from, draft.valid_until),
        currency=draft.currency,
        window_scheme=schemes[draft.window_scheme_code],
        rounding_mode=draft.rounding_mode,
        rounding_places=draft.rounding_places,
        favourite_count=draft.favourite_count,
        prices_include_tax=draft.prices_include_tax,
        created_by=actor,
    )
    write_contents(version=version, prices=draft.prices, rates=draft.rates, allowances=draft.allowances)
    return version


@durable
def publish_plan_version(*, version_id: int, published_at: datetime, actor: User) -> PlanVersion:
    """
    Put a submitted version in force from its first day; the version before it ends there.

    The prefixes of its rate decks lead to their zones from that day on.

    :raises VersionAlreadyPublished: if it was published before
    :raises VersionNotSubmitted: if it is a draft
    :raises VersionNotChecked: if the same person made, changed or submitted it
    :raises DaysBilledAlready: if bills of the plan cover its first day
    :raises CeilingBroken: if it is dearer than a ceiling of the state or the head office, with its document
    :raises PrefixChangeTooEarly: if a prefix of a deck leads elsewhere from that day or a later one on
    :raises LaterVersionPublished: if a published version begins on its first day or later
    :raises TaxOfPlanDiffers: if its prices include tax and those of other versions do not, or the other way round
    """
    return put_in_force(version_id=version_id, published_at=published_at, actor=actor)


@transaction_required
def put_in_force(*, version_id: int, published_at: datetime, actor: User) -> PlanVersion:
    """
    Publish a version within a transaction that is open.

    :raises BillingError: what ``publish_plan_version`` refuses
    """
    plan_id = PlanVersion.objects.values_list("plan_id", flat=True).get(pk=version_id)
    plan = Plan.objects.select_for_update(no_key=True).get(pk=plan_id)
    version = PlanVersion.objects.select_for_update().get(pk=version_id)
    refuse_publication(version=version, plan=plan, actor=actor)
    during = date_period(version.during)
    _make_room(plan=plan, during=during)
    version.state = PlanVersion.State.PUBLISHED
    version.approved_by = actor
    version.published_at = published_at
    room_taken = {
        "tariffs_planversion_one_at_a_time": lambda: _later(plan, version),
        "tariffs_planversion_tax_of_plan": lambda: TaxOfPlanDiffers(context={"plan": plan.code}),
    }
    with constraint_errors(room_taken):
        version.save(update_fields=["state", "approved_by", "published_at"])
    activate_deck_prefixes(version=version)
    crash_point("tariffs.publish_plan_version.prefixes")
    record(
        "tariffs.publish_plan_version",
        actor=actor,
        subject=version,
        changes={"plan": plan.code, "number": version.number, "from": during.start.isoformat()},
    )
    return version


@durable
def retire_plan(*, plan_id: int, until: date, actor: User | None) -> PlanVersion:
    """
    End the last published version of a plan: from ``until`` on nobody can take the plan.

    :raises PlanNotInForce: if no published version is in force before that day
    """
    plan = Plan.objects.select_for_update(no_key=True).get(pk=plan_id)
    version = (
        PlanVersion.objects.select_for_update(of=("self",))
        .filter(plan=plan, state=PlanVersion.State.PUBLISHED, during__startswith__lt=until)
        .order_by("-during")
        .first()
    )
    if version is None or not _reaches(version, until):
        raise PlanNotInForce(context={"plan": plan.code, "until": until})
    version.during = days_from(date_period(version.during).start, until)
    version.save(update_fields=["during"])
    record("tariffs.retire_plan", actor=actor, subject=plan, changes={"until": until.isoformat()})
    return version


def refuse_unsound(draft: VersionDraft) -> None:
    """
    Refuse a draft that cannot be charged, before anything is written.

    :raises VersionPeriodEmpty: if the period holds no day
    :raises BillingError: what ``check_draft`` finds
    """
    if draft.valid_until is not None and draft.valid_until <= draft.valid_from:
        raise VersionPeriodEmpty(context={"first": draft.valid_from, "until": draft.valid_until})
    check_draft(
        prices=draft.prices,
        rates=draft.rates,
        allowances=draft.allowances,
        rounding_places=draft.rounding_places,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
    )


def _reaches(version: PlanVersion, day: date) -> bool:
    end = date_period(version.during).until
    return end is None or end > day


def refuse_publication(*, version: PlanVersion, plan: Plan, actor: User) -> None:
    """
    Refuse to publish a version that is not ready, or by who may not.

    :raises BillingError: what ``publish_plan_version`` refuses before it writes
    """
    named = {"number": version.number, "plan": plan.code}
    if version.state == PlanVersion.State.PUBLISHED:
        raise VersionAlreadyPublished(context=named)
    if version.is_draft:
        raise VersionNotSubmitted(context=named)
    if actor.pk in {version.created_by_id, version.changed_by_id, version.submitted_by_id}:
        raise VersionNotChecked(context=named)
    refuse_billed_days(plan=plan, first=date_period(version.during).start)
    refuse_above_ceilings(version)


def refuse_above_ceilings(version: PlanVersion) -> None:
    """
    Refuse a version that breaks a ceiling of prices on any of its days.

    :raises CeilingBroken: naming the first rate, the rule and its document
    """
    broken = broken_ceilings(version_id=version.pk)
    for one in broken:
        found = round_half_up(numerator=one.found_micro.numerator, denominator=one.found_micro.denominator)
        raise CeilingBroken(
            context={
                "rate": version.rates.values_list("code", flat=True).get(pk=one.rate.rate_id),
                "found": micro_to_decimal(found),
                "units": one.ceiling.units,
                "ceiling": one.ceiling.code,
                "document": one.ceiling.document,
                "maximum": micro_to_decimal(one.ceiling.maximum_micro),
                "first": one.since.start,
                "count": len(broken),
            }
        )


def refuse_billed_days(*, plan: Plan, first: date) -> None:
    """
    Refuse a first day that posted bills of the plan cover.

    :raises DaysBilledAlready: naming the first day that is free
    """
    until = billed_until(plan.pk)
    if until is not None and first < until:
        raise DaysBilledAlready(context={"plan": plan.code, "until": until, "first": first})


def refuse_without_prices(version: PlanVersion, *, plan: Plan) -> None:
    """
    Refuse a version that prices nothing.

    :raises VersionWithoutPrices: if it has neither a price nor a rate
    """
    if not version.prices.exists() and not version.rates.exists():
        raise VersionWithoutPrices(context={"number": version.number, "plan": plan.code})


def _make_room(*, plan: Plan, during: DatePeriod) -> None:
    """End the version in force on the first day; refuse if one begins later, inside the new period."""
    published = PlanVersion.objects.filter(plan=plan, state=PlanVersion.State.PUBLISHED)
    for other in published.filter(during__overlap=days_from(during.start, during.until)).order_by("during"):
        if date_period(other.during).start >= during.start:
            raise _later(plan, other)
        other.during = days_from(date_period(other.during).start, during.start)
        other.save(update_fields=["during"])


def _later(plan: Plan, other: PlanVersion) -> LaterVersionPublished:
    return LaterVersionPublished(
        context={"other": other.number, "plan": plan.code, "first": date_period(other.during).start}
    )
