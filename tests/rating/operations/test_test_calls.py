"""Worked examples are priced as calls would be, by the version itself; real records become examples."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command

from rating.models import RatedUsage
from rating.operations.test_calls import NoRecordsToTake, run_test_calls, take_test_calls
from rating.queries.zone_calls import count_calls_by_zone
from tariffs.models import PlanVersion, TestCall
from tariffs.operations.deck_preview import DeckInput
from tariffs.operations.lifecycle import VersionNotDraft
from tariffs.operations.rate_decks import load_rate_deck
from tariffs.operations.test_calls import NewTestCall, set_test_calls
from tariffs.queries.price_books import get_price_book
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.tariffs import make_draft, make_plan, make_zone, submit

NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def draft(specialist) -> PlanVersion:
    make_zone(prefixes=["99910"])
    return make_draft(plan=make_plan(code="TRIED"), valid_from=APRIL, price=Decimal("7.30"), maker=specialist)


def write(draft: PlanVersion, **values: object) -> None:
    draft.refresh_from_db()
    call = NewTestCall(**{"started_at": NOW, "quantity": 61, "expected": Decimal("14.6"), **values})  # type: ignore[arg-type]
    set_test_calls(version_id=draft.pk, seen_revision=draft.revision, calls=[call], actor=draft.created_by)


def run(draft: PlanVersion) -> TestCall:
    run_test_calls(version_id=draft.pk, run_at=NOW, actor=None)
    return TestCall.objects.get(plan_version=draft)


@pytest.mark.parametrize(
    ("values", "result", "got"),
    [
        ({"called": "+99910555555"}, "GREEN", 14_600_000),
        ({"zone_code": "LOCAL", "quantity": 0, "expected": Decimal(0)}, "GREEN", 0),
        ({"zone_code": "LOCAL", "expected": Decimal("14.61")}, "RED", 14_600_000),
        ({"called": "+99999555555"}, "RED", None),
        ({"called": "nobody"}, "RED", None),
    ],
)
def test_example_is_priced_by_the_draft_and_keeps_why(draft, values, result, got):
    """000-10: got, expected and the trace, of a version that is in no price book."""
    write(draft, **values)

    call = run(draft)

    assert (call.result, call.got_micro) == (result, got)
    assert call.trace
    assert draft.pk not in {prices.plan_version_id for prices in get_price_book().plans}


def test_example_goes_by_the_prefixes_of_the_drafts_deck(draft, specialist):
    make_zone(code="FAR")
    deck = DeckInput(content=b"prefix,zone,price\n999101,FAR,9", name="d.csv", decimal_mark=".")
    load_rate_deck(version_id=draft.pk, seen_revision=0, deck=deck, today=NOW.date(), loaded_at=NOW, actor=specialist)
    write(draft, called="+99910155555", expected=Decimal(18))

    call = run(draft)

    assert call.result == "GREEN"
    assert call.trace[0]["params"]["zone"] == "FAR"


def test_submitted_results_stay(draft, specialist):
    submit(draft, actor=specialist)

    with pytest.raises(VersionNotDraft):
        run_test_calls(version_id=draft.pk, run_at=NOW, actor=specialist)


@pytest.fixture
def used(ani, draft) -> PlanVersion:
    """Ani's own plan with a draft, and two calls that she made."""
    lines = [f"{ani.number},99910555555,2026-03-0{day} 10:00:00,{seconds}" for day, seconds in ((4, 61), (5, 30))]
    load_lines(make_source(), *lines)
    rate_all()
    plan = ani.line.plans.get().plan
    return make_draft(plan=plan, valid_from=APRIL, maker=draft.created_by)


def test_real_records_become_examples_with_what_they_cost(used):
    """Screen 17: add from real records."""
    taken = take_test_calls(version_id=used.pk, first=date(2026, 3, 1), until=APRIL, count=10, actor=used.created_by)

    calls = TestCall.objects.filter(plan_version=used).order_by("position")
    assert taken == RatedUsage.objects.count() == 2
    assert [(call.quantity, call.expected_micro) for call in calls] == [(61, 10_000_000), (30, 5_000_000)]
    run_test_calls(version_id=used.pk, run_at=NOW, actor=None)
    assert set(calls.values_list("result", flat=True)) == {"GREEN"}


def test_month_without_records_gives_no_example(used):
    with pytest.raises(NoRecordsToTake):
        take_test_calls(version_id=used.pk, first=APRIL, until=date(2026, 5, 1), count=10, actor=used.created_by)

    assert not TestCall.objects.filter(plan_version=used).exists()


def test_calls_are_counted_by_zone(used):
    zone = make_zone()

    assert count_calls_by_zone(used.plan_id, date(2026, 3, 1), APRIL) == {zone.pk: 2}
    assert count_calls_by_zone(used.plan_id, date(2026, 3, 6), APRIL) == {}


@pytest.mark.parametrize(
    ("expected", "code", "says"),
    [("14.60", None, "1 as expected, 0 differ"), ("15", 1, "1: LOCAL: expected 15, got 14.6")],
)
def test_verify_plan_says_where_a_plan_differs(draft, capsys, expected, code, says):
    write(draft, zone_code="LOCAL", expected=Decimal(expected))

    assert verify("TRIED") == code

    assert says in capsys.readouterr().out
    assert TestCall.objects.get(plan_version=draft).result == ""


def verify(*words: str) -> object:
    try:
        call_command("verify_plan", *words)
    except SystemExit as ended:
        return ended.code
    return None


def test_verify_plan_of_a_version_without_examples_is_refused(draft, capsys):
    assert verify("TRIED", "--version", "2", "--json") == 4
    assert '"green": 0' in capsys.readouterr().out
