"""Versions are submitted before they are published; worked examples and rate decks belong to drafts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_guards"),
        ("tariffs", "0005_promotions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RateDeck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("decimal_mark", models.CharField(max_length=1)),
                ("loaded_at", models.DateTimeField()),
                ("prefix_count", models.PositiveIntegerField()),
                ("rate_count", models.PositiveIntegerField()),
                ("jump_count", models.PositiveIntegerField(default=0)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RateDeckPrefix",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefix", models.CharField(max_length=15)),
            ],
        ),
        migrations.CreateModel(
            name="TestCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                ("calling", models.CharField(blank=True, default="", max_length=32)),
                ("called", models.CharField(blank=True, default="", max_length=32)),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("SECONDS", "Seconds"),
                            ("EVENTS", "Events"),
                            ("BYTES", "Bytes"),
                            ("MONEY", "Money"),
                        ],
                        default="SECONDS",
                        max_length=16,
                    ),
                ),
                ("quantity", models.BigIntegerField()),
                ("started_at", models.DateTimeField()),
                ("customer_category", models.CharField(blank=True, default="", max_length=32)),
                ("expected_micro", models.BigIntegerField()),
                (
                    "result",
                    models.CharField(
                        blank=True, choices=[("GREEN", "As expected"), ("RED", "Differs")], default="", max_length=8
                    ),
                ),
                ("got_micro", models.BigIntegerField(blank=True, null=True)),
                ("trace", models.JSONField(default=list)),
                ("contents_digest", models.CharField(blank=True, default="", max_length=64)),
                ("run_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="planversion",
            name="changed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="planversion",
            name="changed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="planversion",
            name="rejection_reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="planversion",
            name="revision",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="planversion",
            name="submitted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="planversion",
            name="submitted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField(
            model_name="planversion",
            name="state",
            field=models.CharField(
                choices=[("DRAFT", "Draft"), ("SUBMITTED", "Submitted"), ("PUBLISHED", "Published")],
                default="DRAFT",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(
                        models.Q(("approved_by", models.F("changed_by")), _negated=True),
                        models.Q(("approved_by", models.F("submitted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="tariffs_planversion_changer_does_not_approve",
            ),
        ),
        migrations.AddField(
            model_name="ratedeck",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ratedeck",
            name="content",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="ratedeck",
            name="loaded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="ratedeck",
            name="plan_version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decks", to="tariffs.planversion"
            ),
        ),
        migrations.AddField(
            model_name="ratedeckprefix",
            name="deck",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="prefixes", to="tariffs.ratedeck"
            ),
        ),
        migrations.AddField(
            model_name="ratedeckprefix",
            name="zone",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.zone"),
        ),
        migrations.AddField(
            model_name="testcall",
            name="plan_version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="test_calls", to="tariffs.planversion"
            ),
        ),
        migrations.AddField(
            model_name="testcall",
            name="run_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="testcall",
            name="zone",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.zone"
            ),
        ),
        migrations.AddConstraint(
            model_name="ratedeck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("loaded_by")), _negated=True),
                    _connector="OR",
                ),
                name="tariffs_ratedeck_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratedeck",
            constraint=models.CheckConstraint(
                condition=models.Q(("decimal_mark__in", [".", ","])), name="tariffs_ratedeck_decimal_mark"
            ),
        ),
        migrations.AddConstraint(
            model_name="ratedeckprefix",
            constraint=models.UniqueConstraint(fields=("deck", "prefix"), name="tariffs_ratedeckprefix_once"),
        ),
        migrations.AddConstraint(
            model_name="ratedeckprefix",
            constraint=models.CheckConstraint(
                condition=models.Q(("prefix__regex", "^[0-9]{1,15}$")), name="tariffs_ratedeckprefix_digits_only"
            ),
        ),
        migrations.AddConstraint(
            model_name="testcall",
            constraint=models.UniqueConstraint(fields=("plan_version", "position"), name="tariffs_testcall_one_place"),
        ),
        migrations.AddConstraint(
            model_name="testcall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("called", ""), ("zone__isnull", False)),
                    models.Q(models.Q(("called", ""), _negated=True), ("zone__isnull", True)),
                    _connector="OR",
                ),
                name="tariffs_testcall_number_or_zone",
            ),
        ),
        migrations.AddConstraint(
            model_name="testcall",
            constraint=models.CheckConstraint(
                condition=models.Q(("expected_micro__gte", 0), ("quantity__gte", 0)),
                name="tariffs_testcall_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="testcall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "GREEN"), _negated=True),
                    ("got_micro", models.F("expected_micro")),
                    _connector="OR",
                ),
                name="tariffs_testcall_green_is_equal",
            ),
        ),
        migrations.AddConstraint(
            model_name="testcall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", ""), ("run_at__isnull", True)),
                    models.Q(models.Q(("result", ""), _negated=True), ("run_at__isnull", False)),
                    _connector="OR",
                ),
                name="tariffs_testcall_result_has_a_run",
            ),
        ),
        run_sql_file("tariffs", "0004_plan_lifecycle"),
    ]
