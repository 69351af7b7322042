"""What a preview found: in all, by account, by zone and bill item, by fee, and how the changes are spread."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet

from billing_site.core.money import round_amount
from billing_site.db.sql import fetch_sql
from rating.domain.spreads import round_limits
from rating.models import PlanPreview, PlanPreviewAccount, PlanPreviewFee
from tariffs.models import BillItem, PlanVersion, RateDeck, Zone
from tariffs.operations.reading_drafts import digest_of_contents

# The bars of the picture are for these accounts; what lies outside goes into the two outermost.
LOW_PERCENT, HIGH_PERCENT = 2, 98
MOST_AFFECTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Amounts before and after, in micro units; what the draft cannot price is in ``old_micro`` alone."""

    record_count: int
    old_micro: int
    new_micro: int
    unpriced_count: int = 0
    unpriced_micro: int = 0

    @property
    def before_micro(self) -> int:
        """What the records cost now that the draft prices: what can be compared with ``new_micro``."""
        return self.old_micro - self.unpriced_micro

    @property
    def change_micro(self) -> int:
        """The difference, of the records that the draft prices."""
        return self.new_micro - self.before_micro

    @property
    def percent(self) -> Decimal | None:
        """The difference in per cent of what those records cost now, to a tenth; ``None`` where they cost nothing."""
        return percent_of(self.change_micro, self.before_micro)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewTotals(Change):
    """Over all accounts; ``low_micro`` and ``high_micro`` are the changes between which nearly all of them lie."""

    account_count: int
    dearer_count: int
    cheaper_count: int
    low_micro: int
    high_micro: int

    @property
    def same_count(self) -> int:
        """The accounts of which nothing changes."""
        return self.account_count - self.dearer_count - self.cheaper_count


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChange(Change):
    """The change of a zone or of a bill item."""

    code: str
    names: dict[str, str]
    item_code: str
    item_names: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeChange:
    """A fee of every period before and after, and what it makes for all subscriptions and periods."""

    names: dict[str, str]
    old_micro: int
    new_micro: int
    change_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadBar:
    """How many accounts change by at least ``low_micro`` and less than ``high_micro``; ``None`` is an open end."""

    low_micro: int | None
    high_micro: int | None
    account_count: int


def percent_of(change: int, base: int) -> Decimal | None:
    """Return a change in per cent of its base, to a tenth; ``None`` where the base is nothing."""
    return round_amount(Decimal(change * 100) / Decimal(base), places=1) if base else None


def previews_of(version_id: int) -> QuerySet[PlanPreview]:
    """Return the previews of a version."""
    return PlanPreview.objects.filter(plan_version=version_id).select_related("job", "asked_by")


def digest_of_version(version: PlanVersion) -> str:
    """Return the SHA-256 of everything in a version that decides what usage costs, its rate decks included."""
    decks = RateDeck.objects.filter(plan_version=version).order_by("pk").values_list("pk", flat=True)
    return hashlib.sha256(f"{digest_of_contents(version)} {list(decks)}".encode()).hexdigest()


def is_stale(preview: PlanPreview) -> bool:
    """Say whether the version says something else now than what was priced."""
    version = PlanVersion.objects.select_related("window_scheme").get(pk=preview.plan_version_id)
    return version.revision != preview.revision and digest_of_version(version) != preview.contents_digest


def get_totals(preview_id: int) -> PreviewTotals:
    """Return the totals over all accounts that are priced so far."""
    (row,) = fetch_sql(
        "rating", "preview_totals", {"preview_id": preview_id, "low_percent": LOW_PERCENT, "high_percent": HIGH_PERCENT}
    )
    names = ("account_count", "record_count", "old_micro", "new_micro", "unpriced_count", "unpriced_micro")
    ends = ("dearer_count", "cheaper_count", "low_micro", "high_micro")
    return PreviewTotals(**dict(zip((*names, *ends), row, strict=True)))


def get_spread(preview_id: int, totals: PreviewTotals) -> list[SpreadBar]:
    """Return the bars of the picture, without open ends where nobody is."""
    limits = round_limits(low=totals.low_micro, high=totals.high_micro)
    found = fetch_sql("rating", "preview_spread", {"preview_id": preview_id, "limits": limits})
    counts: dict[int, int] = dict(found)
    bars = [
        SpreadBar(low_micro=low, high_micro=high, account_count=counts.get(bar, 0))
        for bar, (low, high) in enumerate(zip([None, *limits], [*limits, None], strict=True))
    ]
    return [bar for bar in bars if bar.account_count or (bar.low_micro is not None and bar.high_micro is not None)]


def accounts_of(preview_id: int) -> QuerySet[PlanPreviewAccount]:
    """Return the accounts of a preview."""
    return PlanPreviewAccount.objects.filter(preview=preview_id).select_related("account__subscriber")


def most_affected(preview_id: int, *, is_dearer: bool) -> list[PlanPreviewAccount]:
    """Return the accounts that pay most more, or most less."""
    accounts = accounts_of(preview_id)
    if is_dearer:
        return list(accounts.filter(change_micro__gt=0).order_by("-change_micro", "-account")[:MOST_AFFECTED])
    return list(accounts.filter(change_micro__lt=0).order_by("change_micro", "account")[:MOST_AFFECTED])


def zone_changes(preview_id: int) -> list[PlaceChange]:
    """
    Return the zones that were used, by bill item, the largest change first.

    Records and what they cost before count in the zone that prices them now, the new amounts in the zone that would.
    """
    rows = fetch_sql("rating", "preview_zones", {"preview_id": preview_id})
    zones = Zone.objects.in_bulk([row[0] for row in rows])
    items = BillItem.objects.in_bulk([row[1] for row in rows])
    found = [
        PlaceChange(
            code=zones[zone_id].code,
            names=zones[zone_id].names,
            item_code=items[item_id].code,
            item_names=items[item_id].names,
            record_count=record_count,
            old_micro=old_micro,
            new_micro=new_micro,
            unpriced_count=unpriced_count,
            unpriced_micro=unpriced_micro,
        )
        for zone_id, item_id, record_count, old_micro, new_micro, unpriced_count, unpriced_micro in rows
    ]
    return sorted(found, key=lambda one: (-abs(one.change_micro), one.code, one.item_code))


def item_changes(zones: Iterable[PlaceChange]) -> list[PlaceChange]:
    """Return the changes of zones as those of their bill items, in the order of codes."""
    found: dict[str, PlaceChange] = {}
    for zone in zones:
        before = found.get(zone.item_code)
        found[zone.item_code] = PlaceChange(
            code=zone.item_code,
            names=zone.item_names,
            item_code=zone.item_code,
            item_names=zone.item_names,
            record_count=zone.record_count + (before.record_count if before else 0),
            old_micro=zone.old_micro + (before.old_micro if before else 0),
            new_micro=zone.new_micro + (before.new_micro if before else 0),
            unpriced_count=zone.unpriced_count + (before.unpriced_count if before else 0),
            unpriced_micro=zone.unpriced_micro + (before.unpriced_micro if before else 0),
        )
    return [found[code] for code in sorted(found)]


def fee_changes(preview: PlanPreview) -> list[FeeChange]:
    """Return the fees, each by whole periods of all subscriptions."""
    times = preview.subscription_count * preview.month_count
    fees = (
        PlanPreviewFee.objects.filter(preview=preview)
        .select_related("bill_item")
        .order_by(F("bill_item__position"), "bill_item_id")
    )
    return [
        FeeChange(
            names=fee.bill_item.names,
            old_micro=fee.old_micro,
            new_micro=fee.new_micro,
            change_micro=(fee.new_micro - fee.old_micro) * times,
        )
        for fee in fees
    ]
