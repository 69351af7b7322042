"""Disputes of bills and of their lines."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Disputes of bills and of their lines."""

    dependencies = [
        ("invoicing", "0007_runs"),
        ("subscribers", "0006_key_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=32, unique=True)),
                ("invoice_id", models.BigIntegerField()),
                ("is_whole_bill", models.BooleanField(default=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("PHONE", "By phone"),
                            ("E_MAIL", "By e-mail"),
                            ("COUNTER", "At the counter"),
                            ("PORTAL", "On the portal"),
                            ("LETTER", "By letter"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("NOT_MY_USE", "I did not make these calls"),
                            ("WRONG_PRICE", "The price is not what was agreed"),
                            ("NOT_ORDERED", "I did not order this"),
                            ("NO_SERVICE", "The service did not work"),
                            ("PAID_BEFORE", "I have paid this before"),
                            ("OTHER", "Something else"),
                        ],
                        max_length=16,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "Open"),
                            ("ACCEPTED", "Accepted"),
                            ("PARTLY", "Accepted in part"),
                            ("REFUSED", "Refused"),
                        ],
                        default="OPEN",
                        max_length=16,
                    ),
                ),
                ("disputed_minor", models.BigIntegerField()),
                ("opened_at", models.DateTimeField()),
                ("answer_due_at", models.DateTimeField()),
                ("answer_text", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("accepted_minor", models.BigIntegerField(null=True)),
                ("new_due_on", models.DateField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DisputedLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invoice_id", models.BigIntegerField()),
                ("n", models.SmallIntegerField()),
                ("disputed_minor", models.BigIntegerField()),
                ("accepted_minor", models.BigIntegerField(null=True)),
                ("is_open", models.BooleanField(default=True)),
                ("records", models.JSONField(default=list)),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="invoicing.dispute"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(fields=["invoice_id"], name="invoicing_dispute_invoice"),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("state", "OPEN")), fields=["account"], name="invoicing_dispute_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("disputed_minor__gt", 0)), name="invoicing_dispute_is_about_money"
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_minor__isnull", True), ("answered_at__isnull", True), ("state", "OPEN")),
                    models.Q(
                        models.Q(("state", "OPEN"), _negated=True),
                        ("accepted_minor__isnull", False),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        models.Q(("answer_text", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="invoicing_dispute_answered_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "OPEN"),
                    models.Q(("accepted_minor", models.F("disputed_minor")), ("state", "ACCEPTED")),
                    models.Q(
                        ("accepted_minor__gt", 0),
                        ("accepted_minor__lt", models.F("disputed_minor")),
                        ("new_due_on__isnull", False),
                        ("state", "PARTLY"),
                    ),
                    models.Q(("accepted_minor", 0), ("new_due_on__isnull", False), ("state", "REFUSED")),
                    _connector="OR",
                ),
                name="invoicing_dispute_answer_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer_due_at__gt", models.F("opened_at"))),
                name="invoicing_dispute_answer_due_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedline",
            constraint=models.UniqueConstraint(fields=("dispute", "n"), name="invoicing_disputedline_once"),
        ),
        migrations.AddConstraint(
            model_name="disputedline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_open", True)),
                fields=("invoice_id", "n"),
                name="invoicing_disputedline_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_minor__isnull", True), ("is_open", True)),
                    models.Q(
                        ("accepted_minor__gte", 0),
                        ("accepted_minor__lte", models.F("disputed_minor")),
                        ("is_open", False),
                    ),
                    models.Q(
                        ("accepted_minor__gte", models.F("disputed_minor")),
                        ("accepted_minor__lte", 0),
                        ("is_open", False),
                    ),
                    _connector="OR",
                ),
                name="invoicing_disputedline_accepted_within",
            ),
        ),
        run_sql_file("invoicing", "0008_disputes"),
    ]
