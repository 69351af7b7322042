"""
The accounting ledger as accounting sends it: its classes and what of ours each holds, the files, their lines.

Amounts are minor units, debits positive: opening + debit - credit = closing on every line.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, names_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User

COMPARED = ("RECEIVABLE", "ADVANCE", "REVENUE", "PAYMENTS")


class Measure(models.TextChoices):
    """What of ours a class of the accounting ledger holds; the first four are compared."""

    RECEIVABLE = "RECEIVABLE", _("Owed by subscribers")
    ADVANCE = "ADVANCE", _("Paid in advance")
    REVENUE = "REVENUE", _("Revenue")
    PAYMENTS = "PAYMENTS", _("Payments received")
    DISCOUNT = "DISCOUNT", _("Discounts given")
    TAX = "TAX", _("Tax owed")
    PROVIDER = "PROVIDER", _("Collected for other providers")
    ROUNDING = "ROUNDING", _("Rounding")
    NONE = "NONE", _("Not compared")


class Section(models.TextChoices):
    """Fixed and mobile are kept apart."""

    FIXED = "FIXED", _("Fixed line")
    MOBILE = "MOBILE", _("Mobile")


class AccountingClass(models.Model):
    """A class of accounts of the accounting ledger, such as 221.1 for what subscribers of fixed lines owe."""

    code = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=100)
    measure = models.CharField(max_length=16, choices=Measure.choices)
    # Nothing for what is owed to the state or to others, of fixed and mobile alike.
    section = models.CharField(max_length=8, choices=Section.choices, blank=True)

    class Meta:
        """What is compared is fixed or mobile."""

        constraints = [
            models.CheckConstraint(
                condition=~Q(measure__in=COMPARED) | ~Q(section=""), name="reconciliation_accountingclass_has_section"
            )
        ]

    def __str__(self) -> str:
        """Show code and title."""
        return f"{self.code} {self.title}"


class ClassSource(models.Model):
    """
    What of ours goes into a class: a measure of a kind of service, and of one bill item where the class has it alone.

    ``kind`` is one of ``BillItem.Kind``, empty for all; ``item`` the code of a bill item, tax category or provider,
    empty for all that have no class of their own.
    """

    accounting_class = models.ForeignKey(AccountingClass, on_delete=models.PROTECT, related_name="sources")
    measure = models.CharField(max_length=16, choices=Measure.choices)
    kind = models.CharField(max_length=16, blank=True)
    item = models.CharField(max_length=32, blank=True)

    class Meta:
        """Nothing of ours is in two classes."""

        constraints = [
            models.UniqueConstraint(fields=["measure", "kind", "item"], name="reconciliation_classsource_one_class")
        ]

    def __str__(self) -> str:
        """Show what it is."""
        return f"{self.measure} {self.kind} {self.item}".strip()


class AccountingMap(models.Model):
    """How the files of an accounting program are written: what column holds what. See ``domain.accounting_maps``."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    plan = models.JSONField(default=dict)

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class AccountingFile(models.Model):
    """A file of the accounting ledger's turnover from one day to another, both included; kept as it came."""

    name = models.CharField(max_length=255)
    layout = models.ForeignKey(AccountingMap, on_delete=models.PROTECT, related_name="+")
    content = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    first_on = models.DateField()
    last_on = models.DateField()
    line_count = models.IntegerField()
    loaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """The same bytes count once."""

        constraints = [
            models.UniqueConstraint(fields=["content"], name="reconciliation_accountingfile_content_once"),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="reconciliation_accountingfile_days_in_order"
            ),
        ]
        indexes = [models.Index(fields=["first_on", "last_on"], name="reconciliation_accfile_days")]

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class AccountingTotal(models.Model):
    """What a file says of a class in all: the sums of its lines."""

    file = models.ForeignKey(AccountingFile, on_delete=models.PROTECT, related_name="totals")
    accounting_class = models.ForeignKey(AccountingClass, on_delete=models.PROTECT, related_name="+")
    # Else the file names the sum of the class alone.
    has_accounts = models.BooleanField()
    line_count = models.IntegerField()
    opening_minor = minor_field()
    debit_minor = minor_field()
    credit_minor = minor_field()
    closing_minor = minor_field()

    class Meta:
        """A class once a file; opening and turnover make the closing."""

        constraints = [
            models.UniqueConstraint(fields=["file", "accounting_class"], name="reconciliation_accountingtotal_once"),
            models.CheckConstraint(
                condition=Q(closing_minor=F("opening_minor") + F("debit_minor") - F("credit_minor")),
                name="reconciliation_accountingtotal_adds_up",
            ),
        ]

    def __str__(self) -> str:
        """Show file and class."""
        return f"{self.file_id} {self.accounting_class_id}"


class AccountingLine(models.Model):
    """One line of a file: a class and a customer, or a class alone (no number)."""

    pk = models.CompositePrimaryKey("file_id", "line_number")
    file = models.ForeignKey(
        AccountingFile, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line_number = models.IntegerField()
    accounting_class = models.ForeignKey(
        AccountingClass, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    account_number = models.CharField(max_length=16, blank=True)
    name = models.CharField(max_length=200, blank=True)
    opening_minor = minor_field()
    debit_minor = minor_field()
    credit_minor = minor_field()
    closing_minor = minor_field()

    class Meta:
        """A customer once a class; opening and turnover make the closing. Found by customer."""

        constraints = [
            models.UniqueConstraint(
                fields=["account_number", "accounting_class", "file"], name="reconciliation_accountingline_once"
            ),
            models.CheckConstraint(
                condition=Q(closing_minor=F("opening_minor") + F("debit_minor") - F("credit_minor")),
                name="reconciliation_accountingline_adds_up",
            ),
        ]

    def __str__(self) -> str:
        """Show the place."""
        return f"{self.file_id}/{self.line_number}"
