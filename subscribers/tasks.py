"""Nightly work on the stock of numbers."""

from typing import Any

from celery import shared_task

from billing_site.core import clock
from subscribers.operations.numbers import free_quarantined_numbers


@shared_task(name="subscribers.free_numbers")
def free_numbers(**_: Any) -> None:
    """Return numbers whose rest is over to the stock."""
    free_quarantined_numbers(on=clock.today())
