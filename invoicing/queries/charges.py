"""One-off charges and where they stand."""

from datetime import date

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.utils.translation import pgettext_lazy

from invoicing.models import Invoice, OneOffCharge

BILLED = "BILLED"
KINDS = {
    "CONNECTION": pgettext_lazy("charge", "Connection"),
    "RELOCATION": pgettext_lazy("charge", "Relocation"),
    "VISIT": pgettext_lazy("charge", "Visit"),
    "EQUIPMENT": pgettext_lazy("charge", "Equipment"),
    "PENALTY": pgettext_lazy("charge", "Penalty"),
    "OTHER": pgettext_lazy("charge", "Other"),
}
STANDINGS = (*OneOffCharge.State.values, BILLED)


def charges_for(
    *,
    account_id: int | None = None,
    account_number: str = "",
    standing: str = "",
    kind: str = "",
    first: date | None = None,
    last: date | None = None,
) -> "QuerySet[OneOffCharge]":
    """
    Return charges with ``standing`` (their state, or BILLED), ``bill_id`` and ``bill_number``.

    :param first: first day charged, ``last`` the last one, both included
    """
    bills = Invoice.objects.filter(pk=OuterRef("billing__invoice_id"))
    rows = OneOffCharge.objects.select_related("account", "bill_item", "added_by", "subscription").annotate(
        standing=Case(
            When(billing__isnull=False, then=Value(BILLED)), default=F("state"), output_field=CharField(max_length=16)
        ),
        bill_id=F("billing__invoice_id"),
        bill_number=Subquery(bills.values("number")[:1]),
        total_micro=F("price_micro") * F("quantity"),
    )
    wanted = {
        "account_id": account_id,
        "account__number": account_number,
        "standing": standing,
        "kind": kind,
        "charged_on__gte": first,
        "charged_on__lte": last,
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def find_charge(charge_id: int) -> OneOffCharge | None:
    """Return a charge with its account."""
    return OneOffCharge.objects.select_related("account").filter(pk=charge_id).first()


def bill_of(charge: OneOffCharge) -> int | None:
    """Return the id of the bill that has a charge of ``charges_for``, a draft too."""
    return getattr(charge, "bill_id", None)


def standing_of(charge: OneOffCharge) -> str:
    """Return where a charge of ``charges_for`` stands: its state, or BILLED."""
    return str(getattr(charge, "standing", charge.state))
