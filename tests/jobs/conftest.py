from collections.abc import Iterator
from typing import Any

import pytest

from billing_site.celery import app as celery_app

OWN_BROKER_DATABASE = 15
# Its settings can be changed, whatever the types say.
app: Any = celery_app


@pytest.fixture(scope="package")
def broker() -> Iterator[str]:
    """Give these tests a database of the broker to themselves, empty: what they flush is nobody else's."""
    usual = app.conf.broker_url
    own = f"{usual.partition('?')[0]}?virtual_host={OWN_BROKER_DATABASE}"
    use_broker(own)
    flush()
    yield own
    flush()
    use_broker(usual)


def flush() -> None:
    with app.connection_for_write() as connection:
        connection.default_channel.client.flushdb()


def use_broker(url: str) -> None:
    # Not close(): a closed application takes no more tasks, in the whole process.
    app._pool = None
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    app.amqp._producer_pool = None
