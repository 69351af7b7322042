"""The steps of accounting periods."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """The steps of accounting periods."""

    dependencies = [
        ("invoicing", "0011_delivery"),
        ("ledger", "0003_periods"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PeriodStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32)),
                ("position", models.PositiveSmallIntegerField()),
                ("names", models.JSONField(default=dict)),
                ("check_code", models.CharField(blank=True, max_length=32)),
                ("allowed_count", models.PositiveIntegerField(default=0)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("CLERK", "Clerk"),
                            ("CENTRE_SUPERVISOR", "Supervisor of a centre"),
                            ("BILLING_SPECIALIST", "Billing specialist"),
                            ("TARIFF_APPROVER", "Tariff approver"),
                            ("ACCOUNTANT", "Accountant"),
                            ("CALL_DESK", "Call desk agent"),
                            ("REPAIR_DISPATCHER", "Repair dispatcher"),
                            ("TECHNICIAN", "Technician"),
                            ("MANAGER", "Manager"),
                            ("AUDITOR", "Auditor"),
                            ("ADMINISTRATOR", "Administrator"),
                        ],
                        max_length=24,
                    ),
                ),
                ("due_on", models.DateField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.accountingperiod"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("period", "code"), name="invoicing_periodstep_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("done_by__isnull", True)),
                            models.Q(
                                ("done_at__isnull", False),
                                ("done_by__isnull", True),
                                models.Q(("check_code", ""), _negated=True),
                            ),
                            models.Q(("check_code", ""), ("done_at__isnull", False), ("done_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="invoicing_periodstep_done_by",
                    ),
                ],
            },
        ),
        run_sql_file("invoicing", "0012_periods"),
    ]
