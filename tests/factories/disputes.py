"""Disputes of the tests, opened by the house's own operation."""

from datetime import UTC, datetime

from billing_site.identity.models import User
from invoicing.models import Dispute, Invoice
from invoicing.operations.disputes import DisputeOf, open_dispute

OPENED_AT = datetime(2026, 3, 5, 8, tzinfo=UTC)


def dispute(
    invoice: Invoice, *lines: int, amount_minor: int | None = None, by: User | None = None, at: datetime = OPENED_AT
) -> Dispute:
    """Dispute lines of a bill, the whole bill where none is named."""
    return open_dispute(
        invoice_id=invoice.pk,
        lines=[DisputeOf(n=n, amount_minor=amount_minor) for n in lines],
        reason="WRONG_PRICE",
        channel="PHONE",
        text="Սա իմ զանգը չէ",
        opened_by=by,
        at=at,
    )
