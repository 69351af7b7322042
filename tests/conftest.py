"""What every test can ask for."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from billing_site.db import clock_offset
from tests.cast import (
    accountant,
    administrator,
    ani,
    approver,
    auditor,
    centre,
    clerk,
    najla,
    specialist,
    stranger,
    supervisor,
)
from tests.fixtures.browsers import (
    _live_server_helper,
    allowed_console_errors,
    browser,
    browser_context,
    browser_faults,
    live_server,
    mark_browser_tests,
    page,
    patient_people,
)
from tests.fixtures.databases import (
    django_db_setup,
    drop_database_of_this_run,
    fresh_database,
    refuse_transactional_marks,
    superuser_connection,
    transactional_db,
)
from tests.fixtures.nightly import is_night
from tests.fixtures.static_files import static_files_found_once


@pytest.fixture(autouse=True)
def _clock_put_back() -> Iterator[None]:
    """A moved clock is remembered for some seconds: the next test, with a database of its own, must not see it."""
    yield
    if clock_offset._cached is not None and clock_offset._cached[1]:
        clock_offset._cached = None


# Tests assert results, never seconds: a busy machine is no fault of theirs. The usual run tries the same values each
# time, so that who lands a change answers for that change alone; the nightly run looks for others.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("night", settings.get_profile("house"), derandomize=False)
settings.load_profile("night" if is_night() else "house")

__all__ = [
    "_live_server_helper",
    "accountant",
    "administrator",
    "allowed_console_errors",
    "ani",
    "approver",
    "auditor",
    "browser",
    "browser_context",
    "browser_faults",
    "centre",
    "clerk",
    "django_db_setup",
    "fresh_database",
    "live_server",
    "najla",
    "page",
    "patient_people",
    "specialist",
    "static_files_found_once",
    "stranger",
    "superuser_connection",
    "supervisor",
    "transactional_db",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser; refuse what would empty tables."""
    mark_browser_tests(items)
    refuse_transactional_marks(items)


def pytest_collection_finish() -> None:
    """Tell the collector of garbage that all there is by now stays: looking through it took a twelfth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_sessionfinish() -> None:
    """Leave no database behind."""
    drop_database_of_this_run()
