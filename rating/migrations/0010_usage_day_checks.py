"""What the nightly check of each day's records found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One row a day and source."""

    dependencies = [
        ("rating", "0008_rerating"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsageDayCheck",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day", "source_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("source_id", models.BigIntegerField()),
                ("wrong_count", models.BigIntegerField()),
                ("missing_count", models.BigIntegerField()),
                ("double_count", models.BigIntegerField()),
                ("priced_again_count", models.IntegerField()),
                ("checked_at", models.DateTimeField()),
            ],
        ),
    ]
