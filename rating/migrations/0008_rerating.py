"""Usage priced once more: proposals, what they change, and corrections of what was billed."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
        ("rating", "0009_previews"),
        ("subscribers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CorrectionTotal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "bill_period",
                        "subscription_id",
                        "bill_item_id",
                        "corrects",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("bill_period", models.DateField()),
                ("subscription_id", models.BigIntegerField()),
                ("bill_item_id", models.IntegerField()),
                ("corrects", models.DateField()),
                ("record_count", models.IntegerField()),
                ("duration_seconds", models.BigIntegerField()),
                ("volume_bytes", models.BigIntegerField()),
                ("charged_units", models.BigIntegerField()),
                ("allowance_units", models.BigIntegerField()),
                ("amount_micro", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("corrects__lt", models.F("bill_period"))),
                        name="rating_correctiontotal_is_of_the_past",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DetachedCorrection",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "bill_period",
                        "subscription_id",
                        "bill_item_id",
                        "corrects",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("bill_period", models.DateField()),
                ("subscription_id", models.BigIntegerField()),
                ("bill_item_id", models.IntegerField()),
                ("corrects", models.DateField()),
                ("record_count", models.IntegerField()),
                ("duration_seconds", models.BigIntegerField()),
                ("volume_bytes", models.BigIntegerField()),
                ("charged_units", models.BigIntegerField()),
                ("allowance_units", models.BigIntegerField()),
                ("amount_micro", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Rerating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used_from", models.DateField()),
                ("used_until", models.DateField()),
                ("scope", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "Proposed"),
                            ("PREVIEWED", "Previewed"),
                            ("APPROVED", "Approved"),
                            ("RUNNING", "Running"),
                            ("DONE", "Done"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PROPOSED",
                        max_length=16,
                    ),
                ),
                ("proposed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approved_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
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
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.job"
                    ),
                ),
                (
                    "proposed_by",
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
            name="ReratingAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
                    ),
                ),
                ("shown", models.JSONField(default=list)),
                ("record_count", models.IntegerField(default=0)),
                ("old_micro", models.BigIntegerField(default=0)),
                ("new_micro", models.BigIntegerField(default=0)),
                ("billed_micro", models.BigIntegerField(default=0)),
                ("unpriced_count", models.IntegerField(default=0)),
                ("is_stuck", models.BooleanField(default=False)),
                ("written_count", models.IntegerField(null=True)),
                ("written_micro", models.BigIntegerField(null=True)),
                (
                    "rerating",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="rating.rerating"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="rerating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="rating_rerating_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="rerating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["APPROVED", "RUNNING", "DONE"]), _negated=True),
                    ("approved_by__isnull", False),
                    _connector="OR",
                ),
                name="rating_rerating_is_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="rerating",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_until__gt", models.F("used_from"))), name="rating_rerating_days_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="rerating",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="rating_rerating_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="reratingaccount",
            constraint=models.UniqueConstraint(fields=("rerating", "account_id"), name="rating_reratingaccount_once"),
        ),
        run_sql_file("rating", "0008_rerating"),
    ]
