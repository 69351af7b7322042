"""Wrong, missing, double: a day of traffic whose result is known beforehand (001-04)."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.urls import reverse

from billing_site.core import clock
from billing_site.jobs.work import drain
from rating.models import RatedUsage, UsageFile
from rating.operations.usage_day_checks import CHECK_USAGE_DAY, check_usage_days
from rating.queries.usage_days import UsageDay, usage_days
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan, make_zone
from tests.fixtures.nightly import at_night
from tests.web.wrapped import assert_numbers_wrapped

CALLS, LINES = at_night(1_000_000, else_=20_000), 40
FIRST = 99910300000
DAY = date(2026, 3, 5)
SINCE = date(2026, 1, 1)
NAMED = {"name_pattern": r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"}
COLUMNS = {"columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3}, "field_count": 4, **NAMED}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def lines(files_root):
    """Forty lines by a plan of 5 a minute, each second counted by whole minutes."""
    make_zone(prefixes=["99910"])
    make_range(first=str(FIRST), count=LINES)
    plan, account = make_plan(), make_account(opened_on=SINCE)
    for at in range(LINES):
        make_line(account=account, plan=plan, number=str(FIRST + at), active_from=SINCE)


def traffic(*, count: int) -> list[tuple[str, str, int, str]]:
    """Calls of the lines with 2 % of nobody, 2 % repeated and 1 % unreadable: (kind, number, seconds, text)."""
    chance = random.Random(4)
    midnight = datetime(DAY.year, DAY.month, DAY.day)  # noqa: DTZ001 - local time, as the exchange writes it
    made: list[tuple[str, str, int, str]] = []
    for at in range(count):
        kind = chance.random()
        number = str(FIRST + chance.randrange(LINES) + (500 if kind < 0.02 else 0))
        seconds = chance.randrange(0, 900)
        text = f"{number},99910{at:06d},{midnight + timedelta(seconds=at * 80_000 // count)},{seconds}"
        if kind > 0.99:
            made.append(("QUARANTINED", number, 0, f"{number},99910{at:06d},yesterday,{seconds}"))
        elif kind > 0.97 and made:
            made.append(("DUPLICATE", *made[-1][1:]) if made[-1][0] == "RATED" else made[-1])
        else:
            made.append(("QUARANTINED" if kind < 0.02 else "RATED", number, seconds, text))
    return made


def price_of(seconds: int) -> int:
    """5 for each minute begun, in millionths: reckoned here, not by the product."""
    return int((Decimal(-(-seconds // 60)) * 5).quantize(Decimal("0.01"), ROUND_HALF_UP) * 1_000_000)


def checked_day() -> UsageDay:
    """Let the night look the days through, and return the one that there is."""
    check_usage_days(today=DAY, at=clock.now())
    drain(CHECK_USAGE_DAY)
    (day,) = usage_days(first=DAY, last=DAY)
    return day


def test_day_with_known_result_has_nothing_wrong_missing_or_double(lines, client, specialist):
    """001-04: calls with known result, a million by night: 0 wrong to the last decimal, 0 missing, 0 double."""
    made = traffic(count=CALLS)
    source = make_source(column_map=COLUMNS)
    load_lines(source, *(text for *_, text in made[: CALLS // 2]), name="X07-20260305-1.csv")
    load_lines(source, *(text for *_, text in made[CALLS // 2 :]), name="X07-20260305-2.csv")
    rate_all(lines_per_batch=CALLS // 7, lines_per_spool=CALLS // 7)

    expected = Counter((number, seconds, price_of(seconds)) for kind, number, seconds, _ in made if kind == "RATED")
    records = RatedUsage.objects.values_list("calling", "duration_seconds", "amount_micro")
    assert Counter(records) == expected

    (unchecked,) = usage_days(first=DAY, last=DAY)
    assert unchecked.checked_at is None
    day = checked_day()
    assert (day.wrong_count, day.missing_count, day.double_count) == (0, 0, 0)
    kinds = Counter(kind for kind, *_ in made)
    assert (day.line_count, day.rated_count) == (CALLS, kinds["RATED"])
    assert day.duplicate_count + day.quarantined_count == kinds["DUPLICATE"] + kinds["QUARANTINED"]
    assert day.amount_micro == sum(price_of(seconds) for kind, _, seconds, _ in made if kind == "RATED")
    assert day.priced_again_count == 100

    client.force_login(specialist)
    page = client.get(reverse("rating:usage-days"), {"first": DAY, "last": DAY}).content.decode()
    assert "X07" in page
    assert_numbers_wrapped(page)


def test_day_names_what_is_missing_and_what_is_wrong(lines):
    """The counts count: a file that claims more lines than ended, and an amount that its records do not add up to."""
    source = make_source(column_map=COLUMNS)
    file = load_lines(source, *(text for *_, text in traffic(count=50)), name="X07-20260305.csv")
    rate_all()
    before = checked_day()
    assert (before.missing_count, before.wrong_count) == (0, 0)

    UsageFile.objects.filter(pk=file.pk).update(line_count=51, rejected_count=1, amount_micro=1)

    after = checked_day()
    assert before.checked_at is not None
    assert after.checked_at is not None
    assert after.checked_at > before.checked_at
    assert (after.missing_count, after.double_count, after.wrong_count) == (1, 0, 1)
