"""001-17, 004-11: call lists are read along the key, masked by the database."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from billing_site.web.paging import keyset_page
from rating.domain.masking import mask_number, may_match
from rating.domain.premium_shares import Share, ShareKind
from rating.models import RatedUsage
from rating.operations.premium_stations import create_premium_station
from rating.queries.call_lists import Criteria, list_calls, sum_calls
from tariffs.models import Zone
from tests.factories.records import Call, every_minute, make_records
from tests.factories.tariffs import make_zone

MARCH = Criteria(first=date(2026, 3, 1), last=date(2026, 3, 31))
ORDER = ("-start_at", "-duplicate_key", "-revision")


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def shown(line, **criteria):
    asked = Criteria(**{"first": MARCH.first, "last": MARCH.last, **criteria})
    return sorted(call.shown_called for call in list_calls(subscription_ids=[line.pk], criteria=asked))


def test_database_masks_as_the_core_does(ani, specialist):
    """D12: short numbers and those of information stations are whole."""
    create_premium_station(
        code="TALE",
        names={"en": "Tales"},
        provider="Tale",
        contact_phone="10",
        contact_address="",
        numbers=["99990022333"],
        share=Share(kind=ShareKind.CALL, amount_micro=1),
        valid_from=date(2026, 1, 1),
        actor=specialist,
    )
    called = ["99910555123", "0103", "0118118", "1234567", "99990022333", "internet.mobile"]
    make_records([Call(line=ani.line, called=number) for number in called])

    expected = [mask_number(number, is_premium=number == "99990022333") for number in called]
    assert shown(ani.line) == sorted(expected)
    whole = list_calls(subscription_ids=[ani.line.pk], criteria=MARCH, is_whole=True)
    assert sorted(call.shown_called for call in whole) == sorted(one.removeprefix("0") for one in called)


@pytest.mark.parametrize(
    "typed", ["9991055", "99910555", "99910555123", "99910555999", "99910555XXX", "103", "1031", "9991055512", "4"]
)
def test_search_compares_only_what_is_shown(ani, typed):
    """D12: nobody finds hidden digits out by trying."""
    called = ["99910555123", "99910555124", "99910556123", "0103"]
    make_records([Call(line=ani.line, called=number) for number in called])

    assert shown(ani.line, number=typed) == sorted(mask_number(one) for one in called if may_match(one, typed))


def test_filters_narrow_the_list_and_its_sums(ani):
    """001-17: period, kind, zone, amount, late, corrections."""
    far = make_zone(code="FAR")
    ordinary = Call(line=ani.line, micro=1_000_000)
    calls = [
        ordinary,
        Call(line=ani.line, zone=far, micro=7_000_000, is_late=True),
        Call(line=ani.line, revision=1, micro=-1_000_000, seconds=-60, key=1),
        Call(line=ani.line, start_at=datetime(2026, 3, 31, 19, 59, tzinfo=UTC)),
        Call(line=ani.line, start_at=datetime(2026, 3, 31, 20, tzinfo=UTC)),
        Call(line=ani.line, start_at=datetime(2026, 2, 28, 19, 59, tzinfo=UTC)),
    ]
    make_records(calls)

    def count(**more) -> int:
        asked = Criteria(**{"first": MARCH.first, "last": MARCH.last, **more})
        return sum_calls(list_calls(subscription_ids=[ani.line.pk], criteria=asked)).record_count

    assert count() == 4
    assert count(zone_id=far.pk) == count(usage_category_id=far.usage_category_id) == 1
    assert count(amount_from_micro=5_000_000) == 2
    assert count(only_late=True) == 1
    assert count(only_corrections=True) == 1
    sums = sum_calls(list_calls(subscription_ids=[ani.line.pk], criteria=MARCH))
    assert (sums.duration_seconds, sums.amount_micro) == (120, 12_000_000)


def test_free_calls_and_helplines_are_never_listed(ani):
    """D12: not on the page, not in its sums, whatever the filter."""
    helpline = make_zone(code="HELP")
    Zone.objects.filter(pk=helpline.pk).update(is_free=True)
    make_records([Call(line=ani.line), Call(line=ani.line, called="0116111", zone=helpline, micro=0)])

    assert shown(ani.line) == ["99910555XXX"]
    assert shown(ani.line, zone_id=helpline.pk) == shown(ani.line, number="116") == []
    assert sum_calls(list_calls(subscription_ids=[ani.line.pk], criteria=MARCH, is_whole=True)).record_count == 1


def test_list_too_long_for_a_page_is_not_added_up(ani):
    make_records(every_minute(ani.line, 5))
    calls = list_calls(subscription_ids=[ani.line.pk], criteria=MARCH)

    assert sum_calls(calls, most=4).is_cut
    assert not sum_calls(calls, most=5).is_cut


def plan_of(queryset) -> tuple[set[str], set[str]]:
    """Return the tables and indexes that a query reads of the records."""
    sql, params = queryset.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    found = json.loads(found) if isinstance(found, str) else found
    nodes, tables, ways = [found[0]["Plan"]], set(), set()
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if str(node.get("Relation Name", "")).startswith("rating_ratedusage"):
            tables.add(node["Relation Name"])
            ways.add(f"{node['Node Type']} {node.get('Index Name', '').removeprefix(node['Relation Name'])}")
    return tables, ways


def test_page_reads_the_key_of_the_periods_partitions_alone(ani, najla):
    """001-17: whatever the table holds, a page is a short range of one index."""
    months = [datetime(2026, 1, 5, 6, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC)]
    many = [one for line in (ani.line, najla.line) for begin in months for one in every_minute(line, 3000, begin=begin)]
    make_records(many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE rating_ratedusage")
    days = Criteria(first=date(2026, 3, 2), last=date(2026, 3, 4))
    calls = list_calls(subscription_ids=[ani.line.pk], criteria=days)

    tables, ways = plan_of(calls.order_by(*ORDER)[:51])
    assert {name[-8:] for name in tables} == {"20260302", "20260303", "20260304"}
    assert ways == {"Index Scan _pkey"}
    both = list_calls(subscription_ids=[ani.line.pk, najla.line.pk], criteria=days)
    tables, ways = plan_of(both.order_by("-subscription_id", *ORDER)[:51])
    assert {name[-8:] for name in tables} == {"20260302", "20260303", "20260304"}
    assert {way.split()[-1] for way in ways} == {"_pkey"}


def test_pages_follow_each_other_without_gap_or_repetition(ani):
    """004-11: the whole list, page by page."""
    make_records(every_minute(ani.line, 130))
    calls = list_calls(subscription_ids=[ani.line.pk], criteria=MARCH)
    seen, cursor = [], ""
    while True:
        page = keyset_page(calls, order=ORDER, cursor=cursor)
        seen += [row.start_at for row in page.rows]
        if not page.next_cursor:
            break
        cursor = page.next_cursor

    assert seen == sorted(RatedUsage.objects.values_list("start_at", flat=True), reverse=True)
    assert seen[0] - seen[-1] == timedelta(minutes=129)
