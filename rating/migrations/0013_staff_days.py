"""The days of lines in the hands of staff, and of services, are added up while rating: their reports read no more."""

from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("rating", "0012_limits_plan")]

    operations = [
        migrations.CreateModel(
            name="FollowedStaffLine",
            fields=[("subscription_id", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="StaffLineDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subscription_id",
                        "day",
                        "service",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subscription_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("service", models.SmallIntegerField()),
                ("record_count", models.BigIntegerField()),
                ("duration_seconds", models.BigIntegerField()),
                ("volume_bytes", models.BigIntegerField()),
                ("amount_micro", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="TrafficServiceDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day", "service", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("service", models.SmallIntegerField()),
                ("record_count", models.BigIntegerField()),
                ("duration_seconds", models.BigIntegerField()),
                ("volume_bytes", models.BigIntegerField()),
                ("amount_micro", models.BigIntegerField()),
            ],
        ),
        run_sql_file("rating", "0013_staff_days"),
    ]
