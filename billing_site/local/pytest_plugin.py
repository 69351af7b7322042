"""
Servers and addresses for the tests, before pytest-django reads the settings.

Named with ``-p`` in pyproject.toml, so that a bare ``pytest`` in a developer's shell works too: it uses the servers
that run, or starts them for as long as the tests last. A conftest would be too late: pytest-django reads the settings
first.
"""

import os

import pytest

from billing_site.local.errors import SetupError
from billing_site.local.places import HERE
from billing_site.local.servers import Lease, are_given

SETTINGS = "billing_site.settings"
# The calls of the tests are of one year, and the clock goes on: they must not grow old.
KEPT_MONTHS = "1200"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Name the settings; have servers run, unless the environment names some (as it does in the workers of xdist)."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    os.environ["SALDO_USAGE_RETENTION_MONTHS"] = KEPT_MONTHS
    HERE.prepare()
    if are_given(os.environ):
        return
    lease = Lease()
    early_config.add_cleanup(lease.give_back)
    try:
        os.environ.update(lease.take().environment)
    except SetupError as error:
        raise pytest.UsageError(str(error)) from error
