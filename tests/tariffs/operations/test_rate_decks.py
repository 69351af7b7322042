"""Rate decks against every row of reliability 3b and the file rows of 3h; nothing is written where one is refused."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import IntegrityError, transaction
from openpyxl import Workbook

from billing_site.documents.sheets import SheetRefused, read_sheet
from tariffs.domain.rate_decks import DeckUnreadable
from tariffs.models import PlanVersion, Rate, RateDeck, RateDeckPrefix, Zone, ZonePrefix
from tariffs.operations.deck_preview import DeckInput, DeckPreview, preview_deck
from tariffs.operations.editing import VersionMovedOn, copy_plan_version
from tariffs.operations.lifecycle import DeckNotConfirmed, submit_plan_version
from tariffs.operations.plans import publish_plan_version
from tariffs.operations.rate_decks import (
    DeckChangesNothing,
    DeckLoadedByYou,
    DeckNeedsNoConfirmation,
    DeckRefused,
    confirm_rate_deck,
    load_rate_deck,
)
from tariffs.operations.zones import create_zone
from tariffs.queries import plan_uses
from tests.factories.tariffs import make_draft, make_plan, make_zone, prove, publish, submit

TODAY = date(2026, 3, 5)
NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
APRIL = date(2026, 4, 1)
SAMPLES = Path(site.BASE_DIR).parent / "shared" / "samples" / "rates"
HEAD = "prefix,zone,price"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def draft(specialist) -> PlanVersion:
    make_zone(prefixes=["99910"])
    make_zone(code="FAR", prefixes=["44"])
    return make_draft(plan=make_plan(), valid_from=APRIL, maker=specialist)


def deck(*lines: str, **declared: object) -> DeckInput:
    values = {"name": "deck.csv", "decimal_mark": ".", "content": "\n".join(lines).encode(), **declared}
    return DeckInput(**values)  # type: ignore[arg-type]


def book(*rows: tuple[str | int, ...], **changes: object) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if "merged" in changes:
        sheet.merge_cells(str(changes["merged"]))
    if "hidden" in changes:
        sheet.sheet_state = "hidden"
        made.create_sheet("Seen").append(("prefix", "zone", "price"))
        made["Seen"].append(("99910", "LOCAL", "6"))
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def seen(draft: PlanVersion, given: DeckInput) -> DeckPreview:
    draft.refresh_from_db()
    return preview_deck(version=draft, deck=given, today=TODAY)


def load(draft: PlanVersion, given: DeckInput, *, revision: int | None = None) -> RateDeck:
    draft.refresh_from_db()
    loaded = load_rate_deck(
        version_id=draft.pk,
        seen_revision=draft.revision if revision is None else revision,
        deck=given,
        today=TODAY,
        loaded_at=NOW,
        actor=draft.created_by,  # type: ignore[arg-type]
    )
    return loaded.deck


def refuse(draft: PlanVersion, given: DeckInput) -> DeckPreview:
    """Assert that a deck is refused as a whole and that nothing of it was written; return what was said."""
    with pytest.raises(DeckRefused):
        load(draft, given)
    assert (RateDeck.objects.count(), Rate.objects.filter(plan_version=draft).count()) == (0, 1)
    assert not Zone.objects.exclude(code__in=["LOCAL", "FAR"]).exists()
    return seen(draft, given)


def said(preview: DeckPreview) -> list[tuple[str, str]]:
    return [(fault.address, str(fault.message)) for fault in preview.faults]


def test_3b_01_overlaps_and_holes_are_a_table_and_the_whole_deck_is_refused(draft):
    lines = [
        f"{HEAD},valid from,valid until",
        "99910,LOCAL,6,2026-03-01,2026-05-01",
        "99910,LOCAL,7,2026-04-15,2026-06-01",
        "44,FAR,9,2026-03-01,2026-05-01",
        "44,FAR,9,02.05.2026,",
        "441,FAR,9,2026-05-01,2026-04-01",
    ]

    preview = refuse(draft, deck(*lines))

    found = {(fault.prefix, fault.kind.value, fault.rows) for fault in preview.range_faults}
    assert found == {("99910", "OVERLAP", (2, 3)), ("44", "HOLE", (4, 5)), ("441", "REVERSED", (6,))}


def test_3b_01_only_rows_of_the_first_day_are_taken_and_later_ones_are_counted(draft):
    lines = [f"{HEAD},valid from,valid until", "44,FAR,9,2026-03-01,2026-05-01", "44,FAR,10,2026-05-01,"]

    preview = seen(draft, deck(*lines))

    assert (preview.later_count, [change.becomes for change in preview.changes]) == (1, [Decimal(9)])


@pytest.mark.parametrize(
    ("price", "mark", "says"),
    [
        ("-1", ".", "is negative"),
        ("0.1234567", ".", "more than six decimals"),
        ("1;50", ".", "declared decimal mark"),
        ("015", ".", "is a mark lost?"),
        ("1.50", ",", "declared decimal mark"),
        ("1,50", ".", "declared decimal mark"),
        ("NaN", ".", "declared decimal mark"),
        ("1e3", ".", "declared decimal mark"),
        ("1234567890123", ".", "too large"),
    ],
)
def test_3b_02_price_that_could_mean_something_else_is_refused_with_its_cell(draft, price, mark, says):
    preview = refuse(draft, deck("prefix\tzone\tprice", f"44\tFAR\t{price}", decimal_mark=mark))

    ((address, words),) = said(preview)
    assert address == "C2"
    assert says in words


@pytest.mark.parametrize(
    ("price", "mark", "value"), [("1,50", ",", "1.5"), ("1.234,5", ",", "1234.5"), ("1,234.5", ".", "1234.5")]
)
def test_3b_02_numbers_are_read_in_the_declared_form(draft, price, mark, value):
    load(draft, deck("prefix\tzone\tprice", f"44\tFAR\t{price}", decimal_mark=mark))

    assert Rate.objects.get(plan_version=draft, zone__code="FAR").steps.get().price == Decimal(value)


def test_3b_02_zero_needs_a_tick(draft):
    preview = refuse(draft, deck(HEAD, "44,FAR,0"))
    assert [str(message) for message in preview.refusals] == [
        "1 rows cost nothing, the first is row 2: tick that zero is meant."
    ]

    load(draft, deck(HEAD, "44,FAR,0", allow_zero=True))

    assert Rate.objects.get(plan_version=draft, zone__code="FAR").steps.get().price == 0


@pytest.mark.parametrize(
    ("price", "percent", "is_jump"), [("7", 40, False), ("7.6", 52, True), ("500", 9900, True), ("0.05", -99, True)]
)
def test_3b_02_change_is_shown_and_a_jump_waits_for_a_second_person(draft, price, percent, is_jump):
    preview = seen(draft, deck(HEAD, f"99910,LOCAL,{price}"))

    (change,) = preview.changes
    assert (change.was, change.becomes, change.percent) == (Decimal(5), Decimal(price), percent)
    assert (change.is_jump, preview.jump_count) == (is_jump, int(is_jump))


def test_3b_02_jump_is_confirmed_by_another_person_before_submission(draft, specialist, approver):
    loaded = load(draft, deck(HEAD, "99910,LOCAL,500"))
    prove(draft, actor=specialist)
    with pytest.raises(DeckNotConfirmed):
        submit_plan_version(version_id=draft.pk, submitted_at=NOW, actor=specialist)
    with pytest.raises(DeckLoadedByYou):
        confirm_rate_deck(deck_id=loaded.pk, confirmed_at=NOW, actor=specialist)
    with pytest.raises(IntegrityError), transaction.atomic():
        RateDeck.objects.update(confirmed_by=specialist)

    confirm_rate_deck(deck_id=loaded.pk, confirmed_at=NOW, actor=approver)

    submit_plan_version(version_id=draft.pk, submitted_at=NOW, actor=specialist)
    draft.refresh_from_db()
    assert draft.state == "SUBMITTED"


def test_3b_02_deck_without_jumps_needs_no_confirmation(draft, approver):
    loaded = load(draft, deck(HEAD, "99910,LOCAL,6"))

    with pytest.raises(DeckNeedsNoConfirmation):
        confirm_rate_deck(deck_id=loaded.pk, confirmed_at=NOW, actor=approver)


def test_3b_02_preview_says_how_many_subscribers(draft, monkeypatch):
    monkeypatch.setattr(plan_uses._answers, "holders", lambda *_: {draft.plan_id: 12})

    assert seen(draft, deck(HEAD, "44,FAR,9")).holder_count == 12


@pytest.mark.parametrize(
    ("prefix", "says"),
    [("4 4", "is no prefix"), ("1.234E+11", "scientific notation"), ("44a", "is no prefix"), ("٤٤", "is no prefix")],
)
def test_3b_03_prefix_that_is_none_is_refused_with_its_cell(draft, prefix, says):
    preview = refuse(draft, deck(HEAD, "441,FAR,9", f"{prefix},FAR,9"))

    ((address, words),) = said(preview)
    assert address == "A3"
    assert says in words


def test_3b_03_doubled_prefix_is_refused_and_names_both_rows(draft):
    preview = refuse(draft, deck(HEAD, "44,FAR,9", "44,FAR,9"))

    assert said(preview) == [("A3", "Prefix 44 stands in row 2 already.")]


def test_3b_03_prefix_inside_a_prefix_is_shown(draft):
    preview = seen(draft, deck(HEAD, "44,FAR,9", "447,LOCAL,6"))

    assert preview.nested == (("447", "44"),)
    assert not preview.is_refused


def test_3b_03_prefix_kept_as_a_number_has_lost_its_zero(draft):
    content = book(("prefix", "zone", "price"), ("44", "FAR", "9"), (441, "FAR", 9))

    preview = refuse(draft, deck(content=content))

    assert said(preview) == [
        ("A3", "“441” is kept as a number, which drops zeros at its beginning. Format the column as text.")
    ]


def test_3b_04_first_day_that_is_billed_is_refused(draft, monkeypatch):
    monkeypatch.setattr(plan_uses._answers, "billed_until", lambda _: date(2026, 5, 1))

    preview = refuse(draft, deck(HEAD, "44,FAR,9"))

    assert "re-rating" in str(preview.refusals[0])


def test_3b_05_zone_called_last_month_without_a_price_is_refused_by_name(draft, monkeypatch):
    asked = []

    def zone_calls(plan_id: int, first: date, until: date) -> dict[int, int]:
        asked.append((plan_id, first, until))
        return {Zone.objects.get(code="FAR").pk: 12311}

    monkeypatch.setattr(plan_uses._answers, "zone_calls", zone_calls)

    preview = refuse(draft, deck(HEAD, "99910,LOCAL,6"))

    assert [str(message) for message in preview.refusals] == ["Zone “FAR” has 12311 calls last month and no price."]
    assert asked[0] == (draft.plan_id, date(2026, 2, 1), date(2026, 3, 1))
    assert not seen(draft, deck(HEAD, "44,FAR,9")).is_refused


def test_3b_05_zone_that_needs_no_price_is_not_missed(draft, monkeypatch):
    """What is free in every plan, and what people who stand in a relation say to each other."""
    for code, kind in (("FREE", {"is_free": True}), ("FRIENDS", {"relation": "FAVOURITE"})):
        create_zone(code=code, names={"en": code}, usage_category_code="LOCAL", actor=None, **kind)
    called = {zone.pk: 9 for zone in Zone.objects.filter(code__in=["FREE", "FRIENDS"])}
    monkeypatch.setattr(plan_uses._answers, "zone_calls", lambda *_asked: called)

    assert not seen(draft, deck(HEAD, "44,FAR,9")).is_refused


@pytest.mark.parametrize(
    ("currencies", "says"), [(("USD", "USD"), "is in USD"), (("AMD", "EUR"), "mixes currencies"), (("??", "??"), "??")]
)
def test_3b_06_unknown_or_mixed_currency_is_refused(draft, currencies, says):
    first, second = currencies

    preview = refuse(draft, deck(f"{HEAD},currency", f"44,FAR,9,{first}", f"99910,LOCAL,6,{second}"))

    assert says in str(preview.refusals[0])


def test_3b_07_second_of_two_imports_is_told_that_the_version_moved_on(draft):
    load(draft, deck(HEAD, "44,FAR,9"))

    with pytest.raises(VersionMovedOn):
        load(draft, deck(HEAD, "44,FAR,11"), revision=0)

    assert RateDeck.objects.count() == 1
    assert Rate.objects.get(plan_version=draft, zone__code="FAR").steps.get().price == 9


def test_3b_08_merged_cells_and_macros_are_refused(draft):
    rows = (("prefix", "zone", "price"), ("44", "FAR", "9"), ("441", "FAR", "9"))
    with pytest.raises(SheetRefused, match="B2:B3 are merged"):
        read_sheet(book(*rows, merged="B2:B3"))
    stream = io.BytesIO(book(*rows))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    with pytest.raises(SheetRefused, match="macros"):
        load(draft, deck(content=stream.getvalue()))
    assert not RateDeck.objects.exists()


def test_3b_08_first_visible_sheet_counts_by_name(draft):
    preview = seen(draft, deck(content=book(("prefix", "zone", "price"), ("44", "FAR", "0"), hidden=True)))

    assert (preview.sheet, preview.zone_by_prefix) == ("Seen", {"99910": "LOCAL"})


def test_3b_08_formula_gives_no_formula(draft):
    content = book(("prefix", "zone", "price"), ("44", "FAR", "=1+8"))

    preview = refuse(draft, deck(content=content))

    assert said(preview) == [("C2", "price is missing.")]


def test_3b_08_empty_tail_is_ignored(draft):
    stream = io.BytesIO()
    made = Workbook(write_only=True)
    sheet = made.create_sheet("deck")
    for row in (("prefix", "zone", "price"), ("44", "FAR", "9"), *[("", None, None)] * 20_000):
        sheet.append(row)
    made.save(stream)

    assert len(seen(draft, deck(content=stream.getvalue())).reading.rows) == 1


def test_3b_09_same_deck_again_is_no_change(draft):
    load(draft, deck(HEAD, "44,FAR,9"))

    with pytest.raises(DeckChangesNothing) as refused:
        load(draft, deck(HEAD, "44,FAR,9.00"))

    assert "No changes" in refused.value.message
    assert (PlanVersion.objects.filter(plan=draft.plan).count(), RateDeck.objects.count()) == (2, 1)


def test_3b_10_deck_stays_in_the_draft_until_the_version_is_published(draft, approver):
    load(draft, deck(HEAD, "44,FAR,9", "997,NEW LAND,9", usage_category_code="LOCAL"))
    new = Zone.objects.get(code="NEW-LAND")
    assert (ZonePrefix.objects.filter(prefix="997").count(), RateDeckPrefix.objects.count()) == (0, 2)
    submit(draft, actor=draft.created_by)

    publish_plan_version(version_id=draft.pk, published_at=NOW, actor=approver)

    lead = ZonePrefix.objects.get(prefix="997")
    assert (lead.zone, lead.during.lower, lead.during.upper) == (new, APRIL, None)
    assert ZonePrefix.objects.get(prefix="44").during.upper is None


def test_prefix_that_moves_ends_where_the_version_begins(draft):
    load(draft, deck(HEAD, "44,LOCAL,5"))
    draft.refresh_from_db()

    publish(draft)

    zones = list(ZonePrefix.objects.filter(prefix="44").order_by("during").values_list("zone__code", "during"))
    assert [(code, days.lower, days.upper) for code, days in zones] == [
        ("FAR", date(2020, 1, 1), APRIL),
        ("LOCAL", APRIL, None),
    ]


def test_unknown_destination_needs_a_category(draft):
    preview = refuse(draft, deck(HEAD, "997,New land,9"))

    assert "choose their category" in str(preview.refusals[0])


def test_zone_with_two_prices_is_refused_with_both_rows(draft):
    preview = refuse(draft, deck(HEAD, "44,FAR,9", "441,FAR,10"))

    assert said(preview) == [("C3", "FAR costs 10 here and 9 in row 2: one zone has one price.")]


@pytest.mark.parametrize("head", ["prefix,destination", "prefix,price,zone,price", "a,b,c"])
def test_columns_that_are_not_understood_are_named(draft, head):
    """Reliability 3h row 6."""
    with pytest.raises(DeckUnreadable) as refused:
        seen(draft, deck(head, "44,FAR,9,9"))

    assert refused.value.context["missing"] != "–" or refused.value.context["doubled"] == "price"


def test_copy_of_a_draft_waits_for_the_same_prefixes(draft, specialist):
    load(draft, deck(HEAD, "44,LOCAL,5"))

    copy = copy_plan_version(version_id=draft.pk, valid_from=date(2026, 6, 1), actor=specialist)

    assert RateDeckPrefix.objects.filter(deck__plan_version=copy).count() == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0rest", "without a password"),
        (b"<html><table></table>", "web page"),
        (b"PK\x03\x04broken", "damaged"),
        (b"prefix,zone\xff", "not UTF-8"),
        (b"a\0b", "not text"),
        (b"x" * (30 * 1024 * 1024 + 1), "at most"),
    ],
)
def test_file_that_is_no_table_is_refused_with_what_to_do(content, says):
    """Reliability 3h rows 1 and 2, by content and not by name."""
    with pytest.raises(SheetRefused, match=says):
        read_sheet(content)


def test_bomb_and_entities_are_refused_before_they_are_opened():
    """Reliability 3h row 1."""
    for name, part, says in (
        ("xl/worksheets/big.xml", b"0" * (80 * 1024 * 1024), "unpacks to far more"),
        ("xl/worksheets/sheet9.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "no spreadsheet writes"),
    ):
        stream = io.BytesIO(book(("prefix",)))
        with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, part)
        with pytest.raises(SheetRefused, match=says):
            read_sheet(stream.getvalue())


@pytest.mark.parametrize(
    ("columns", "cells", "steps"),
    [
        # A carrier's 60/1: a minute at least, then by the second, at one price of a minute.
        ("first interval,interval", "60,1", [(0, "6", 60, 60), (60, "6", 60, 1)]),
        ("first interval,interval,per", "30,6,1", [(0, "6", 1, 30), (30, "6", 1, 6)]),
        ("first interval,interval", "6,6", [(0, "6", 60, 6)]),
        ("first price,increment", "9,30", [(0, "9", 30, 30), (30, "6", 30, 30)]),
        ("first price,first increment,increment,per", "9,60,6,60", [(0, "9", 60, 60), (60, "6", 60, 6)]),
    ],
)
def test_first_increment_and_first_price_each_hold_without_the_other(draft, columns, cells, steps):
    load(draft, deck(f"{HEAD},{columns}", f"44,FAR,6,{cells}"))

    found = Rate.objects.get(plan_version=draft, zone__code="FAR").steps.order_by("from_units")
    listed = found.values_list("from_units", "price", "per_units", "increment_units")
    assert list(listed) == [(start, Decimal(price), per, increment) for start, price, per, increment in steps]


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not beside the project")
def test_sample_with_015_is_asked_about_and_its_other_rows_are_read(draft):
    """One price is written 015: ask, do not read 15."""
    content = (SAMPLES / "sigscale-tariff-periods.csv").read_bytes()
    given = deck(content=content, usage_category_code="LOCAL", allow_zero=True)

    preview = refuse(draft, given)

    assert [address for address, _ in said(preview)] == ["F5"]
    assert "is a mark lost?" in said(preview)[0][1]
    rows = [row for row in csv.reader(io.StringIO(content.decode())) if "015" not in row]
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    load(draft, deck(content=stream.getvalue().encode(), usage_category_code="LOCAL", allow_zero=True))
    steps = Rate.objects.get(plan_version=draft, zone__names__en="United Kingdom").steps.order_by("from_units")
    assert list(steps.values_list("from_units", "price", "per_units")) == [
        (0, Decimal("0.05"), 60),
        (60, Decimal("0.025"), 30),
    ]


def test_destinations_of_a_deck_are_named_in_five_languages(draft, specialist):
    """New destinations take their names from the deck; a known one takes those it has none of, and keeps its own."""
    head = "prefix,zone,price,name en,name_hy,Destination RU,name zh-hans,zone ar"
    rows = (
        "4470,uk-mob,3.00,UK mobile,ՄԹ բջջային,Великобритания моб.,英国手机,جوال بريطانيا",
        "4471,uk-mob,3.00,,,,,",
        "44,FAR,2.00,Otherwise,Հեռու,,,",
    )
    given = deck(head, *rows, usage_category_code="LOCAL")
    load = {"version_id": draft.pk, "deck": given, "today": TODAY, "loaded_at": NOW, "actor": specialist}

    load_rate_deck(seen_revision=draft.revision, **load)

    assert Zone.objects.get(code="UK-MOB").names == {
        "en": "UK mobile",
        "hy": "ՄԹ բջջային",
        "ru": "Великобритания моб.",
        "zh-hans": "英国手机",
        "ar": "جوال بريطانيا",
    }
    assert Zone.objects.get(code="FAR").names == {"en": "Far", "hy": "Հեռու"}
    draft.refresh_from_db()
    with pytest.raises(DeckChangesNothing):
        load_rate_deck(seen_revision=draft.revision, **load)


def test_destination_with_two_names_in_a_language_is_refused_at_the_cell(draft, specialist):
    given = deck("prefix,zone,price,name hy", "4470,UK,3.00,ՄԹ", "4471,UK,3.00,Անգլիա", usage_category_code="LOCAL")

    found = preview_deck(version=draft, deck=given, today=TODAY)

    (fault,) = found.faults
    assert (fault.row, fault.column) == (3, 4)
    assert "is called “ՄԹ” above and “Անգլիա” here" in str(fault.message)
    with pytest.raises(DeckRefused):
        load_rate_deck(
            version_id=draft.pk,
            seen_revision=draft.revision,
            deck=given,
            today=TODAY,
            loaded_at=NOW,
            actor=specialist,
        )
    assert not Zone.objects.filter(code="UK").exists()
