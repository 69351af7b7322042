"""Previews of plan versions: what a draft would have cost, by account, zone and fee."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """What a draft would have cost."""

    dependencies = [
        ("jobs", "0001_initial"),
        ("rating", "0006_call_lists"),
        ("subscribers", "0006_key_accounts"),
        ("tariffs", "0004_plan_lifecycle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_month", models.DateField()),
                ("month_count", models.PositiveSmallIntegerField(default=1)),
                ("revision", models.PositiveIntegerField()),
                ("contents_digest", models.CharField(max_length=64)),
                ("subscription_count", models.BigIntegerField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.job"),
                ),
                (
                    "plan_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.planversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanPreviewAccount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "preview_id", "account_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("record_count", models.IntegerField()),
                ("old_micro", models.BigIntegerField()),
                ("new_micro", models.BigIntegerField()),
                ("unpriced_count", models.IntegerField()),
                ("unpriced_micro", models.BigIntegerField()),
                (
                    "change_micro",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("new_micro"), "-", models.F("old_micro")
                            ),
                            "+",
                            models.F("unpriced_micro"),
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
                    ),
                ),
                (
                    "preview",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="rating.planpreview"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanPreviewFee",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "preview_id", "bill_item_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("old_micro", models.BigIntegerField()),
                ("new_micro", models.BigIntegerField()),
                (
                    "bill_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.billitem"
                    ),
                ),
                (
                    "preview",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fees", to="rating.planpreview"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanPreviewZone",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "preview_id",
                        "zone_id",
                        "bill_item_id",
                        "piece",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("piece", models.IntegerField()),
                ("old_count", models.IntegerField()),
                ("old_micro", models.BigIntegerField()),
                ("new_count", models.IntegerField()),
                ("new_micro", models.BigIntegerField()),
                ("unpriced_count", models.IntegerField()),
                ("unpriced_micro", models.BigIntegerField()),
                (
                    "bill_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.billitem"
                    ),
                ),
                (
                    "preview",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="zones", to="rating.planpreview"
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.zone"),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="planpreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_month__day", 1), ("month_count__gte", 1)),
                name="rating_planpreview_whole_months",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("subscription_count__gte", 1)), name="rating_planpreview_somebody_has_the_plan"
            ),
        ),
        migrations.AddIndex(
            model_name="planpreviewaccount",
            index=models.Index(fields=["preview", "change_micro", "account"], name="rating_previewaccount_change"),
        ),
        migrations.AddConstraint(
            model_name="planpreviewaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("record_count__gte", models.F("unpriced_count")), ("unpriced_count__gte", 0)),
                name="rating_previewaccount_counts",
            ),
        ),
        run_sql_file("rating", "0009_previews"),
    ]
