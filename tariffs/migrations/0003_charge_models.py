"""Units, models, categories and counters of rates; free zones, points and relations; roll-over; price ceilings."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("tariffs", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceCeiling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("names", models.JSONField(default=dict)),
                ("document", models.CharField(max_length=200)),
                (
                    "unit",
                    models.CharField(
                        choices=[("SECONDS", "Seconds"), ("EVENTS", "Events"), ("BYTES", "Bytes"), ("MONEY", "Money")],
                        default="SECONDS",
                        max_length=16,
                    ),
                ),
                ("units", models.BigIntegerField(default=60)),
                ("maximum_price", models.DecimalField(decimal_places=6, max_digits=18)),
                ("with_connect_fee", models.BooleanField(default=True)),
                ("currency", models.CharField(max_length=3)),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
        ),
        migrations.CreateModel(
            name="ZonePoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=100)),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="rate",
            name="tariffs_rate_once_a_window",
        ),
        migrations.RemoveConstraint(
            model_name="rate",
            name="tariffs_rate_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="ratestep",
            name="tariffs_ratestep_begins_once",
        ),
        migrations.RemoveConstraint(
            model_name="ratestep",
            name="tariffs_ratestep_sound",
        ),
        migrations.RenameField(model_name="rate", old_name="surcharge_after_seconds", new_name="surcharge_after_units"),
        migrations.AlterField(
            model_name="rate", name="surcharge_after_units", field=models.BigIntegerField(blank=True, null=True)
        ),
        migrations.RenameField(model_name="ratestep", old_name="from_second", new_name="from_units"),
        migrations.AlterField(model_name="ratestep", name="from_units", field=models.BigIntegerField(default=0)),
        migrations.RenameField(model_name="ratestep", old_name="increment_seconds", new_name="increment_units"),
        migrations.AlterField(
            model_name="ratestep",
            name="increment_units",
            field=models.BigIntegerField(blank=True, default=60, null=True),
        ),
        migrations.RenameField(model_name="ratestep", old_name="per_seconds", new_name="per_units"),
        migrations.AlterField(model_name="ratestep", name="per_units", field=models.BigIntegerField(default=60)),
        migrations.AddField(
            model_name="allowance",
            name="valid_from",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="allowance",
            name="valid_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="allowance",
            name="rollover_limit",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="allowance",
            name="rolls_over",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="planversion",
            name="favourite_count",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="rate",
            name="category",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="rate",
            name="counter_code",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.AddField(
            model_name="rate",
            name="free_events",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="rate",
            name="free_units",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="rate",
            name="model",
            field=models.CharField(
                choices=[
                    ("STANDARD", "Price per increment, with steps"),
                    ("TIERS", "Blocks in tiers, nothing beyond the last"),
                    ("GRADUATED", "Every unit in its own tier"),
                    ("GRADUATED_PERCENTAGE", "A share of each tier"),
                    ("VOLUME", "All units in the tier reached"),
                    ("PACKAGE", "Started packages"),
                    ("PERCENTAGE", "A share of each event"),
                ],
                db_default="STANDARD",
                default="STANDARD",
                max_length=24,
            ),
        ),
        migrations.AddField(
            model_name="rate",
            name="scope",
            field=models.CharField(
                choices=[("EVENT", "Each use by itself"), ("PERIOD", "All use of the bill period")],
                db_default="EVENT",
                default="EVENT",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="rate",
            name="unit",
            field=models.CharField(
                choices=[("SECONDS", "Seconds"), ("EVENTS", "Events"), ("BYTES", "Bytes"), ("MONEY", "Money")],
                db_default="SECONDS",
                default="SECONDS",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="ratestep",
            name="flat_fee",
            field=models.DecimalField(db_default=0, decimal_places=6, default=0, max_digits=18),
        ),
        migrations.AddField(
            model_name="ratestep",
            name="percent",
            field=models.DecimalField(db_default=0, decimal_places=6, default=0, max_digits=9),
        ),
        migrations.AddField(
            model_name="ratestep",
            name="up_to_units",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="zone",
            name="is_free",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="zone",
            name="relation",
            field=models.CharField(
                blank=True,
                choices=[("FAVOURITE", "Favourite number"), ("GROUP", "Closed user group")],
                db_default="",
                default="",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="ratestep",
            name="price",
            field=models.DecimalField(decimal_places=6, default=0, max_digits=18),
        ),
        migrations.AddConstraint(
            model_name="allowance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_from__isnull", True),
                    ("valid_until__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="tariffs_allowance_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="allowance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rollover_limit__isnull", True),
                    models.Q(("rollover_limit__gte", 0), ("rolls_over", True)),
                    _connector="OR",
                ),
                name="tariffs_allowance_limit_of_rollover",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.UniqueConstraint(
                fields=("plan_version", "zone", "unit", "category", "window"),
                name="tariffs_rate_once_a_place",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(("connect_fee__gte", 0), ("free_units__gte", 0), ("minimum_charge__gte", 0)),
                name="tariffs_rate_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("model", "STANDARD"), _negated=True),
                    models.Q(("free_events", 0), ("free_units", 0), ("scope", "EVENT")),
                    _connector="OR",
                ),
                name="tariffs_rate_standard_is_each_use",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("model__in", ["PERCENTAGE", "GRADUATED_PERCENTAGE"]), _negated=True),
                    ("unit", "MONEY"),
                    _connector="OR",
                ),
                name="tariffs_rate_share_is_of_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratestep",
            constraint=models.UniqueConstraint(fields=("rate", "from_units"), name="tariffs_ratestep_begins_once"),
        ),
        migrations.AddConstraint(
            model_name="ratestep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("flat_fee__gte", 0),
                    ("from_units__gte", 0),
                    ("per_units__gte", 1),
                    ("percent__gte", 0),
                    ("price__gte", 0),
                    models.Q(("increment_units__isnull", True), ("increment_units__gte", 1), _connector="OR"),
                ),
                name="tariffs_ratestep_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratestep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("up_to_units__isnull", True), ("up_to_units__gt", models.F("from_units")), _connector="OR"
                ),
                name="tariffs_ratestep_holds_a_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="zone",
            constraint=models.UniqueConstraint(
                condition=models.Q(("relation", ""), _negated=True),
                fields=("relation",),
                name="tariffs_zone_one_of_a_relation",
            ),
        ),
        migrations.AddConstraint(
            model_name="zone",
            constraint=models.CheckConstraint(
                condition=models.Q(("relation", ""), ("is_free", False), _connector="OR"),
                name="tariffs_zone_relation_is_priced",
            ),
        ),
        migrations.AddField(
            model_name="priceceiling",
            name="usage_category",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ceilings",
                to="tariffs.usagecategory",
            ),
        ),
        migrations.AddField(
            model_name="priceceiling",
            name="zone",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ceilings",
                to="tariffs.zone",
            ),
        ),
        migrations.AddField(
            model_name="zonepoint",
            name="zone",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="points", to="tariffs.zone"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceceiling",
            constraint=models.CheckConstraint(
                condition=models.Q(("usage_category__isnull", True), ("zone__isnull", True), _connector="XOR"),
                name="tariffs_priceceiling_of_one_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceceiling",
            constraint=models.CheckConstraint(
                condition=models.Q(("maximum_price__gte", 0), ("units__gte", 1)), name="tariffs_priceceiling_sound"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceceiling",
            constraint=models.CheckConstraint(
                condition=models.Q(("document", ""), _negated=True), name="tariffs_priceceiling_documented"
            ),
        ),
        migrations.AddConstraint(
            model_name="zonepoint",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("service", "="), ("name", "="), ("during", "&&")], name="tariffs_zonepoint_one_zone"
            ),
        ),
        migrations.AddConstraint(
            model_name="zonepoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("service__in", ["DATA", "CONTENT"])), name="tariffs_zonepoint_service_with_names"
            ),
        ),
        migrations.AddConstraint(
            model_name="zonepoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="tariffs_zonepoint_named"
            ),
        ),
        run_sql_file("tariffs", "0003_charge_models"),
    ]
