"""
The day that a usage file counts for is kept with it: what came on a day is found by an index. And what corrections
charge of calls to information stations stands apart from the line of the usage.
"""

from typing import Any

from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file

_FILL = """
UPDATE rating_usagefile
SET own_day = coalesce(
    business_day, (last_start_at AT TIME ZONE %(zone)s)::date, ((arrived_at - interval '1 day') AT TIME ZONE %(zone)s)::date
)
WHERE own_day IS NULL
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Give every file its day, as ``rating.domain.own_days`` does."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_FILL, {"zone": settings.SALDO_TIME_ZONE})


class Migration(migrations.Migration):
    dependencies = [("rating", "0013_staff_days")]

    operations = [
        migrations.AddField("usagefile", "own_day", models.DateField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("usagefile", "own_day", models.DateField()),
        migrations.AddConstraint(
            "usagefile",
            models.CheckConstraint(
                name="rating_usagefile_own_day_is_the_named",
                condition=models.Q(business_day__isnull=True) | models.Q(own_day=models.F("business_day")),
            ),
        ),
        migrations.RemoveIndex("usagefile", "rating_usagefile_day"),
        migrations.AddIndex("usagefile", models.Index(fields=["source", "own_day"], name="rating_usagefile_own_day")),
        migrations.AddIndex("usagefile", models.Index(fields=["own_day"], name="rating_usagefile_by_day")),
        run_sql_file("rating", "0014_days"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    "premiumtotal", "is_correction", models.BooleanField(default=False, db_default=False)
                ),
                migrations.AlterField(
                    "premiumtotal",
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "station_id",
                        "account_id",
                        "subscription_id",
                        "bill_period",
                        "bill_item_id",
                        "is_correction",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
    ]
