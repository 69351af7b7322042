"""Favourite numbers and closed user groups."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("subscribers", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="UserGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("names", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="FavouriteNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=15)),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="favourites",
                        to="subscribers.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("subscription", "="), ("number", "="), ("during", "&&")],
                        name="subscribers_favouritenumber_once_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__regex", "^[0-9]{3,15}$")),
                        name="subscribers_favouritenumber_digits_only",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UserGroupMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="subscribers.usergroup"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups",
                        to="subscribers.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("subscription", "="), ("during", "&&")],
                        name="subscribers_usergroupmember_one_at_a_time",
                    )
                ],
            },
        ),
        run_sql_file("subscribers", "0003_relations"),
    ]
