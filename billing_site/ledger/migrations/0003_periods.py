"""Accounting periods, and opening one again by two people."""

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Accounting periods, and opening one again by two people."""

    dependencies = [
        ("audit", "0002_guards"),
        ("ledger", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountingPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=7, unique=True)),
                ("first_on", models.DateField()),
                ("until_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("OPEN", "Open"), ("CLOSED", "Closed")],
                        db_default="OPEN",
                        default="OPEN",
                        max_length=16,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PeriodReopening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[("ASKED", "Asked for"), ("APPROVED", "Approved"), ("DECLINED", "Declined")],
                        db_default="ASKED",
                        default="ASKED",
                        max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reopenings",
                        to="ledger.accountingperiod",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="accountingperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("until_on__gt", models.F("first_on"))), name="ledger_accountingperiod_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountingperiod",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[(models.Func("first_on", "until_on", function="daterange"), "&&")],
                name="ledger_accountingperiod_apart",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountingperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("closed_by__isnull", True), ("state", "OPEN")),
                    models.Q(("closed_at__isnull", False), ("closed_by__isnull", False), ("state", "CLOSED")),
                    _connector="OR",
                ),
                name="ledger_accountingperiod_closed_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="ledger_periodreopening_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="periodreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(("approved_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="ledger_periodreopening_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False), ("state", "APPROVED")),
                    models.Q(
                        models.Q(("state", "APPROVED"), _negated=True),
                        ("approved_at__isnull", True),
                        ("approved_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="ledger_periodreopening_approved_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodreopening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ASKED")), fields=("period",), name="ledger_periodreopening_one_asked"
            ),
        ),
        run_sql_file("billing_site.ledger", "0003_periods"),
    ]
