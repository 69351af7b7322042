"""Sources of every form: decoded lines, the numbering plan by date, and words for gaps in a sequence."""

from typing import Any, ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies: ClassVar[list[Any]] = [
        ("audit", "0002_guards"),
        ("documents", "0002_guards"),
        ("rating", "0002_rated_usage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar[list[Any]] = [
        migrations.AddField(
            model_name="usagefile",
            name="lines",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="usagefile",
            name="hours",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="usagefile",
            name="held_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("INCOMPLETE", "The last line is cut: the file is incomplete."),
                    ("NO_TRAILER", "The file has no trailer: it is incomplete."),
                    ("TRAILER_DIFFERS", "The trailer's totals differ from what the file holds."),
                    ("CHARGES_DIFFER", "The file's total of charges differs from the sum of its records."),
                    ("SEQUENCE_REPEATED", "Another file of the source has the same sequence number."),
                    ("HEADER_UNREADABLE", "The header line does not fit the source's column map."),
                    ("TOO_MANY_SET_ASIDE", "Too many of the lines cannot be rated."),
                    ("DOES_NOT_ADD_UP", "The outcomes do not add up to the lines."),
                ],
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="usagesource",
            name="dialect",
            field=models.CharField(
                choices=[
                    ("ASTERISK_CSV", "Asterisk Master.csv, 18 columns"),
                    ("ASTERISK_21", "Asterisk Master.csv, 21 columns"),
                    ("MAPPED_CSV", "CSV by a column map"),
                    ("FREESWITCH_CSV", "FreeSWITCH CSV, 15 columns"),
                    ("FREESWITCH_XML", "FreeSWITCH XML"),
                    ("FIXED_WIDTH", "Fixed width"),
                    ("RADIUS_DETAIL", "RADIUS accounting detail"),
                    ("TAP_3_12", "TAP 3.12"),
                    ("NRTRDE_2_1", "NRTRDE 2.1"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="NumberingPlanVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(unique=True)),
                ("country_code", models.CharField(max_length=3)),
                (
                    "national_lengths",
                    django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None),
                ),
                ("trunk_prefix", models.CharField(blank=True, max_length=4)),
                (
                    "international_prefixes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), size=None),
                ),
                (
                    "short_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), blank=True, default=list, size=None
                    ),
                ),
                ("min_international_length", models.PositiveSmallIntegerField(default=7)),
            ],
            options={
                "ordering": ["-valid_from"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("country_code__regex", "^[1-9][0-9]{0,2}$")),
                        name="rating_numberingplan_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("national_lengths", []), _negated=True),
                            models.Q(("international_prefixes", []), _negated=True),
                        ),
                        name="rating_numberingplan_lengths",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GapExplanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("reason", models.CharField(max_length=300)),
                ("explained_at", models.DateTimeField()),
                (
                    "explained_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="explanations",
                        to="rating.usagesource",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "first", "last"), name="rating_gapexplanation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lte", models.F("last"))), name="rating_gapexplanation_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="rating_gapexplanation_reason"
                    ),
                ],
            },
        ),
        run_sql_file("rating", "0003_source_forms"),
    ]
