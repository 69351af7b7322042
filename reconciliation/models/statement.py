"""Bank accounts of ours, the statements of the banks, and what became of every line."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from payments.models import Payment

SHOWN_DIGITS = 4


def masked(number: str) -> str:
    """Return a bank account as it may be shown: its last four signs."""
    return f"…{number[-SHOWN_DIGITS:]}" if number else ""


class BankAccount(models.Model):
    """An account of ours at a bank: how the bank writes its statements, and where the money stands in the books."""

    class Format(models.TextChoices):
        """How the bank writes."""

        MT940 = "MT940", "MT940"
        CAMT = "CAMT", "camt.053, camt.054"
        ONE_C = "ONE_C", "1C exchange file"
        COLUMNS = "COLUMNS", "Table by column map"

    class ChargeRule(models.TextChoices):
        """Whose is what the bank keeps of a receipt."""

        GROSS = "GROSS", "The payer has paid all of it; the charge is ours"
        NET = "NET", "The payer has paid what came in"

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=100)
    bank_name = models.CharField(max_length=100)
    # As the bank writes it in its statements.
    number = models.CharField(max_length=34, unique=True)
    currency = models.CharField(max_length=3)
    format = models.CharField(max_length=8, choices=Format.choices)
    encoding = models.CharField(max_length=16, default="utf-8")
    column_map = models.JSONField(default=dict, blank=True)
    charge_rule = models.CharField(max_length=8, choices=ChargeRule.choices, default=ChargeRule.NET)
    clearing_account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show the name; of the number the last four signs."""
        return f"{self.name} {masked(self.number)}"

    @property
    def shown_number(self) -> str:
        """The number as it may be shown."""
        return masked(self.number)


class StatementFile(models.Model):
    """A file as the bank sent it."""

    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    content = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    statement_count = models.IntegerField()
    line_count = models.IntegerField()
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class Statement(models.Model):
    """One statement: held whole while it does not fit, booked line by line once it does."""

    class State(models.TextChoices):
        """How far it is."""

        HELD = "HELD", "Held: it does not fit"
        ACCEPTED = "ACCEPTED", "Fits; its lines are being booked"
        BOOKED = "BOOKED", "Every line has ended"
        DISCARDED = "DISCARDED", "Thrown away by a person"

    file = models.ForeignKey(StatementFile, on_delete=models.PROTECT, related_name="statements")
    n = models.SmallIntegerField()
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="statements")
    state = state_field(State)
    # As the bank wrote them; of the account the last signs.
    reference = models.CharField(max_length=64, blank=True)
    account_shown = models.CharField(max_length=8, blank=True)
    number = models.BigIntegerField(null=True)
    page = models.IntegerField(null=True)
    opening_minor = models.BigIntegerField(null=True)
    closing_minor = models.BigIntegerField(null=True)
    credit_minor = models.BigIntegerField()
    debit_minor = models.BigIntegerField()
    line_count = models.IntegerField()
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    # Sent again: its lines are those of an earlier statement.
    is_repeat = models.BooleanField(default=False)
    # What does not fit: codes with the values of their sentences.
    held_for = models.JSONField(default=list)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True)
    booked_at = models.DateTimeField(null=True)

    class Meta:
        """A statement that was accepted adds up; one that is held says why; who decided says why."""

        constraints = [
            models.UniqueConstraint(fields=["file", "n"], name="reconciliation_statement_once_in_file"),
            models.CheckConstraint(
                condition=Q(state__in=["HELD", "DISCARDED"])
                | Q(closing_minor__isnull=True)
                | Q(
                    closing_minor=models.F("opening_minor") + models.F("credit_minor") - models.F("debit_minor"),
                    opening_minor__isnull=False,
                ),
                name="reconciliation_statement_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(state="HELD") | ~Q(held_for=[]), name="reconciliation_statement_held_says_why"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decision="") | (Q(decided_by__isnull=False) & ~Q(decision="")),
                name="reconciliation_statement_decision_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="DISCARDED") | Q(decided_by__isnull=False),
                name="reconciliation_statement_discarded_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["bank_account", "-id"], name="reconciliation_statement_acct"),
            models.Index(
                fields=["id"], condition=Q(state__in=["HELD", "ACCEPTED"]), name="reconciliation_statement_open"
            ),
        ]

    def __str__(self) -> str:
        """Show the number, or what the bank called it."""
        return str(self.number) if self.number is not None else self.reference or f"{self.file_id}/{self.n}"

    @property
    def shown_state(self) -> str:
        """The state by the word under which it is shown: other things are accepted in other words."""
        return "BEING_BOOKED" if self.state == self.State.ACCEPTED else str(self.state)


class StatementLine(models.Model):
    """One line: as the bank wrote it, which never changes, and what became of it."""

    class Kind(models.TextChoices):
        """What it is."""

        RECEIPT = "RECEIPT", "Receipt"
        RETURN = "RETURN", "Return of a receipt"
        CHARGE = "CHARGE", "Charge of the bank"
        TRANSFER = "TRANSFER", "Payment or transfer of ours"
        OWN_RETURN = "OWN_RETURN", "Payment of ours that came back"
        NOTE = "NOTE", "Note without an amount"

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "WAITING", "Not booked yet"
        MATCHED = "MATCHED", "Matched"
        SUSPENSE = "SUSPENSE", "In suspense"
        DUPLICATE = "DUPLICATE", "Known from another statement"
        NOT_A_RECEIPT = "NOT_A_RECEIPT", "No receipt"

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    n = models.IntegerField()
    line_number = models.IntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # Signed: what came in is positive.
    amount_minor = models.BigIntegerField()
    charge_minor = models.BigIntegerField(default=0)
    booked_on = models.DateField()
    value_on = models.DateField(null=True)
    bank_reference = models.CharField(max_length=64, blank=True)
    end_to_end = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=16, blank=True)
    return_reason = models.CharField(max_length=16, blank=True)
    payer_name = models.CharField(max_length=140, blank=True)
    # The payer's own account: shown by its last signs, known again by its hash.
    payer_shown = models.CharField(max_length=8, blank=True)
    payer_key = models.CharField(max_length=64, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    doubt = models.JSONField(null=True)
    # The same line in another statement has the same key and the same number among equals.
    twin_key = models.CharField(max_length=64)
    twin = models.IntegerField()
    state = state_field(State, default=State.WAITING)
    group = models.CharField(max_length=8, blank=True)
    proposals = models.JSONField(default=list)
    # The one payment that it was booked as: to its account, or into suspense. Of a return, the payment taken back.
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    is_parked = models.BooleanField(default=False)

    class Meta:
        """A line that is matched has its payment; a duplicate says of what; what is no receipt has none."""

        constraints = [
            models.UniqueConstraint(fields=["statement", "n"], name="reconciliation_statementline_once"),
            models.CheckConstraint(
                condition=~Q(state="MATCHED") | Q(payment__isnull=False),
                name="reconciliation_statementline_matched_is_paid",
            ),
            models.CheckConstraint(
                condition=~Q(state="SUSPENSE") | Q(payment__isnull=False) | Q(kind="RETURN"),
                name="reconciliation_statementline_suspense_is_booked",
            ),
            models.CheckConstraint(
                condition=Q(state="DUPLICATE", duplicate_of__isnull=False)
                | (~Q(state="DUPLICATE") & Q(duplicate_of__isnull=True)),
                name="reconciliation_statementline_duplicate_of",
            ),
            models.CheckConstraint(
                condition=Q(charge_minor__gte=0), name="reconciliation_statementline_charge_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["twin_key"], name="reconciliation_line_twin"),
            models.Index(
                fields=["payer_key"],
                condition=Q(state="MATCHED") & ~Q(payer_key=""),
                name="reconciliation_line_payer",
            ),
            models.Index(fields=["statement", "n"], condition=Q(state="SUSPENSE"), name="reconciliation_line_open"),
            models.Index(
                fields=["end_to_end"], condition=Q(kind="RECEIPT") & ~Q(end_to_end=""), name="reconciliation_line_order"
            ),
            models.Index(
                fields=["bank_reference"],
                condition=Q(kind="RECEIPT") & ~Q(bank_reference=""),
                name="reconciliation_line_reference",
            ),
        ]

    def __str__(self) -> str:
        """Show the place."""
        return f"{self.statement_id}/{self.n}"

    @property
    def shown_state(self) -> str:
        """The state by the word under which it is shown: other things are waiting in other words."""
        return "NOT_BOOKED" if self.state == self.State.WAITING else str(self.state)

    @property
    def is_receipt(self) -> bool:
        """Whether somebody paid us with it."""
        return self.kind == self.Kind.RECEIPT
