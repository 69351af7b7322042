"""How each bill went out, and the batches of those that are printed."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """How each bill went out, and the batches of those that are printed."""

    dependencies = [
        ("documents", "0002_guards"),
        ("invoicing", "0010_bill_texts"),
        ("subscribers", "0012_delivery"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PrintBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("MAKING", "Being made"),
                            ("MADE", "Made"),
                            ("HANDED_OVER", "Handed over"),
                        ],
                        default="PLANNED",
                        max_length=16,
                    ),
                ),
                ("bill_count", models.PositiveIntegerField()),
                ("first_post_code", models.CharField(blank=True, max_length=16)),
                ("last_post_code", models.CharField(blank=True, max_length=16)),
                ("page_count", models.PositiveIntegerField(default=0)),
                ("sheet_count", models.PositiveIntegerField(default=0)),
                ("planned_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                ("handed_over_at", models.DateTimeField(blank=True, null=True)),
                ("handed_over_to", models.CharField(blank=True, max_length=100)),
                (
                    "content",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                    ),
                ),
                (
                    "handed_over_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "manifest",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.billrun"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invoice_id", models.BigIntegerField()),
                ("account_id", models.BigIntegerField()),
                ("run_id", models.BigIntegerField()),
                (
                    "channel",
                    models.CharField(
                        choices=[("E_MAIL", "E-mail"), ("PORTAL", "Own pages"), ("PRINT", "Paper")], max_length=16
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting"),
                            ("SENDING", "Being sent"),
                            ("SENT", "Sent"),
                            ("VIEWED", "Seen by the subscriber"),
                            ("PRINTED", "Printed"),
                            ("BOUNCED", "Came back"),
                            ("FAILED", "Failed"),
                            ("RESENT", "Sent again"),
                        ],
                        default="WAITING",
                        max_length=16,
                    ),
                ),
                ("address", models.EmailField(blank=True, max_length=254)),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("hy", "Armenian"),
                            ("ru", "Russian"),
                            ("zh-hans", "Chinese"),
                            ("ar", "Arabic"),
                            ("en", "English"),
                        ],
                        max_length=8,
                    ),
                ),
                ("post_code", models.CharField(blank=True, db_default="", max_length=16)),
                ("route", models.CharField(blank=True, db_default="", max_length=16)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("attempt_count", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("message_id", models.CharField(blank=True, db_default="", max_length=200)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("viewed_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("detail", models.CharField(blank=True, db_default="", max_length=300)),
                ("place", models.PositiveIntegerField(blank=True, null=True)),
                ("first_page", models.PositiveIntegerField(blank=True, null=True)),
                ("page_count", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bills",
                        to="invoicing.printbatch",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PrintPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveIntegerField()),
                ("first_place", models.PositiveIntegerField()),
                ("last_place", models.PositiveIntegerField()),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("page_counts", models.JSONField(default=list)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="invoicing.printbatch"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.UniqueConstraint(fields=("run", "n"), name="invoicing_printbatch_number_once"),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("bill_count__gt", 0)), name="invoicing_printbatch_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["PLANNED", "MAKING"]),
                    models.Q(
                        ("content__isnull", False),
                        ("made_at__isnull", False),
                        ("manifest__isnull", False),
                        (
                            "page_count",
                            django.db.models.expressions.CombinedExpression(
                                models.F("sheet_count"), "*", models.Value(2)
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="invoicing_printbatch_made_has_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "HANDED_OVER"), _negated=True),
                    models.Q(("handed_over_at__isnull", False), ("handed_over_by__isnull", False)),
                    _connector="OR",
                ),
                name="invoicing_printbatch_handed_over_by",
            ),
        ),
        migrations.AddIndex(
            model_name="billdelivery",
            index=models.Index(fields=["run_id", "channel", "state"], name="invoicing_billdelivery_run"),
        ),
        migrations.AddIndex(
            model_name="billdelivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False), ("state", "WAITING")),
                fields=["due_at"],
                name="invoicing_billdelivery_due",
            ),
        ),
        migrations.AddIndex(
            model_name="billdelivery",
            index=models.Index(
                condition=models.Q(("state", "SENDING")), fields=["claimed_at"], name="invoicing_billdelivery_claimed"
            ),
        ),
        migrations.AddIndex(
            model_name="billdelivery",
            index=models.Index(
                condition=models.Q(("state__in", ["BOUNCED", "FAILED"])),
                fields=["-id"],
                name="invoicing_billdelivery_back",
            ),
        ),
        migrations.AddIndex(
            model_name="billdelivery",
            index=models.Index(
                condition=models.Q(("message_id", ""), _negated=True),
                fields=["message_id"],
                name="invoicing_billdelivery_message",
            ),
        ),
        migrations.AddIndex(
            model_name="billdelivery",
            index=models.Index(fields=["account_id", "-id"], name="invoicing_billdelivery_account"),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "RESENT"), _negated=True),
                fields=("invoice_id", "channel"),
                name="invoicing_billdelivery_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "E_MAIL"), _negated=True),
                    models.Q(("address", ""), _negated=True),
                    _connector="OR",
                ),
                name="invoicing_billdelivery_mail_has_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["SENT", "PRINTED", "VIEWED"]), _negated=True),
                    ("sent_at__isnull", False),
                    _connector="OR",
                ),
                name="invoicing_billdelivery_sent_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "E_MAIL"), ("claimed_at__isnull", False), ("state", "SENDING")),
                    models.Q(("state", "SENDING"), _negated=True),
                    _connector="OR",
                ),
                name="invoicing_billdelivery_claimed_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "PRINTED"), _negated=True),
                    models.Q(("batch__isnull", False), ("channel", "PRINT")),
                    _connector="OR",
                ),
                name="invoicing_billdelivery_printed_in_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("batch__isnull", False)),
                fields=("batch", "place"),
                name="invoicing_billdelivery_place_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="printpart",
            constraint=models.UniqueConstraint(fields=("batch", "n"), name="invoicing_printpart_number_once"),
        ),
        run_sql_file("invoicing", "0011_delivery"),
    ]
