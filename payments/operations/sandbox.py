"""
The sandbox's own doings: what its payer chose, and the notices that it sends, at once, twice, or not at all.

Its notices go through the same door as anybody's: signed bytes, believed or not.
"""

from datetime import datetime
from decimal import Decimal

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from payments.domain.online import OnlineOutcome, OnlineReason, sign_body, write_notice
from payments.models import OnlinePayment, SandboxPayment
from payments.operations.online_adapters import SIGNATURE_HEADER, adapter_of, notice_of_sandbox
from payments.operations.online_payments import take_online_notice

PAY, PAY_LATER, PAY_TWICE, PAY_OTHER = "PAY", "PAY_LATER", "PAY_TWICE", "PAY_OTHER"
REFUSE, GIVE_UP = "REFUSE", "GIVE_UP"
CHOICES = (PAY, PAY_LATER, PAY_TWICE, PAY_OTHER, REFUSE, GIVE_UP)
REASONS = {REFUSE: OnlineReason.NO_MONEY, GIVE_UP: OnlineReason.GIVEN_UP}
NOTICES = {PAY_LATER: 0, PAY_TWICE: 2}


class SandboxDecided(BillingError):
    """Its payer chose before."""

    default_message = gettext_noop("This payment is decided already.")
    default_code = "SANDBOX_DECIDED"


def decide_sandbox_payment(*, reference: str, choice: str, at: datetime) -> list[str]:
    """
    Let the sandbox's payer choose what happens, and send the notices of it; return what each notice did.

    :param choice: one of ``CHOICES``; ``PAY_LATER`` sends no notice, so that the payment must be asked for
    :raises SandboxDecided: if it was chosen before
    :raises AdapterUnknown: where there is no sandbox
    """
    one = OnlinePayment.objects.select_related("provider").get(reference=reference)
    adapter_of(one.provider)
    known = _decide(reference, choice)
    notice = notice_of_sandbox(known)
    body = write_notice(notice)
    signed = {SIGNATURE_HEADER: sign_body(secret=one.provider.secret, body=body)}
    return [
        take_online_notice(provider_code=one.provider.code, body=body, headers=signed, at=at)
        for _ in range(NOTICES.get(choice, 1))
    ]


@durable
def _decide(reference: str, choice: str) -> SandboxPayment:
    known = SandboxPayment.objects.select_for_update().get(reference=reference)
    if known.outcome != OnlineOutcome.PENDING:
        raise SandboxDecided
    known.outcome = OnlineOutcome.FAILED if choice in REASONS else OnlineOutcome.PAID
    known.reason = REASONS.get(choice, "")
    if choice == PAY_OTHER:
        known.amount = str(Decimal(known.amount) + 1)
    known.save(update_fields=["outcome", "reason", "amount"])
    return known
