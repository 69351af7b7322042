"""How old debts are, night by night."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from billing_site.db.sql import run_sql_file

STATES = [("RUNNING", "Running"), ("DONE", "Done")]


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("jobs", "0001_initial"),
        ("payments", "0018_taken_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="DebtNight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("state", models.CharField(choices=STATES, default="RUNNING", max_length=16)),
                ("entry_id", models.BigIntegerField()),
                ("counted_at", models.DateTimeField()),
                ("piece_count", models.PositiveIntegerField(default=0)),
                ("done_pieces", models.PositiveIntegerField(default=0)),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.job"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("done_pieces__lte", F("piece_count"))), name="payments_debtnight_pieces_fit"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DebtAge",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "night_id",
                        "centre_id",
                        "currency",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("account_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("not_due_minor", models.BigIntegerField(db_default=0, default=0)),
                ("to_30_minor", models.BigIntegerField(db_default=0, default=0)),
                ("to_60_minor", models.BigIntegerField(db_default=0, default=0)),
                ("to_90_minor", models.BigIntegerField(db_default=0, default=0)),
                ("older_minor", models.BigIntegerField(db_default=0, default=0)),
                ("unbilled_minor", models.BigIntegerField(db_default=0, default=0)),
                ("advance_minor", models.BigIntegerField(db_default=0, default=0)),
                ("books_minor", models.BigIntegerField(db_default=0, default=0)),
                ("later_minor", models.BigIntegerField(db_default=0, default=0)),
                (
                    "night",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ages", to="payments.debtnight"
                    ),
                ),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.servicecentre"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("not_due_minor__gte", 0),
                            ("to_30_minor__gte", 0),
                            ("to_60_minor__gte", 0),
                            ("to_90_minor__gte", 0),
                            ("older_minor__gte", 0),
                            ("unbilled_minor__gte", 0),
                            ("advance_minor__gte", 0),
                        ),
                        name="payments_debtage_nothing_below_zero",
                    )
                ],
            },
        ),
        run_sql_file("payments", "0019_debt_ages"),
    ]
