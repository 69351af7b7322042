"""
Call lists: the calls of a subscription or an account in a period, as a list shows them.

A list is read from the one key of the records (subscription, start, ...) in the partitions of its period: whatever
the table holds, a page is a short range of an index. Free calls and calls to helplines are never listed; called
numbers come masked unless they are disclosed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self, cast

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Concat, Length, Substr
from django.db.models.lookups import Exact, LessThanOrEqual

from billing_site.core import clock
from billing_site.core.periods import DatePeriod
from rating.domain.guiding import SHORT_CODE_MARK
from rating.domain.masking import DIALLED, HIDDEN_DIGITS, HIDDEN_SIGN, SHORT_LENGTH, mask_number
from rating.models import NumberDisclosure, PremiumNumber, RatedUsage, UsageTotal
from subscribers.models import Subscription
from tariffs.models import Zone

# Adding up more than this takes longer than a page may: the workbook says the sums of longer lists.
MOST_SUMMED = 100_000
LONGEST_DAYS = 400
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """
    What is listed: calls that began on days of the operator, from ``first`` to ``last``, both included.

    ``number`` is what a person typed of a called number; ``amount_from_micro`` compares with what was charged.
    """

    first: date
    last: date
    number: str = ""
    usage_category_id: int | None = None
    zone_id: int | None = None
    amount_from_micro: int | None = None
    only_late: bool = False
    only_corrections: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return plain values for an order's row."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "number": self.number,
            "usage_category_id": self.usage_category_id,
            "zone_id": self.zone_id,
            "amount_from_micro": self.amount_from_micro,
            "only_late": self.only_late,
            "only_corrections": self.only_corrections,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return what an order's row says."""
        days = {name: date.fromisoformat(kept[name]) for name in ("first", "last")}
        return cls(**{**kept, **days})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSums:
    """Sums of a list; ``is_cut`` says that it is too long to be added up for a page."""

    record_count: int
    duration_seconds: int
    volume_bytes: int
    amount_micro: int
    is_cut: bool = False


def lines_of(account_id: int) -> list[int]:
    """Return the ids of an account's subscriptions, ended ones too, in order."""
    return list(Subscription.objects.filter(account_id=account_id).order_by("pk").values_list("pk", flat=True))


def list_calls(*, subscription_ids: Sequence[int], criteria: Criteria, is_whole: bool = False) -> QuerySet[RatedUsage]:
    """
    Return the calls of subscriptions that fit, each with ``shown_called``, ``zone_names`` and ``is_premium``.

    Not ordered: one subscription's are read by ``-start_at``, several by ``-subscription_id`` and then ``-start_at``
    (or all of it forwards); both run along the key.

    :param is_whole: called numbers are disclosed to the reader: shown whole, and compared whole
    """
    period = DatePeriod(criteria.first, criteria.last + ONE_DAY)
    instants = period.instants(zone=clock.operator_zone())
    of_lines = (
        Q(subscription_id=subscription_ids[0])
        if len(subscription_ids) == 1
        else Q(subscription_id__in=list(subscription_ids))
    )
    calls = RatedUsage.objects.filter(of_lines, start_at__gte=instants.start, start_at__lt=instants.until)
    if hidden := free_zone_ids():
        calls = calls.exclude(zone_id__in=hidden)
    return _filtered(show_called(calls, is_whole=is_whole), criteria, is_whole=is_whole)


def show_called(calls: QuerySet[RatedUsage], *, is_whole: bool = False) -> QuerySet[RatedUsage]:
    """
    Return records with ``shown_called`` (the called number as the reader may see it) and the names of their zones.

    The database masks: what leaves it for a list or a file holds no hidden digit. The rule is that of
    ``rating.domain.masking``.
    """
    stations = PremiumNumber.objects.filter(number=OuterRef("called"), during__contains=_day_of_start())
    told: Any = calls.annotate(
        is_premium=Exists(stations),
        zone_names=Subquery(Zone.objects.filter(pk=OuterRef("zone_id")).values("names"), output_field=JSONField()),
    )
    if is_whole:
        plain = Case(_short_code(), default=F("called"), output_field=TextField())
        return cast("QuerySet[RatedUsage]", told.annotate(shown_called=plain))
    masked = Concat(_left("called", -HIDDEN_DIGITS), Value(HIDDEN_SIGN * HIDDEN_DIGITS), output_field=TextField())
    whole = When(_is_shown_whole(), then=F("called"))
    shown = Case(_short_code(), whole, default=masked, output_field=TextField())
    return cast("QuerySet[RatedUsage]", told.annotate(shown_called=shown))


def masked_called(record: RatedUsage) -> str:
    """Return the called number of one record as everybody may see it."""
    stations = PremiumNumber.objects.filter(
        number=record.called, during__contains=record.start_at.astimezone(clock.operator_zone()).date()
    )
    return mask_number(record.called, is_premium=stations.exists())


def sum_calls(calls: QuerySet[RatedUsage], *, most: int | None = MOST_SUMMED) -> CallSums:
    """
    Add a list up, exactly as it is filtered.

    :param most: give up beyond so many records; ``None`` adds all
    """
    plain = calls.order_by().values("duration_seconds", "volume_bytes", "amount_micro")
    taken = plain if most is None else plain[: most + 1]
    sums = taken.aggregate(
        record_count=Count("*"),
        duration=Sum("duration_seconds"),
        volume=Sum("volume_bytes"),
        amount=Sum("amount_micro"),
    )
    return CallSums(
        record_count=sums["record_count"],
        duration_seconds=int(sums["duration"] or 0),
        volume_bytes=int(sums["volume"] or 0),
        amount_micro=int(sums["amount"] or 0),
        is_cut=most is not None and sums["record_count"] > most,
    )


def totals_of_periods(
    *, account_id: int, subscription_ids: Sequence[int], first: date, last: date
) -> QuerySet[UsageTotal]:
    """Return what is kept by bill period and bill item for periods that begin in these days: what the bills read."""
    return UsageTotal.objects.filter(
        account_id=account_id,
        subscription_id__in=list(subscription_ids),
        bill_period__gte=first,
        bill_period__lte=last,
    ).order_by("-bill_period", "subscription_id", "bill_item_id")


def find_disclosure(*, account_id: int, person_id: int, at: datetime) -> NumberDisclosure | None:
    """Return the disclosure that lets a person see an account's called numbers whole now, or ``None``."""
    return (
        NumberDisclosure.objects.filter(account_id=account_id, person_id=person_id, ends_at__gt=at)
        .order_by("-ends_at")
        .first()
    )


def free_zone_ids() -> list[int]:
    """Return the zones whose calls stand on no list: free numbers and helplines."""
    return list(Zone.objects.filter(is_free=True).order_by("pk").values_list("pk", flat=True))


def _filtered(calls: QuerySet[RatedUsage], criteria: Criteria, *, is_whole: bool) -> QuerySet[RatedUsage]:
    if criteria.usage_category_id is not None:
        zones = Zone.objects.filter(usage_category_id=criteria.usage_category_id)
        calls = calls.filter(zone_id__in=list(zones.order_by("pk").values_list("pk", flat=True)))
    if criteria.zone_id is not None:
        calls = calls.filter(zone_id=criteria.zone_id)
    if criteria.number:
        calls = calls.filter(_fits(criteria.number, is_whole=is_whole))
    if criteria.amount_from_micro is not None:
        calls = calls.filter(amount_micro__gte=criteria.amount_from_micro)
    if criteria.only_late:
        calls = calls.filter(is_late=True)
    if criteria.only_corrections:
        calls = calls.filter(revision__gt=0)
    return calls


def _fits(typed: str, *, is_whole: bool) -> Q:
    """
    Compare with what is shown alone: the twin of ``rating.domain.masking.may_match``.

    What is shown begins as the number does, so that most records are passed over before the database asks whether
    theirs is a station's.
    """
    fits, stem = Q(shown_called__startswith=typed), typed[:-HIDDEN_DIGITS]
    begins = Q(called__startswith=typed) | Q(called__startswith=SHORT_CODE_MARK)
    if is_whole or not stem:
        return begins & fits
    may_be_whole = Q(called__startswith=stem) & Q(Exact(Length("called"), len(typed)))
    return (begins | may_be_whole) & (fits | Q(shown_called=stem + HIDDEN_SIGN * HIDDEN_DIGITS))


def _short_code() -> When:
    """Return the case of a short code, shown without the mark that records keep before it."""
    return When(called__startswith=SHORT_CODE_MARK, then=Substr("called", 1 + len(SHORT_CODE_MARK)))


def _is_shown_whole() -> Q:
    """Say of a record that nothing of its called number is hidden: the twin of ``rating.domain.masking``."""
    is_short = Q(LessThanOrEqual(Length("called"), SHORT_LENGTH))
    return is_short | Q(is_premium=True) | ~Q(called__regex=DIALLED)


def _left(name: str, count: int) -> Func:
    return Func(F(name), Value(count), function="LEFT", output_field=TextField())


def _day_of_start() -> Func:
    """Return the operator's day on which the outer record began."""
    return Func(
        Value(str(clock.operator_zone())),
        OuterRef("start_at"),
        template="%(function)s(%(expressions)s)::date",
        function="timezone",
        output_field=DateField(),
    )
