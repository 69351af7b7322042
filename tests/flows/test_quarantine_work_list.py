"""From the exchange's file to the hall's list to the bill: calls without a subscriber record (001-26)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from billing_site.console.books import check_books
from billing_site.identity.roles import Role
from rating.models import RatedUsage, SetAsideLine, UsageTotal
from rating.queries.quarantine import LineChoice, quarantine_groups
from rating.tasks import rate_usage_task, recycle_quarantine_task
from tests.factories.identity import make_centre, make_staff
from tests.factories.quarantine import ends, minute_passes
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_draft, make_plan, make_zone, publish
from tests.web.wrapped import assert_numbers_wrapped

UNKNOWN = ("99910300000", "99910300001", "99910300002")
NEIGHBOUR = "99910300009"
CALLED = "99910555555"
SINCE = date(2026, 1, 1)
RISE = date(2026, 3, 1)
PUBLISHED_AT = datetime(2026, 2, 20, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def hall():
    """A hall with its range, of which one number is in use: by a plan that costs 5 a minute, and 8 since March."""
    hall = make_centre(code="HALL-A")
    make_range(first=UNKNOWN[0], count=10, centre=hall)
    make_zone(prefixes=["99910"])
    plan = make_plan(code="USUAL", is_published=False)
    for valid_from, price in ((date(2020, 1, 1), Decimal(5)), (RISE, Decimal(8))):
        version = make_draft(plan=plan, valid_from=valid_from, price=price)
        publish(version)
    make_line(account=make_account(centre=hall, opened_on=SINCE), plan=plan, number=NEIGHBOUR, active_from=SINCE)
    return hall, plan


def calls() -> list[str]:
    """25 calls of three numbers: the first call in February, the others in March, of a minute each."""
    lines = [f"{UNKNOWN[0]},{CALLED},2026-02-27 09:00:00,60"]
    march = datetime(2026, 3, 5, 10)  # noqa: DTZ001 - local time of the exchange, as it writes it
    lines += [f"{UNKNOWN[at % 3]},{CALLED},{march + timedelta(minutes=at)},60" for at in range(24)]
    return lines


@pytest.fixture
def file(hall):
    loaded = load_lines(make_source(code="X07"), *calls(), name="X07-20260305.csv")
    rate_all()
    minute_passes()
    return loaded


def page_of(client, person, **query) -> str:
    client.force_login(person)
    response = client.get(reverse("rating:quarantine"), query)
    assert response.status_code == 200
    content: str = response.content.decode()
    assert_numbers_wrapped(content)
    return content


def test_25_calls_of_3_unknown_numbers_appear_in_the_list_of_their_hall(client, file, hall):
    """001-26: with number, exchange, first and last call, and the money at stake."""
    clerk = make_staff(Role.CLERK, username="hall-a", centre=hall[0])
    groups = {group.calling: group for group in quarantine_groups(choice=LineChoice(), viewer=clerk)}

    assert {number: group.line_count for number, group in groups.items()} == dict(zip(UNKNOWN, (9, 8, 8), strict=True))
    first = groups[UNKNOWN[0]]
    assert first.estimate_micro == 5_000_000 + 8 * 8_000_000
    assert (first.source_codes, first.centre_names["en"]) == (("X07",), "Hall HALL-A")
    assert first.first_at == datetime(2026, 2, 27, 5, tzinfo=UTC)
    assert first.last_at == datetime(2026, 3, 5, 6, 21, tzinfo=UTC)
    assert first.duration_seconds == 540
    page = page_of(client, clerk)
    assert page.count("<tr data-href") == 3
    assert "X07" in page
    assert "25" in page


def test_another_hall_sees_nothing_of_them(client, file):
    """001-26: a clerk sees only his own centre's, also by a hand-made address."""
    stranger = make_staff(Role.CLERK, username="hall-b", centre=make_centre(code="HALL-B"))
    page = page_of(client, stranger)
    assert page.count("<tr data-href") == 0
    assert "Nothing waits." in page
    lines = client.get(reverse("rating:quarantine-lines", args=["NO_SUBSCRIBER"]), {"calling": UNKNOWN[0]})
    assert "<tr data-href" not in lines.content.decode()
    assert "+999 10" not in lines.content.decode()


def test_after_the_subscriber_is_entered_they_rate_by_themselves(client, file, hall):
    """001-26: at the price of the call's date; the late call goes to the next open bill period."""
    account = make_account(centre=hall[0], opened_on=SINCE)
    for number in UNKNOWN:
        make_line(account=account, plan=hall[1], number=number, active_from=SINCE)

    recycle_quarantine_task()
    minute_passes()

    assert ends(file) == {"RATED": 25}
    records = RatedUsage.objects.filter(account_id=account.pk).order_by("start_at")
    assert list(records.values_list("amount_micro", flat=True)) == [5_000_000] + [8_000_000] * 24
    assert sum(UsageTotal.objects.values_list("amount_micro", flat=True)) == 197_000_000
    clerk = make_staff(Role.CLERK, username="hall-a", centre=hall[0])
    page = page_of(client, clerk)
    assert "0</bdi> waiting – last checked" in page
    assert [finding for finding in check_books() if finding.invariant.startswith("rating.")] == []


def test_what_waits_is_taken_up_before_files_are_rated(file, hall):
    """The nightly run first takes up what can be rated: a repeated call is then its duplicate."""
    account = make_account(centre=hall[0], opened_on=SINCE)
    make_line(account=account, plan=hall[1], number=UNKNOWN[1], active_from=SINCE)
    again = load_lines(make_source(code="X08"), calls()[2], name="again.csv")

    rate_usage_task()
    rate_all()

    assert (ends(file)["RATED"], ends(again)) == (8, {"DUPLICATE": 1})


def test_list_is_a_workbook_too(client, file, hall, tmp_path):
    clerk = make_staff(Role.CLERK, username="hall-a", centre=hall[0])
    client.force_login(clerk)
    response = client.get(reverse("rating:quarantine"), {"export": "xlsx"})
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"".join(response.streaming_content))
    rows = list(load_workbook(path).worksheets[0].iter_rows(values_only=True))
    found = {cell for row in rows for cell in row}
    assert set(UNKNOWN) <= found


def test_estimates_are_left_out_where_none_can_be_made(file, hall):
    """A number of no range has no usual plan."""
    load_lines(make_source(code="X09"), f"99977123456,{CALLED},2026-03-05 10:00:00,60", name="foreign.csv")
    rate_all()
    minute_passes()
    line = SetAsideLine.objects.get(calling="99977123456")
    assert (line.estimate_micro, line.estimated_at is not None) == (None, True)
