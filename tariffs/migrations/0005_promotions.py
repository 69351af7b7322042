"""Promotions, contract terms, and the bill items of categories over time."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Promotions, contract terms, and the bill items of categories over time."""

    dependencies = [
        ("tariffs", "0006_calendar"),
        ("audit", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContractTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("names", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("APPROVED", "Approved")], default="DRAFT", max_length=16
                    ),
                ),
                ("months", models.PositiveSmallIntegerField()),
                ("bonus_amount", models.DecimalField(decimal_places=6, default=0, max_digits=18)),
                ("bonus_after_months", models.PositiveSmallIntegerField(default=0)),
                (
                    "leave_policy",
                    models.CharField(
                        choices=[
                            ("NOTHING", "Nothing"),
                            ("FIXED", "A fixed amount"),
                            ("REMAINING_MONTHS", "An amount for every month left"),
                            ("DECLINING", "An amount that falls month by month"),
                        ],
                        default="NOTHING",
                        max_length=16,
                    ),
                ),
                ("leave_amount", models.DecimalField(decimal_places=6, default=0, max_digits=18)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
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
                    "bonus_item",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.billitem"
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
                    "leave_item",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.billitem"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.plan"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("bonus_after_months__lte", models.F("months")), ("months__gte", 1)),
                        name="tariffs_contractterm_months_sound",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bonus_amount", 0),
                            models.Q(("bonus_amount__gt", 0), ("bonus_item__isnull", False)),
                            _connector="OR",
                        ),
                        name="tariffs_contractterm_bonus_has_item",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("leave_amount", 0), ("leave_policy", "NOTHING")),
                            models.Q(
                                models.Q(("leave_policy", "NOTHING"), _negated=True),
                                ("leave_amount__gt", 0),
                                ("leave_item__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="tariffs_contractterm_fee_has_item",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_by__isnull", True), ("state", "DRAFT")),
                            models.Q(("approved_by__isnull", False), ("state", "APPROVED")),
                            _connector="OR",
                        ),
                        name="tariffs_contractterm_approved_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            ("created_by__isnull", True),
                            models.Q(("approved_by", models.F("created_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="tariffs_contractterm_second_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Promotion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
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
                ("names", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("APPROVED", "Approved")], default="DRAFT", max_length=16
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("percent", models.DecimalField(blank=True, decimal_places=3, max_digits=6, null=True)),
                ("amount", models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ("months", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
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
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("credited_items", models.ManyToManyField(related_name="+", to="tariffs.billitem")),
                ("rent_items", models.ManyToManyField(related_name="+", to="tariffs.billitem")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__isnull", True), ("kind", "CALLS_UP_TO_RENT"), ("percent__isnull", True)),
                            models.Q(
                                ("amount__isnull", True),
                                ("kind", "PERCENT"),
                                ("months__isnull", False),
                                ("percent__isnull", False),
                            ),
                            models.Q(
                                ("amount__isnull", False),
                                ("kind", "AMOUNT"),
                                ("months__isnull", False),
                                ("percent__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="tariffs_promotion_figures_of_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("percent__isnull", True),
                                models.Q(("percent__gt", 0), ("percent__lte", 100)),
                                _connector="OR",
                            ),
                            models.Q(("amount__isnull", True), ("amount__gt", 0), _connector="OR"),
                            models.Q(("months__isnull", True), ("months__gte", 1), _connector="OR"),
                        ),
                        name="tariffs_promotion_figures_sound",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_by__isnull", True), ("state", "DRAFT")),
                            models.Q(("approved_by__isnull", False), ("state", "APPROVED")),
                            _connector="OR",
                        ),
                        name="tariffs_promotion_approved_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            ("created_by__isnull", True),
                            models.Q(("approved_by", models.F("created_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="tariffs_promotion_second_person",
                    ),
                    models.UniqueConstraint(fields=("id", "kind"), name="tariffs_promotion_kind_of_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageCategoryItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "bill_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.billitem"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="tariffs.usagecategory"
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("category", "="), ("during", "&&")],
                        name="tariffs_usagecategoryitem_one_at_a_time",
                    )
                ],
            },
        ),
        run_sql_file("tariffs", "0005_promotions"),
        migrations.RemoveField(
            model_name="usagecategory",
            name="bill_item",
        ),
    ]
