"""One-off charges: entered, approved by a second person above a limit, withdrawn until they are billed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models.functions import Now

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import decimal_to_micro, micro_to_decimal
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from invoicing.models import ChargeBilling, OneOffCharge
from subscribers.models import Account, Subscription
from subscribers.operations.accounts import lock_open_account
from tariffs.models import BillItem
from tariffs.operations.amounts import check_amount

LARGEST_QUANTITY = 100_000
LONGEST_WAIT = timedelta(days=366)


class ChargeOfNothing(BillingError):
    """A charge is for something."""

    default_message = gettext_noop("A charge has an amount above zero, and a quantity from 1 to 100,000.")
    default_code = "CHARGE_OF_NOTHING"


class ChargeDayUnsound(BillingError):
    """A day on which the account did not exist, or far ahead."""

    default_message = gettext_noop("%(day)s is before the account was opened, or more than a year ahead.")
    default_code = "CHARGE_DAY_UNSOUND"


class ChargeNoteMissing(BillingError):
    """The subscriber will ask what it is."""

    default_message = gettext_noop("Say what the charge is for: it stays with the line of the bill.")
    default_code = "CHARGE_NOTE_MISSING"


class LineOfAnotherAccount(BillingError):
    """Whose line it is decides who pays."""

    default_message = gettext_noop("The line is not one of this account.")
    default_code = "LINE_OF_ANOTHER_ACCOUNT"


class ChargeIsBilled(BillingError):
    """What is on a bill stays as it is."""

    default_message = gettext_noop("The charge is on a bill already: a credit note takes it back.")
    default_code = "CHARGE_IS_BILLED"


class ChargeNotWaiting(BillingError):
    """Nobody has to say yes to it any more."""

    default_message = gettext_noop("The charge does not wait for a second person.")
    default_code = "CHARGE_NOT_WAITING"


class ChargeNeedsSecondPerson(BillingError):
    """Who entered a charge does not approve it."""

    default_message = gettext_noop("Who entered a charge cannot approve it. Ask a second person.")
    default_code = "CHARGE_NEEDS_SECOND_PERSON"


class ChargeWithdrawn(BillingError):
    """It was taken back before."""

    default_message = gettext_noop("The charge was withdrawn before.")
    default_code = "CHARGE_WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCharge:
    """
    A charge as a person says it; ``price`` is that of one, in the major unit, before tax.

    ``kind`` is one of ``OneOffCharge.Kind``.
    """

    account_id: int
    subscription_id: int | None
    bill_item_id: int
    kind: str
    price: Decimal
    quantity: int
    charged_on: date
    note: str


@durable
def add_charge(*, charge: NewCharge, today: date, actor: User) -> OneOffCharge:
    """
    Let an account owe something once: the next bill run that reaches its day bills it.

    Above ``SALDO_CHARGE_LIMIT`` it waits for a second person first.

    :raises AccountIsClosed: if nothing more is sold to the account
    :raises LineOfAnotherAccount: if the line is not one of the account
    :raises ChargeOfNothing: for an amount of zero or a quantity out of range; ``check_amount`` refuses others
    :raises ChargeDayUnsound: for a day before the account was opened, or more than a year ahead
    :raises ChargeNoteMissing: without a note
    """
    account = lock_open_account(charge.account_id)
    line = charge.subscription_id
    if line is not None and not Subscription.objects.filter(pk=line, account=account).exists():
        raise LineOfAnotherAccount
    row = new_charge(charge, account=account, today=today, actor=actor)
    row.save(force_insert=True)
    item = BillItem.objects.get(pk=charge.bill_item_id)
    changes = {"item": item.code, "amount": str(charge.price), "quantity": charge.quantity, "state": row.state}
    record("invoicing.add_charge", actor=actor, subject=row, changes={**changes, "account": account.number})
    return row


@transaction_required
def write_charges_by_rule(*, charges: Sequence[NewCharge]) -> list[OneOffCharge]:
    """
    Let accounts owe what a rule charges them; return the rows in the given order.

    Two people have agreed to the rule: nobody enters these charges, nobody approves them. The caller holds the rows of
    the accounts, and charges none that is closed.
    """
    return OneOffCharge.objects.bulk_create(
        [
            OneOffCharge(
                account_id=charge.account_id,
                subscription_id=charge.subscription_id,
                bill_item_id=charge.bill_item_id,
                kind=charge.kind,
                state=OneOffCharge.State.READY,
                ready_at=Now(),
                price_micro=decimal_to_micro(charge.price),
                quantity=charge.quantity,
                charged_on=charge.charged_on,
                note=charge.note,
            )
            for charge in charges
        ],
        batch_size=1000,
    )


@transaction_required
def withdraw_unbilled(*, charge_ids: Collection[int], reason: str) -> list[int]:
    """Withdraw those of some charges that wait for a bill and are on none, no draft either; return their ids."""
    waiting = OneOffCharge.objects.select_for_update(of=("self",)).filter(
        pk__in=charge_ids, state=OneOffCharge.State.READY
    )
    billed = set(ChargeBilling.objects.filter(charge__in=charge_ids).values_list("charge_id", flat=True))
    ids = [charge.pk for charge in waiting.order_by("pk") if charge.pk not in billed]
    OneOffCharge.objects.filter(pk__in=ids).update(state=OneOffCharge.State.WITHDRAWN, withdrawn_for=reason)
    return ids


def new_charge(charge: NewCharge, *, account: Account, today: date, actor: User) -> OneOffCharge:
    """
    Return the row of a charge, not yet written, or refuse it.

    :raises BillingError: what ``add_charge`` refuses about amount, day and note
    """
    check_amount(charge.price, name=charge.note)
    if charge.price == 0 or not 1 <= charge.quantity <= LARGEST_QUANTITY:
        raise ChargeOfNothing
    check_amount(charge.price * charge.quantity, name=charge.note)
    if not account.opened_on <= charge.charged_on <= today + LONGEST_WAIT:
        raise ChargeDayUnsound(context={"day": charge.charged_on})
    if not charge.note.strip():
        raise ChargeNoteMissing
    waits = charge.price * charge.quantity > settings.SALDO_CHARGE_LIMIT
    return OneOffCharge(
        account=account,
        subscription_id=charge.subscription_id,
        bill_item_id=charge.bill_item_id,
        kind=charge.kind,
        state=OneOffCharge.State.PROPOSED if waits else OneOffCharge.State.READY,
        ready_at=None if waits else Now(),
        price_micro=decimal_to_micro(charge.price),
        quantity=charge.quantity,
        charged_on=charge.charged_on,
        note=charge.note.strip(),
        added_by=actor,
    )


@durable
def approve_charge(*, charge_id: int, actor: User) -> OneOffCharge:
    """
    Let a charge above the limit be billed.

    :raises ChargeNotWaiting: if it waits for nobody
    :raises ChargeNeedsSecondPerson: if ``actor`` entered it
    """
    charge = OneOffCharge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    if charge.state != OneOffCharge.State.PROPOSED:
        raise ChargeNotWaiting
    if charge.added_by_id == actor.pk:
        raise ChargeNeedsSecondPerson
    charge.state, charge.approved_by, charge.ready_at = OneOffCharge.State.READY, actor, Now()
    charge.save(update_fields=["state", "approved_by", "ready_at"])
    amount = micro_to_decimal(charge.price_micro * charge.quantity)
    record("invoicing.approve_charge", actor=actor, subject=charge, changes={"amount": str(amount)})
    return charge


@durable
def withdraw_charge(*, charge_id: int, reason: str, actor: User) -> OneOffCharge:
    """
    Take a charge back that no bill has.

    :raises ChargeIsBilled: if a bill has it, a draft too
    :raises ChargeWithdrawn: if it was taken back before
    :raises ChargeNoteMissing: without a reason
    """
    charge = OneOffCharge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    if not reason.strip():
        raise ChargeNoteMissing
    if ChargeBilling.objects.filter(charge=charge).exists():
        raise ChargeIsBilled
    if charge.state == OneOffCharge.State.WITHDRAWN:
        raise ChargeWithdrawn
    charge.state, charge.withdrawn_by = OneOffCharge.State.WITHDRAWN, actor
    charge.withdrawn_for = reason.strip()[:300]
    charge.save(update_fields=["state", "withdrawn_by", "withdrawn_for"])
    record("invoicing.withdraw_charge", actor=actor, subject=charge, changes={"reason": charge.withdrawn_for})
    return charge
