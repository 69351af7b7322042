"""Charges of the demo that are no part of a plan: a visit that the next bill takes, equipment that waits for a word."""

from datetime import date
from decimal import Decimal

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import TODAY
from invoicing.models import OneOffCharge
from invoicing.operations.one_off_charges import NewCharge, add_charge
from tariffs.models import BillItem

CHARGED_ON = date(2026, 3, 3)
CHARGES = (
    (OneOffCharge.Kind.VISIT, Decimal(3500), "Cable in the flat mended"),
    (OneOffCharge.Kind.EQUIPMENT, Decimal(72000), "Router with a telephone"),
)


def add_charges() -> None:
    """Enter what is missing; the second is above the limit and waits for a second person."""
    account = account_of("calls back")
    item = BillItem.objects.get(code="FEATURES")
    for kind, price, note in CHARGES:
        if not OneOffCharge.objects.filter(account=account, kind=kind).exists():
            charge = NewCharge(
                account_id=account.pk,
                subscription_id=None,
                bill_item_id=item.pk,
                kind=kind,
                price=price,
                quantity=1,
                charged_on=CHARGED_ON,
                note=note,
            )
            add_charge(charge=charge, today=TODAY, actor=staff("clerk30"))
