"""Credit notes: what takes a bill back without overwriting it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Credit notes, the letters that they answer, and bills calculated again."""

    dependencies = [
        ("identity", "0001_initial"),
        ("invoicing", "0008_disputes"),
        ("subscribers", "0006_key_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="billrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("FULL", "Everybody"),
                    ("PILOT", "Pilot"),
                    ("CATCH_UP", "Catching up"),
                    ("FINAL", "Final bill"),
                    ("REPLACEMENT", "Bill calculated again"),
                ],
                db_default="FULL",
                default="FULL",
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CORRECTION", "Correction of lines"),
                            ("CANCELLATION", "Cancellation of the bill"),
                            ("UNDO", "A bill run taken back"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "Waiting for a second person"),
                            ("POSTED", "Posted"),
                            ("DECLINED", "Declined"),
                        ],
                        default="PROPOSED",
                        max_length=16,
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=32, null=True)),
                ("account_id", models.BigIntegerField()),
                ("invoice_id", models.BigIntegerField()),
                ("note", models.CharField(blank=True, max_length=300)),
                ("is_replaced", models.BooleanField(default=False)),
                ("issued_on", models.DateField(null=True)),
                ("currency", models.CharField(max_length=3)),
                ("currency_digits", models.PositiveSmallIntegerField()),
                ("language", models.CharField(max_length=8)),
                ("frozen", models.JSONField(default=dict)),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("gross_minor", models.BigIntegerField()),
                ("limit_minor", models.BigIntegerField()),
                ("answer", models.JSONField(null=True)),
                (
                    "freed_periods",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, size=None),
                ),
                ("freed_after_id", models.BigIntegerField(null=True)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "credit_note_id", "n", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("credit_note_id", models.BigIntegerField()),
                ("n", models.SmallIntegerField()),
                ("invoice_id", models.BigIntegerField()),
                ("invoice_n", models.SmallIntegerField()),
                ("bill_item_id", models.IntegerField()),
                ("subscription_id", models.BigIntegerField(null=True)),
                ("service", models.CharField(blank=True, max_length=64)),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("gross_minor", models.BigIntegerField()),
                ("tax_category_id", models.IntegerField()),
                ("tax_percent", models.DecimalField(decimal_places=3, max_digits=6)),
            ],
        ),
        migrations.CreateModel(
            name="CreditReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("names", models.JSONField(default=dict)),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("is_offered", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="InvoiceReplacement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old_invoice_id", models.BigIntegerField(unique=True)),
                ("new_invoice_id", models.BigIntegerField(unique=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sender",
                    models.CharField(
                        choices=[
                            ("SERVICE_CENTRE", "Service centre"),
                            ("ACCOUNTING", "Accounting"),
                            ("SUBSCRIBER", "Subscriber"),
                        ],
                        max_length=16,
                    ),
                ),
                ("number", models.CharField(max_length=64)),
                ("dated_on", models.DateField()),
                ("registered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="invoice",
            name="invoicing_invoice_posted_is_numbered",
        ),
        migrations.AlterField(
            model_name="invoice",
            name="state",
            field=models.CharField(
                choices=[
                    ("DRAFT", "Draft"),
                    ("POSTED", "Posted"),
                    ("CANCELLED", "Thrown away before posting, or taken back by a credit note"),
                ],
                default="DRAFT",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("number__isnull", False), ("state", "CANCELLED")),
                fields=["account_id", "period_from"],
                name="invoicing_invoice_taken_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("number__isnull", False), ("state", "POSTED")),
                    models.Q(("number__isnull", True), ("state", "DRAFT")),
                    ("state", "CANCELLED"),
                    _connector="OR",
                ),
                name="invoicing_invoice_posted_is_numbered",
            ),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="dispute",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_notes",
                to="invoicing.dispute",
            ),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="proposed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="creditnoteline",
            index=models.Index(fields=["invoice_id", "invoice_n"], name="invoicing_creditline_invoice"),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.UniqueConstraint(
                fields=("credit_note_id", "invoice_n"), name="invoicing_creditnoteline_once_a_note"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "gross_minor",
                        django.db.models.expressions.CombinedExpression(
                            models.F("net_minor"), "+", models.F("tax_minor")
                        ),
                    )
                ),
                name="invoicing_creditnoteline_adds_up",
            ),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="reason",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.creditreason"
            ),
        ),
        migrations.AddField(
            model_name="invoicereplacement",
            name="credit_note",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="replacement", to="invoicing.creditnote"
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subscribers.account",
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="centre",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.servicecentre",
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="registered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="letter",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_notes",
                to="invoicing.letter",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoicereplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(("old_invoice_id", models.F("new_invoice_id")), _negated=True),
                name="invoicing_invoicereplacement_of_another",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["sender", "-dated_on"], name="invoicing_letter_sender"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                fields=("sender", "centre", "account", "number", "dated_on"),
                name="invoicing_letter_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account__isnull", True), ("centre__isnull", False), ("sender", "SERVICE_CENTRE")),
                    models.Q(("account__isnull", True), ("centre__isnull", True), ("sender", "ACCOUNTING")),
                    models.Q(("account__isnull", False), ("centre__isnull", True), ("sender", "SUBSCRIBER")),
                    _connector="OR",
                ),
                name="invoicing_letter_names_its_sender",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("number", ""), _negated=True), name="invoicing_letter_has_a_number"
            ),
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(fields=["invoice_id"], name="invoicing_creditnote_invoice"),
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(fields=["account_id", "-id"], name="invoicing_creditnote_account"),
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(fields=["state", "-id"], name="invoicing_creditnote_state"),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number__isnull", False)),
                fields=("number",),
                name="invoicing_creditnote_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind__in", ["CANCELLATION", "UNDO"]), models.Q(("state", "DECLINED"), _negated=True)
                ),
                fields=("invoice_id",),
                name="invoicing_creditnote_cancels_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "gross_minor",
                        django.db.models.expressions.CombinedExpression(
                            models.F("net_minor"), "+", models.F("tax_minor")
                        ),
                    )
                ),
                name="invoicing_creditnote_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", False),
                        ("issued_on__isnull", False),
                        ("number__isnull", False),
                        ("state", "POSTED"),
                    ),
                    models.Q(
                        models.Q(("state", "POSTED"), _negated=True),
                        ("issued_on__isnull", True),
                        ("number__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="invoicing_creditnote_posted_is_numbered",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "POSTED"), _negated=True),
                    models.Q(
                        (
                            "gross_minor__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("limit_minor"), "*", models.Value(-1)
                            ),
                        ),
                        ("gross_minor__lte", models.F("limit_minor")),
                    ),
                    models.Q(
                        ("decided_by__isnull", False),
                        ("proposed_by__isnull", False),
                        models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="invoicing_creditnote_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "UNDO"), ("letter__isnull", False), ("dispute__isnull", False), _connector="OR"
                ),
                name="invoicing_creditnote_answers_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_replaced", False), ("kind", "CANCELLATION"), _connector="OR"),
                name="invoicing_creditnote_replaces_whole_bills",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "CORRECTION"),
                    ("freed_after_id__isnull", False),
                    models.Q(("state", "POSTED"), _negated=True),
                    _connector="OR",
                ),
                name="invoicing_creditnote_cancellation_frees",
            ),
        ),
        run_sql_file("invoicing", "0009_credit_notes"),
    ]
