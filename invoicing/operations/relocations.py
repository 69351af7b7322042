"""Lines that move to another address: the installation is charged once, the line and its fees go on."""

from datetime import date
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from invoicing.models import OneOffCharge
from invoicing.operations.one_off_charges import NewCharge, new_charge
from subscribers.models import Subscription
from subscribers.operations.subscriptions import lock_in_service
from tariffs.models import BillItem

ADDRESS_LENGTH = 300


class AddressUnsound(BillingError):
    """A line moves to somewhere else."""

    default_message = gettext_noop("Say the new address, in at most 300 characters; it must differ from the old one.")
    default_code = "ADDRESS_UNSOUND"


@durable
def relocate_subscription(
    *,
    subscription_id: int,
    address: str,
    moved_on: date,
    fee: Decimal,
    bill_item_id: int,
    today: date,
    actor: User,
) -> Subscription:
    """
    Move a line to another address; number, plan and fees stay as they are.

    :param fee: of the installation, in the major unit before tax, billed once; zero for none
    :raises AddressUnsound: if nothing changes
    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises BillingError: what ``add_charge`` refuses
    """
    line = lock_in_service(subscription_id, on=moved_on)
    place = address.strip()
    if not place or len(place) > ADDRESS_LENGTH or place == line.address:
        raise AddressUnsound
    before, line.address = line.address, place
    line.save(update_fields=["address"])
    if fee:
        charge = NewCharge(
            account_id=line.account_id,
            subscription_id=line.pk,
            bill_item_id=BillItem.objects.get(pk=bill_item_id).pk,
            kind=OneOffCharge.Kind.RELOCATION,
            price=fee,
            quantity=1,
            charged_on=moved_on,
            note=place,
        )
        new_charge(charge, account=line.account, today=today, actor=actor).save(force_insert=True)
    changes = {"before": before, "after": place, "on": moved_on.isoformat(), "fee": str(fee)}
    record("invoicing.relocate_subscription", actor=actor, subject=line, changes=changes)
    return line
