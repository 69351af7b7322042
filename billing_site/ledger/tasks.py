"""What the books do by themselves."""

from typing import Any

from celery import shared_task

from billing_site.core import clock
from billing_site.ledger.sealing import seal_books


@shared_task(name="ledger.chain_books")
def chain_books(**_: Any) -> None:
    """Seal what was written since the last seal."""
    seal_books(sealed_on=clock.today())
