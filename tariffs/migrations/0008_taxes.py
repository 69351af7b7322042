"""Taxes in prices, minimum commitments, discounts of amounts and by volume, providers, rounding to cash."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Taxes in prices, minimum commitments, discounts of amounts and by volume, providers, rounding to cash."""

    dependencies = [
        ("tariffs", "0007_fee_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CashRounding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3, unique=True)),
                ("unit", models.DecimalField(decimal_places=3, max_digits=12)),
                (
                    "mode",
                    models.CharField(
                        choices=[("HALF_UP", "To the nearest, halves up"), ("UP", "Up"), ("DOWN", "Down")],
                        default="HALF_UP",
                        max_length=16,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DiscountStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("volume_from", models.DecimalField(decimal_places=6, max_digits=18)),
                ("percent", models.DecimalField(decimal_places=3, max_digits=6)),
            ],
        ),
        migrations.CreateModel(
            name="MinimumCommitment",
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
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("amount", models.DecimalField(decimal_places=6, max_digits=18)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("names", models.JSONField(default=dict)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="discount",
            name="tariffs_discount_percent_sound",
        ),
        migrations.AddField(
            model_name="discount",
            name="amount",
            field=models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name="discount",
            name="kind",
            field=models.CharField(
                choices=[
                    ("PERCENT", "A percentage"),
                    ("AMOUNT", "An amount a bill"),
                    ("VOLUME", "A percentage by the volume of the group"),
                ],
                db_default="PERCENT",
                default="PERCENT",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="planversion",
            name="prices_include_tax",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="taxcategory",
            name="reason_code",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.AddField(
            model_name="taxcategory",
            name="treatment",
            field=models.CharField(
                choices=[
                    ("S", "Standard"),
                    ("Z", "Zero rated"),
                    ("E", "Exempt"),
                    ("AE", "Reverse charge"),
                    ("K", "Supply within the community"),
                    ("G", "Export"),
                    ("O", "Not subject to tax"),
                ],
                db_default="S",
                default="S",
                max_length=2,
            ),
        ),
        migrations.AlterField(
            model_name="discount",
            name="percent",
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=6, null=True),
        ),
        migrations.AddConstraint(
            model_name="discount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("percent__isnull", True), models.Q(("percent__gt", 0), ("percent__lte", 100)), _connector="OR"
                ),
                name="tariffs_discount_percent_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="discount",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__isnull", True), ("amount__gt", 0), _connector="OR"),
                name="tariffs_discount_amount_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="discount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__isnull", True), ("kind", "PERCENT"), ("percent__isnull", False)),
                    models.Q(("amount__isnull", False), ("kind", "AMOUNT"), ("percent__isnull", True)),
                    models.Q(("amount__isnull", True), ("kind", "VOLUME"), ("percent__isnull", True)),
                    _connector="OR",
                ),
                name="tariffs_discount_figure_of_kind",
            ),
        ),
        migrations.AddField(
            model_name="cashrounding",
            name="bill_item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.billitem"
            ),
        ),
        migrations.AddField(
            model_name="discountstep",
            name="discount",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="tariffs.discount"
            ),
        ),
        migrations.AddField(
            model_name="minimumcommitment",
            name="approved_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="minimumcommitment",
            name="bill_item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.billitem"
            ),
        ),
        migrations.AddField(
            model_name="minimumcommitment",
            name="counted_items",
            field=models.ManyToManyField(related_name="+", to="tariffs.billitem"),
        ),
        migrations.AddField(
            model_name="minimumcommitment",
            name="created_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="minimumcommitment",
            name="plan",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.plan"
            ),
        ),
        migrations.AddField(
            model_name="minimumcommitment",
            name="term",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tariffs.contractterm",
            ),
        ),
        migrations.AddField(
            model_name="billitem",
            name="provider",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tariffs.provider",
            ),
        ),
        migrations.AddConstraint(
            model_name="cashrounding",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit__gt", 0)), name="tariffs_cashrounding_unit_sound"
            ),
        ),
        migrations.AddConstraint(
            model_name="discountstep",
            constraint=models.UniqueConstraint(
                fields=("discount", "volume_from"), name="tariffs_discountstep_once_a_volume"
            ),
        ),
        migrations.AddConstraint(
            model_name="discountstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__gt", 0), ("percent__lte", 100), ("volume_from__gte", 0)),
                name="tariffs_discountstep_figures_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="minimumcommitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("plan__isnull", False), ("term__isnull", True)),
                    models.Q(("plan__isnull", True), ("term__isnull", False)),
                    _connector="OR",
                ),
                name="tariffs_commitment_of_plan_or_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="minimumcommitment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="tariffs_commitment_amount_sound"
            ),
        ),
        migrations.AddConstraint(
            model_name="minimumcommitment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state", "APPROVED")),
                expressions=[("plan", "="), ("during", "&&")],
                name="tariffs_commitment_one_for_plan",
            ),
        ),
        migrations.AddConstraint(
            model_name="minimumcommitment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state", "APPROVED")),
                expressions=[("term", "="), ("during", "&&")],
                name="tariffs_commitment_one_for_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="minimumcommitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_by__isnull", True), ("state", "DRAFT")),
                    models.Q(("approved_by__isnull", False), ("state", "APPROVED")),
                    _connector="OR",
                ),
                name="tariffs_commitment_approved_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="minimumcommitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    ("created_by__isnull", True),
                    models.Q(("approved_by", models.F("created_by")), _negated=True),
                    _connector="OR",
                ),
                name="tariffs_commitment_second_person",
            ),
        ),
        run_sql_file("tariffs", "0008_taxes"),
    ]
