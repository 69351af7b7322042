"""What was there, began and ended is kept month by month too: reports count from there, not from the beginning."""

from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0019_letters")]

    operations = [
        migrations.AddField(
            model_name="dailycount",
            name="is_folded",
            field=models.BooleanField(db_default=False),
        ),
        migrations.CreateModel(
            name="MonthCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "month",
                        "centre_id",
                        "category",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", models.DateField()),
                ("centre_id", models.BigIntegerField()),
                ("category", models.CharField(max_length=16)),
                ("kind", models.CharField(max_length=16)),
                ("opening_count", models.BigIntegerField()),
                ("begun_count", models.BigIntegerField()),
                ("ended_count", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["active_from"], name="subscribers_line_begun"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("active_until__isnull", False)),
                fields=["active_until"],
                name="subscribers_line_ended",
            ),
        ),
        run_sql_file("subscribers", "0020_month_counts"),
    ]
