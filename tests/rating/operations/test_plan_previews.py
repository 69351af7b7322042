"""What a draft would do to those who have the plan (000-10, 004-15)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from billing_site.core.periods import DatePeriod, bill_period_of
from billing_site.core.quantities import Unit
from billing_site.identity.roles import Role
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import JobCannotChange
from billing_site.jobs.work import do_next, drain
from rating.domain.allowances import Holder, Pots, charge_with_allowances
from rating.domain.pricing import NoPrice
from rating.engine.stages import PREVIEW_PIECE
from rating.models import AllowanceBucket, PlanPreview, PlanPreviewAccount, PlanPreviewFee, PlanPreviewZone, RatedUsage
from rating.operations.plan_previews import (
    MonthsNotOver,
    NobodyHadPlan,
    PreviewUnderWay,
    VersionInForce,
    cancel_plan_preview,
    preview_plan_version,
)
from rating.queries.digests import get_rating_digest
from rating.queries.plan_previews import (
    fee_changes,
    get_spread,
    get_totals,
    is_stale,
    item_changes,
    most_affected,
    zone_changes,
)
from subscribers.operations.subscriptions import change_plan
from tariffs.models import PlanVersion
from tariffs.operations.deck_preview import DeckInput
from tariffs.operations.editing import edit_plan_version
from tariffs.operations.rate_decks import load_rate_deck
from tariffs.operations.reading_drafts import read_draft
from tariffs.queries.price_books import get_price_book, get_version_prices
from tests.factories.identity import make_staff
from tests.factories.previews import MONTH, TODAY, make_plan_of, preview, standard, try_plan
from tests.factories.tariffs import make_zone, publish

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 15, 6, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Yerevan")


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def tried():
    return try_plan()


def one_by_one(tried):
    """Price each record of each line with the core, in order of time, from untouched pots."""
    prices = get_version_prices(tried.draft.pk).held_during(DatePeriod(MONTH, date(2026, 4, 1)))
    book, pots = get_price_book(), Pots()
    found: dict[int, list[int]] = {}
    for line in tried.lines[:-1]:
        bill_day = line.account.cycle.bill_day
        for record in RatedUsage.objects.filter(subscription_id=line.pk).order_by("start_at"):
            day = record.start_at.astimezone(ZONE).date()
            own = bill_period_of(day, bill_day)
            if (own.start.year, own.start.month) != (2026, 2):
                continue
            sums = found.setdefault(line.account_id, [0, 0, 0, 0, 0])
            sums[0] += 1
            sums[1] += record.amount_micro
            zone_id = book.prefixes.zone_of(record.called, on=day)
            assert zone_id is not None
            try:
                sums[2] += charge_with_allowances(
                    prices=prices,
                    zone_id=zone_id,
                    unit=Unit.SECONDS,
                    started_at=record.start_at,
                    quantity=record.duration_seconds,
                    holder=Holder(subscription_id=line.pk, account_id=line.account_id, period_start=own.start),
                    pots=pots,
                ).amount_micro
            except NoPrice:
                sums[3] += 1
                sums[4] += record.amount_micro
    return {account: tuple(sums) for account, sums in found.items()}


def found_by(asked):
    fields = ("account_id", "record_count", "old_micro", "new_micro", "unpriced_count", "unpriced_micro")
    return {row[0]: row[1:] for row in PlanPreviewAccount.objects.filter(preview=asked).values_list(*fields)}


def zones_of(asked):
    rows = PlanPreviewZone.objects.filter(preview=asked).order_by("zone", "piece")
    return [(row.zone_id, row.old_count, row.old_micro, row.new_count, row.new_micro) for row in rows]


def test_preview_equals_pricing_each_record_with_the_core(tried):
    """000-10, 004-15: allowances and the counters of a period begin untouched, in the periods of each cycle."""
    before = (get_rating_digest(), list(AllowanceBucket.objects.order_by("pk").values()))

    asked = preview(tried)

    assert asked.job.state == Job.State.DONE
    assert (asked.job.done_units, asked.subscription_count) == (5, 5)
    assert found_by(asked) == one_by_one(tried)
    assert {row[0] for row in found_by(asked).values()} == {4}
    assert any(row[1] != row[2] for row in found_by(asked).values())
    assert (get_rating_digest(), list(AllowanceBucket.objects.order_by("pk").values())) == before


def test_pieces_of_any_size_give_the_same(tried):
    whole = preview(tried)
    cut = preview(tried, records_per_piece=1)

    assert WorkItem.objects.filter(job=cut.job).count() > 1
    assert found_by(cut) == found_by(whole)
    assert zone_changes(cut.pk) == zone_changes(whole.pk)


def test_totals_zones_and_items_add_up_to_the_accounts(tried):
    asked = preview(tried)

    totals, zones = get_totals(asked.pk), zone_changes(asked.pk)

    rows = list(found_by(asked).values())
    assert totals.account_count == len(rows)
    assert totals.record_count == sum(row[0] for row in rows)
    assert totals.old_micro == sum(row[1] for row in rows)
    assert totals.new_micro == sum(row[2] for row in rows)
    for places in (zones, item_changes(zones)):
        assert sum(place.old_micro for place in places) == totals.old_micro
        assert sum(place.new_micro for place in places) == totals.new_micro
    assert totals.dearer_count + totals.cheaper_count + totals.same_count == totals.account_count
    assert sum(bar.account_count for bar in get_spread(asked.pk, totals)) == totals.account_count
    changes = [row.change_micro for row in most_affected(asked.pk, is_dearer=False)]
    assert changes == sorted(changes)
    assert all(change < 0 for change in changes)


def test_draft_without_a_zone_names_it_and_leaves_it_out_of_the_change():
    tried = try_plan(rates=[standard("LOCAL", 5)])

    asked = preview(tried)

    assert found_by(asked) == one_by_one(tried)
    totals, zones = get_totals(asked.pk), zone_changes(asked.pk)
    assert totals.unpriced_count > 0
    assert [(zone.code, zone.unpriced_count) for zone in zones if zone.unpriced_count] == [
        ("FAR", totals.unpriced_count)
    ]
    assert next(zone for zone in zones if zone.code == "FAR").change_micro == 0
    assert totals.change_micro == totals.new_micro - totals.old_micro + totals.unpriced_micro


def test_prefixes_of_a_rate_deck_lead_as_they_will(tried):
    """A deck moves the calls of the prefix 442 to a zone of its own before the version is published."""
    make_zone(code="LONDON")
    deck = DeckInput(name="deck.csv", decimal_mark=".", content=b"prefix,zone,price\n442,LONDON,9")
    specialist = make_staff(Role.BILLING_SPECIALIST)
    revision = PlanVersion.objects.get(pk=tried.draft.pk).revision
    load_rate_deck(
        version_id=tried.draft.pk, seen_revision=revision, deck=deck, today=TODAY, loaded_at=NOW, actor=specialist
    )

    asked = preview(tried)

    changes = {zone.code: zone for zone in zone_changes(asked.pk)}
    assert changes["LONDON"].new_micro > 0
    assert (changes["FAR"].new_micro, changes["LONDON"].old_micro) == (0, 0)


def test_fees_are_compared_by_whole_periods_of_all_subscriptions(tried):
    asked = preview(tried)

    (fee,) = fee_changes(asked)
    assert (fee.old_micro, fee.new_micro) == (1_000_000_000, 1_200_000_000)
    assert fee.change_micro == 5 * 200_000_000


def test_only_days_with_the_plan_count(tried):
    """A line that left the plan on 12 February is affected by what it used until then."""
    other = make_plan_of("THIRD")
    change_plan(subscription_id=tried.lines[0].pk, plan_id=other.pk, changed_on=date(2026, 2, 12), actor=None)

    asked = preview(tried)

    assert asked.subscription_count == 5
    assert found_by(asked)[tried.lines[0].account_id][0] == 2


def test_several_months_are_whole_periods(tried):
    asked = preview(tried, first_month=date(2026, 1, 1), month_count=2)

    assert sum(row[0] for row in found_by(asked).values()) > sum(row[0] for row in found_by(preview(tried)).values())
    assert fee_changes(asked)[0].change_micro == 5 * 2 * 200_000_000


def say_again(tried, *, rates):
    """Edit the draft: save it as it is, or with other rates."""
    version = PlanVersion.objects.get(pk=tried.draft.pk)
    edit_plan_version(
        version_id=version.pk,
        seen_revision=version.revision,
        draft=replace(read_draft(version), rates=rates),
        changed_at=NOW,
        actor=make_staff(Role.BILLING_SPECIALIST),
    )


def test_preview_is_stale_once_the_draft_says_something_else(tried):
    asked = preview(tried)
    assert not is_stale(asked)

    say_again(tried, rates=read_draft(tried.draft).rates)
    assert not is_stale(asked)
    say_again(tried, rates=[standard("LOCAL", 6)])

    assert is_stale(asked)


def test_draft_that_changes_meanwhile_fails_the_preview(tried):
    asked = preview_plan_version(version_id=tried.draft.pk, first_month=MONTH, on=TODAY, actor=None)
    say_again(tried, rates=[standard("LOCAL", 6)])

    drain(PREVIEW_PIECE)

    asked.job.refresh_from_db()
    assert asked.job.state == Job.State.FAILED
    assert "changed" in asked.job.message
    assert found_by(asked) == {}


def test_cancelled_preview_keeps_the_pieces_that_are_done(tried):
    asked = preview_plan_version(
        version_id=tried.draft.pk, first_month=MONTH, on=TODAY, actor=None, records_per_piece=1
    )
    do_next(PREVIEW_PIECE)

    cancel_plan_preview(preview_id=asked.pk, actor=None)
    drain(PREVIEW_PIECE)

    asked.job.refresh_from_db()
    assert asked.job.state == Job.State.CANCELLED
    assert 0 < asked.job.done_units < asked.job.total_units
    assert found_by(asked)
    with pytest.raises(JobCannotChange):
        cancel_plan_preview(preview_id=asked.pk, actor=None)


def refused(refusal, **options):
    with pytest.raises(refusal) as caught:
        preview_plan_version(**{"first_month": MONTH, "on": TODAY, "actor": None, **options})
    assert str(caught.value)


def test_refusals_leave_nothing_behind(tried):
    nobody = make_plan_of("NOBODY")
    empty = nobody.versions.create(
        number=2, during=tried.draft.during, currency="AMD", window_scheme=tried.draft.window_scheme
    )

    refused(VersionInForce, version_id=tried.plan.versions.get(number=1).pk)
    refused(MonthsNotOver, version_id=tried.draft.pk, on=date(2026, 3, 9))
    refused(MonthsNotOver, version_id=tried.draft.pk, month_count=2)
    refused(NobodyHadPlan, version_id=empty.pk)

    assert not PlanPreview.objects.exists()
    assert not PlanPreviewFee.objects.exists()
    assert not Job.objects.filter(kind="rating.preview_plan_version").exists()


def test_one_preview_of_a_version_at_a_time(tried):
    preview_plan_version(version_id=tried.draft.pk, first_month=MONTH, on=TODAY, actor=None)

    refused(PreviewUnderWay, version_id=tried.draft.pk)

    assert PlanPreview.objects.count() == 1


def test_what_was_found_does_not_change(tried):
    asked = preview(tried)

    for rows in (PlanPreview.objects.filter(pk=asked.pk), PlanPreviewAccount.objects.filter(preview=asked)):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


def test_submission_and_publication_leave_the_preview_fresh(tried, approver):
    asked = preview(tried)

    publish(tried.draft, approver=approver)

    assert not is_stale(asked)
