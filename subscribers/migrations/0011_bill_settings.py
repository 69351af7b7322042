"""How subscribers want their bills."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """How subscribers want their bills."""

    dependencies = [
        ("subscribers", "0013_dunning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BillSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "itemisation",
                    models.CharField(
                        choices=[("NONE", "No calls"), ("SUMMARY", "Sums by kind of call"), ("ALL", "Every call")],
                        default="SUMMARY",
                        max_length=16,
                    ),
                ),
                ("has_whole_numbers", models.BooleanField(default=False)),
                ("are_users_told", models.BooleanField(default=False)),
                ("is_large_print", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "-created_at"], name="subscribers_billsetting_last")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("has_whole_numbers", False), ("are_users_told", True), _connector="OR"),
                        name="subscribers_billsetting_users_told",
                    )
                ],
            },
        ),
        run_sql_file("subscribers", "0011_bill_settings"),
    ]
