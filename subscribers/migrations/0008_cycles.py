"""Cycles of several months, and the days on which a line is suspended."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("subscribers", "0014_past_categories"),
    ]

    operations = [
        migrations.CreateModel(
            name="SubscriptionSuspension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.AddField(
            model_name="billcycle",
            name="months",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddConstraint(
            model_name="billcycle",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__in", [1, 2, 3, 6, 12])), name="subscribers_billcycle_length_known"
            ),
        ),
        migrations.AddField(
            model_name="subscriptionsuspension",
            name="subscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="suspensions", to="subscribers.subscription"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionsuspension",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("subscription", "="), ("during", "&&")],
                name="subscribers_subscriptionsuspension_one_at_a_time",
            ),
        ),
        run_sql_file("subscribers", "0008_cycles"),
    ]
