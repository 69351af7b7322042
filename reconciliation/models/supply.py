"""
What the supply division gives to the service centres, and what becomes of it.

Every movement is a row of a sheet and stays as it was told: issued to a centre, sold, returned, written off; and what
was counted there at the end of a day. Of what bears numbers the numbers are told, so that a single missing piece is
found. Services are sold without being issued.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import Exact

from billing_site.db.fields import minor_field, names_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import ServiceCentre, User

DIGITS = r"^[0-9]{1,20}$"


class SupplyItem(models.Model):
    """Something that centres sell: names in five languages."""

    class Kind(models.TextChoices):
        """What it is."""

        SIM = "SIM", "SIM card"
        PHONE = "PHONE", "Telephone"
        VOUCHER = "VOUCHER", "Voucher"
        SERVICE = "SERVICE", "Service"

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # Each piece has a number of its own: an ICCID, an IMEI, the number of a voucher.
    has_numbers = models.BooleanField(default=False)

    class Meta:
        """A service is no piece."""

        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="SERVICE") | Q(has_numbers=False), name="reconciliation_supplyitem_service_has_none"
            )
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class SupplyPrice(models.Model):
    """What one piece or one service costs over the counter, from a day on."""

    item = models.ForeignKey(SupplyItem, on_delete=models.PROTECT, related_name="prices")
    price_minor = minor_field()
    valid_from = models.DateField()
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """One price from a day on."""

        constraints = [
            models.UniqueConstraint(fields=["item", "valid_from"], name="reconciliation_supplyprice_once_a_day"),
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="reconciliation_supplyprice_not_negative"),
        ]

    def __str__(self) -> str:
        """Show item and day."""
        return f"{self.item_id} {self.valid_from}"


class SupplySheet(models.Model):
    """A sheet of movements as it came; the same bytes count once."""

    content = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    row_count = models.IntegerField()
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class SupplyMove(models.Model):
    """One row of a sheet."""

    class Kind(models.TextChoices):
        """What happened to the pieces."""

        ISSUED = "ISSUED", "Issued to the centre"
        SOLD = "SOLD", "Sold"
        RETURNED = "RETURNED", "Returned"
        WRITTEN_OFF = "WRITTEN_OFF", "Written off"
        COUNTED = "COUNTED", "Counted in stock"

    sheet = models.ForeignKey(SupplySheet, on_delete=models.PROTECT, related_name="moves")
    row = models.IntegerField()
    centre = models.ForeignKey(ServiceCentre, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(SupplyItem, on_delete=models.PROTECT, related_name="+")
    moved_on = models.DateField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # The first and the last number of the pieces, both included; empty where pieces have none.
    first_number = models.CharField(max_length=20, blank=True)
    last_number = models.CharField(max_length=20, blank=True)
    quantity = models.IntegerField()
    # Of a sale: what was taken for one.
    price_minor = models.BigIntegerField(null=True)
    # Of a sale: the till's receipt, as ``<till>/<receipt>``.
    receipt = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        """Numbers make the quantity; a sale has its price, a write-off its reason; only a count may be of nothing."""

        constraints = [
            models.UniqueConstraint(fields=["sheet", "row"], name="reconciliation_supplymove_once_a_row"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | Q(kind="COUNTED", quantity=0),
                name="reconciliation_supplymove_quantity_sound",
            ),
            models.CheckConstraint(
                condition=Q(first_number="", last_number="")
                | (
                    Q(first_number__regex=DIGITS, last_number__regex=DIGITS, last_number__gte=F("first_number"))
                    & Q(Exact(Length("last_number"), Length("first_number")))
                ),
                name="reconciliation_supplymove_numbers_in_order",
            ),
            models.CheckConstraint(
                condition=Q(kind="SOLD", price_minor__isnull=False, price_minor__gte=0)
                | (~Q(kind="SOLD") & Q(price_minor__isnull=True, receipt="")),
                name="reconciliation_supplymove_sale_has_price",
            ),
            models.CheckConstraint(
                condition=~Q(kind="WRITTEN_OFF") | ~Q(note=""), name="reconciliation_supplymove_loss_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["centre", "item", "moved_on"], name="reconciliation_move_centre"),
            models.Index(fields=["moved_on"], condition=Q(kind="SOLD"), name="reconciliation_move_sale"),
        ]

    def __str__(self) -> str:
        """Show kind and pieces."""
        return f"{self.kind} {self.quantity}"
