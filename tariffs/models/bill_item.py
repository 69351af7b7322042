"""What a bill line is called, whose revenue it is, and how it is taxed."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from billing_site.db.fields import names_field


class TaxCategory(models.Model):
    """
    A category of tax: standard, reduced, exempt.

    ``treatment`` is the code of EN 16931 (UNCL5305) by which other systems know it, ``reason_code`` the one that says
    why nothing is charged (``VATEX-EU-AE`` of a reverse charge), where there is one.
    """

    class Treatment(models.TextChoices):
        """How an invoice in the European form names it."""

        STANDARD = "S", "Standard"
        ZERO = "Z", "Zero rated"
        EXEMPT = "E", "Exempt"
        REVERSE_CHARGE = "AE", "Reverse charge"
        INTRA_COMMUNITY = "K", "Supply within the community"
        EXPORT = "G", "Export"
        NOT_SUBJECT = "O", "Not subject to tax"

    code = models.CharField(max_length=16, unique=True)
    names = names_field()
    treatment = models.CharField(
        max_length=2, choices=Treatment.choices, default=Treatment.STANDARD, db_default=Treatment.STANDARD
    )
    reason_code = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        """Of a treatment that is known; what is used stays what it was (trigger)."""

        constraints = [
            models.CheckConstraint(
                name="tariffs_taxcategory_treatment_is_known",
                condition=models.Q(treatment__in=["S", "Z", "E", "AE", "K", "G", "O"]),
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class TaxRate(models.Model):
    """
    The rate of a category during a period; periods of a category never overlap.

    It stays as it is but for its end, and neither begins nor ends in closed books (trigger).
    """

    category = models.ForeignKey(TaxCategory, on_delete=models.PROTECT, related_name="rates")
    during = DateRangeField()
    percent = models.DecimalField(max_digits=6, decimal_places=3)

    class Meta:
        """One rate on any day."""

        constraints = [
            ExclusionConstraint(
                name="tariffs_taxrate_one_at_a_time",
                expressions=[("category", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=models.Q(percent__gte=0), name="tariffs_taxrate_not_negative"),
            models.CheckConstraint(name="tariffs_taxrate_at_most_all", condition=models.Q(percent__lte=100)),
        ]

    def __str__(self) -> str:
        """Show category and percent."""
        return f"{self.category} {self.percent} %"


class Provider(models.Model):
    """Somebody else whose charges stand on our bills and whose money we only collect."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class BillItem(models.Model):
    """A named item of the bill: its revenue account and its tax. One word for the customer and the accountant."""

    class Kind(models.TextChoices):
        """The kind of service whose revenue it is."""

        FIXED = "FIXED", "Fixed line"
        MOBILE = "MOBILE", "Mobile"
        INTERNET = "INTERNET", "Internet"
        OTHER = "OTHER", "Other"

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    names = names_field()
    tax_category = models.ForeignKey(TaxCategory, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=100)
    # Whose charge it is, where it is not ours: it stands apart on the bill and is owed to them in the books.
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Who does not pay such a charge keeps the line: the bill says so beside it.
    keeps_line = models.BooleanField(default=False, db_default=False)

    class Meta:
        """Items are listed in the order of the bill."""

        indexes = [models.Index(fields=["position", "code"], name="tariffs_billitem_order")]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class UsageCategory(models.Model):
    """A kind of call or use (local, international, premium); what bill item it goes into is dated."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class UsageCategoryItem(models.Model):
    """
    The bill item that a category's usage goes into during a period: exactly one on any day.

    A day without one stops the bill run of its period, by the category's name.
    """

    category = models.ForeignKey(UsageCategory, on_delete=models.PROTECT, related_name="items")
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")
    during = DateRangeField()

    class Meta:
        """One item on any day."""

        constraints = [
            ExclusionConstraint(
                name="tariffs_usagecategoryitem_one_at_a_time",
                expressions=[("category", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        """Show category and item."""
        return f"{self.category_id} {self.bill_item_id}"
