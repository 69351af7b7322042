"""A subscriber says whether an explanation was helpful."""

from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from invoicing.models import BillOpinion, Dispute, Invoice


class NotAnsweredYet(BillingError):
    """There is nothing to judge."""

    default_message = gettext_noop("There is no answer yet: say whether it was helpful when you have read it.")
    default_code = "NOT_ANSWERED_YET"


@durable
def say_helpful(*, invoice_id: int, dispute_id: int | None = None, is_helpful: bool, at: datetime) -> BillOpinion:
    """
    Keep whether the explanation of a bill was helpful, or the answer to a dispute of it; a later word takes its place.

    :raises Invoice.DoesNotExist: if there is no such bill with a number
    :raises NotAnsweredYet: if the dispute is open
    """
    invoice = Invoice.objects.only("account_id").get(pk=invoice_id, number__isnull=False)
    dispute = Dispute.objects.get(pk=dispute_id, invoice_id=invoice_id) if dispute_id is not None else None
    if dispute is not None and dispute.is_open:
        raise NotAnsweredYet
    said, _is_new = BillOpinion.objects.update_or_create(
        invoice_id=invoice_id,
        dispute=dispute,
        defaults={"account_id": invoice.account_id, "is_helpful": is_helpful, "said_at": at},
    )
    record("invoicing.say_helpful", actor=None, subject=said, changes={"is_helpful": is_helpful})
    return said
