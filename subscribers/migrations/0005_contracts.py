"""Agreements of promotions, and contracts."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Agreements of promotions, and contracts."""

    dependencies = [
        ("subscribers", "0007_lookup"),
        ("tariffs", "0005_promotions"),
        ("audit", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="PromotionAgreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CALLS_UP_TO_RENT", "Calls given back, up to the rent"),
                            ("PERCENT", "A percentage off, for some months"),
                            ("AMOUNT", "An amount off, for some months"),
                        ],
                        max_length=32,
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True)),
                ("agreed_on", models.DateField()),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="promotions", to="subscribers.account"
                    ),
                ),
                (
                    "promotion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.promotion"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promotions",
                        to="subscribers.subscription",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Contract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=32, unique=True)),
                ("agreed_on", models.DateField()),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="subscribers.subscription",
                    ),
                ),
                (
                    "term",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.contractterm"
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("subscription", "="), ("during", "&&")], name="subscribers_contract_one_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("during__upper_inf", False)), name="subscribers_contract_has_end"
                    ),
                ],
            },
        ),
        run_sql_file("subscribers", "0005_contracts"),
    ]
