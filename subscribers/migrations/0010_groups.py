"""Groups of accounts: firms, families, ministries."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Groups of accounts: firms, families, ministries."""

    dependencies = [
        ("subscribers", "0009_payers"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("FIRM", "Firm"), ("FAMILY", "Family"), ("MINISTRY", "Ministry")], max_length=16
                    ),
                ),
                ("names", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="CustomerGroupDiscount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.discount"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="discounts",
                        to="subscribers.customergroup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("group", "="), ("discount", "="), ("during", "&&")],
                        name="subscribers_customergroupdiscount_not_twice",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerGroupMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_groups",
                        to="subscribers.account",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="subscribers.customergroup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("account", "="), ("during", "&&")],
                        name="subscribers_customergroupmember_one_at_a_time",
                    )
                ],
            },
        ),
        run_sql_file("subscribers", "0010_groups"),
    ]
