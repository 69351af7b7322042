"""What flows of usage start from."""

from datetime import date

import pytest

from subscribers.models import Subscription
from tests.factories.intake import NUMBER
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan, make_zone

SINCE = date(2025, 10, 1)


@pytest.fixture
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def line(db) -> Subscription:
    """A subscription that can be charged: 5 a minute to everything local."""
    make_zone(prefixes=["99910"])
    make_range(first=NUMBER)
    account = make_account(opened_on=SINCE)
    return make_line(account=account, plan=make_plan(code="CHARGED"), number=NUMBER, active_from=SINCE)
