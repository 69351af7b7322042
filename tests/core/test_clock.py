from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from billing_site.core import clock


@pytest.fixture(autouse=True)
def settings_put_back():
    zone, source = clock._settings.zone, clock._settings.offset_source
    yield
    clock._settings.zone, clock._settings.offset_source = zone, source


@time_machine.travel(datetime(2026, 3, 5, 21, 30, tzinfo=UTC), tick=False)
def test_today_is_the_day_of_the_operators_zone():
    clock.configure(zone="Asia/Yerevan")
    clock.remove_offset()

    assert clock.today() == date(2026, 3, 6)
    assert clock.now() == datetime(2026, 3, 5, 21, 30, tzinfo=UTC)
    assert clock.operator_zone() == ZoneInfo("Asia/Yerevan")


@time_machine.travel(datetime(2026, 3, 5, 12, 0, tzinfo=UTC), tick=False)
def test_offset_moves_business_time_but_not_the_machines():
    clock.configure(offset_source=lambda: timedelta(days=-1))

    assert clock.now() == datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    assert clock.machine_now() == datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
    assert clock.moved(clock.machine_now()) == clock.now()

    clock.remove_offset()

    assert clock.now() == clock.machine_now()
