"""What subscribers said of explanations."""

from invoicing.models import BillOpinion


def find_opinion(*, invoice_id: int, dispute_id: int | None = None) -> BillOpinion | None:
    """Return what was said of a bill's explanation, or of the answer to a dispute of it; ``None``: nothing."""
    said = BillOpinion.objects.filter(invoice_id=invoice_id)
    said = said.filter(dispute__isnull=True) if dispute_id is None else said.filter(dispute_id=dispute_id)
    return said.first()
