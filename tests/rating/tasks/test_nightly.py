"""What comes by night: premium calls are totalled, old days detached."""

from datetime import date

import pytest

from billing_site.core import clock
from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import drain
from rating.models import DetachedPartition, PremiumDay
from rating.tasks import detach_old_usage_task, total_premium_calls_task
from tests.factories.records import Call, make_records
from tests.factories.small_book import DAY, make_small_book
from tests.rating.operations.test_premium_stations import NEWS, make_station


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def test_every_day_since_the_first_record_is_totalled(ani, specialist):
    """001-27: the figures are those of last night."""
    make_station(specialist)
    make_records([Call(line=ani.line, called=NEWS)])
    total_premium_calls_task()
    days = (clock.today() - date(2026, 3, 3)).days + 1

    assert WorkItem.objects.filter(kind="rating.total_premium_day").count() == days
    drain("rating.total_premium_day")
    assert PremiumDay.objects.count() == days


def test_days_older_than_the_setting_are_detached(db, settings):
    make_small_book()
    settings.SALDO_USAGE_RETENTION_MONTHS = 1200
    detach_old_usage_task()
    assert not DetachedPartition.objects.exists()
    settings.SALDO_USAGE_RETENTION_MONTHS = 0
    detach_old_usage_task()

    assert [one.day for one in DetachedPartition.objects.all()] == [DAY]
