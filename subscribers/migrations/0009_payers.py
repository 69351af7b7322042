"""Payers of other accounts' charges, and exemptions from tax."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Payers of other accounts' charges, and exemptions from tax."""

    dependencies = [
        ("subscribers", "0007_lookup"),
        ("subscribers", "0011_bill_settings"),
        ("tariffs", "0008_taxes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountPayer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("percent", models.DecimalField(decimal_places=3, max_digits=6)),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payers", to="subscribers.account"
                    ),
                ),
                (
                    "bill_item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tariffs.billitem",
                    ),
                ),
                (
                    "payer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="paid_for", to="subscribers.account"
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("account", "="),
                            (django.db.models.functions.comparison.Coalesce("bill_item", 0), "="),
                            ("during", "&&"),
                        ],
                        name="subscribers_accountpayer_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("account", models.F("payer")), _negated=True),
                        name="subscribers_accountpayer_not_oneself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gt", 0), ("percent__lte", 100)),
                        name="subscribers_accountpayer_share_sound",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxExemption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("certificate", models.CharField(max_length=64)),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("APPROVED", "Approved")], default="DRAFT", max_length=16
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exemptions", to="subscribers.account"
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.taxcategory"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "instead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.taxcategory"
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("state", "APPROVED")),
                        expressions=[("account", "="), ("category", "="), ("during", "&&")],
                        name="subscribers_taxexemption_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("category", models.F("instead")), _negated=True),
                            models.Q(("certificate", ""), _negated=True),
                        ),
                        name="subscribers_taxexemption_sound",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_by__isnull", True), ("state", "DRAFT")),
                            models.Q(("approved_by__isnull", False), ("state", "APPROVED")),
                            _connector="OR",
                        ),
                        name="subscribers_taxexemption_approved_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            ("created_by__isnull", True),
                            models.Q(("approved_by", models.F("created_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="subscribers_taxexemption_second_person",
                    ),
                ],
            },
        ),
        run_sql_file("subscribers", "0009_payers"),
    ]
