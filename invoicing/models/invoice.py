"""
Invoices, their lines and taxes.

Amounts are integers in minor units of the invoice's currency. A draft may be thrown away; a posted
invoice and everything below it never changes (rights and triggers in ``migrations/sql``). Lines and
taxes carry no foreign-key triggers: statement triggers check them as sets.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.documents.models import StoredFile


class Invoice(models.Model):
    """A bill: draft, then owed. Keyed by account; ids without foreign-key triggers are proved nightly."""

    class State(models.TextChoices):
        """Where an invoice stands."""

        DRAFT = "DRAFT", "Draft"
        POSTED = "POSTED", "Posted"
        CANCELLED = "CANCELLED", "Thrown away before posting, or taken back by a credit note"

    run_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    state = state_field(State, default=State.DRAFT)
    number = models.CharField(max_length=32, null=True, blank=True)  # noqa: DJ001 - a draft has none
    period_from = models.DateField()
    period_until = models.DateField()
    issued_on = models.DateField()
    due_on = models.DateField()
    currency = models.CharField(max_length=3)
    currency_digits = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=8)
    # What the paper says besides the lines, as it was: name, address, account number, previous balance, payments.
    frozen = models.JSONField(default=dict)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One bill for an account and period; net and tax make gross; posted means numbered."""

        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "period_from"],
                condition=~Q(state="CANCELLED"),
                name="invoicing_invoice_once_a_period",
            ),
            models.UniqueConstraint(
                fields=["number"], condition=Q(number__isnull=False), name="invoicing_invoice_number_once"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="invoicing_invoice_adds_up"
            ),
            models.CheckConstraint(
                # One that was taken back by a credit note keeps its number: it was a bill.
                condition=Q(state="POSTED", number__isnull=False)
                | Q(state="DRAFT", number__isnull=True)
                | Q(state="CANCELLED"),
                name="invoicing_invoice_posted_is_numbered",
            ),
        ]
        indexes = [
            models.Index(fields=["run_id", "account_id"], name="invoicing_invoice_run"),
            models.Index(
                fields=["account_id", "period_from"],
                condition=Q(state="CANCELLED", number__isnull=False),
                name="invoicing_invoice_taken_back",
            ),
            # Bills of nothing have no entry in the books: who counts bills counts these here.
            models.Index(
                fields=["issued_on"],
                condition=Q(gross_minor=0, number__isnull=False),
                name="invoicing_invoice_of_nothing",
            ),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number or f"draft {self.pk}"

    @property
    def is_taken_back(self) -> bool:
        """Whether it was posted and a credit note took all of it back."""
        return self.state == self.State.CANCELLED and self.number is not None

    @property
    def is_draft(self) -> bool:
        """Whether it may still be thrown away."""
        return self.state == self.State.DRAFT


class InvoiceLine(models.Model):
    """One line, with what explains it."""

    class Kind(models.TextChoices):
        """What a line charges."""

        RECURRING = "RECURRING", "Recurring"
        ONE_OFF = "ONE_OFF", "Once"
        USAGE = "USAGE", "Usage"
        CORRECTION = "CORRECTION", "Correction of usage"
        DISCOUNT = "DISCOUNT", "Discount"
        PROMOTION = "PROMOTION", "Promotion"
        COMMITMENT = "COMMITMENT", "What is missing to the minimum"
        LEAVING_FEE = "LEAVING_FEE", "Fee for leaving early"
        BONUS = "BONUS", "Bonus of a contract"
        TAKEN_OVER = "TAKEN_OVER", "Paid by another account"
        TAKEN_ON = "TAKEN_ON", "Paid for another account"
        ROUNDING = "ROUNDING", "Rounding"

    pk = models.CompositePrimaryKey("invoice_id", "n")
    invoice_id = models.BigIntegerField()
    n = models.SmallIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    bill_item_id = models.IntegerField()
    subscription_id = models.BigIntegerField(null=True)
    # The number or name of the line as it was; empty for the whole account.
    service = models.CharField(max_length=64, blank=True)
    # Recurring: the days charged. Usage: the bill period whose totals it charges. Correction: the one it corrects.
    period_from = models.DateField(null=True)
    period_until = models.DateField(null=True)
    quantity = models.BigIntegerField(null=True)
    unit_price_micro = models.BigIntegerField(null=True)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    tax_category_id = models.IntegerField()
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3)
    # The gross is the price and the net is what is left of it; else the net is the price.
    includes_tax = models.BooleanField(default=False, db_default=False)
    plan_version_id = models.IntegerField(null=True)
    # Rule and figures behind the amount, for "why this amount?".
    explanation = models.JSONField(null=True)

    class Meta:
        """A line adds up."""

        constraints = [
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="invoicing_invoiceline_adds_up"
            ),
        ]

    def __str__(self) -> str:
        """Show the place."""
        return f"{self.invoice_id} L{self.n}"


class InvoiceTax(models.Model):
    """The tax of one category and rate: on the net as rounded to the currency, rounded once."""

    pk = models.CompositePrimaryKey("invoice_id", "tax_category_id", "tax_percent")
    invoice_id = models.BigIntegerField()
    tax_category_id = models.IntegerField()
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()

    def __str__(self) -> str:
        """Show the category."""
        return f"{self.invoice_id} {self.tax_category_id}"


class InvoiceRendering(models.Model):
    """A PDF kept for speed; its identity is the hash of data, template and renderer, and it can be made again."""

    invoice_id = models.BigIntegerField()
    identity = models.CharField(max_length=64, unique=True)
    content = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    rendered_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Found by invoice."""

        indexes = [models.Index(fields=["invoice_id"], name="invoicing_rendering_invoice")]

    def __str__(self) -> str:
        """Show the identity."""
        return self.identity
