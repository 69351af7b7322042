"""When a fee is charged, for how many months, and what parts of its period and suspended days cost."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tariffs", "0004_plan_lifecycle"),
    ]

    operations = [
        migrations.AddField(
            model_name="feature",
            name="change_proration",
            field=models.CharField(
                choices=[
                    ("SAME", "As at the start"),
                    ("CALENDAR_DAYS", "By calendar days"),
                    ("THIRTY_DAYS", "By days of a 30-day month"),
                    ("WHOLE", "The whole period"),
                ],
                db_default="SAME",
                default="SAME",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="feature",
            name="end_proration",
            field=models.CharField(
                choices=[
                    ("SAME", "As at the start"),
                    ("CALENDAR_DAYS", "By calendar days"),
                    ("THIRTY_DAYS", "By days of a 30-day month"),
                    ("WHOLE", "The whole period"),
                    ("NO_REFUND", "What is paid in advance is not given back"),
                ],
                db_default="SAME",
                default="SAME",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="feature",
            name="months",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="feature",
            name="suspended_percent",
            field=models.PositiveSmallIntegerField(db_default=100, default=100),
        ),
        migrations.AddField(
            model_name="feature",
            name="timing",
            field=models.CharField(
                choices=[("ARREARS", "When the period is over"), ("ADVANCE", "When the period begins")],
                db_default="ARREARS",
                default="ARREARS",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="change_proration",
            field=models.CharField(
                choices=[
                    ("SAME", "As at the start"),
                    ("CALENDAR_DAYS", "By calendar days"),
                    ("THIRTY_DAYS", "By days of a 30-day month"),
                    ("WHOLE", "The whole period"),
                ],
                db_default="SAME",
                default="SAME",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="end_proration",
            field=models.CharField(
                choices=[
                    ("SAME", "As at the start"),
                    ("CALENDAR_DAYS", "By calendar days"),
                    ("THIRTY_DAYS", "By days of a 30-day month"),
                    ("WHOLE", "The whole period"),
                    ("NO_REFUND", "What is paid in advance is not given back"),
                ],
                db_default="SAME",
                default="SAME",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="months",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="price",
            name="suspended_percent",
            field=models.PositiveSmallIntegerField(db_default=100, default=100),
        ),
        migrations.AddField(
            model_name="price",
            name="timing",
            field=models.CharField(
                choices=[("ARREARS", "When the period is over"), ("ADVANCE", "When the period begins")],
                db_default="ARREARS",
                default="ARREARS",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="feature",
            name="proration",
            field=models.CharField(
                choices=[
                    ("CALENDAR_DAYS", "By calendar days"),
                    ("THIRTY_DAYS", "By days of a 30-day month"),
                    ("WHOLE", "The whole period"),
                ],
                db_default="CALENDAR_DAYS",
                default="CALENDAR_DAYS",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="price",
            name="proration",
            field=models.CharField(
                choices=[
                    ("CALENDAR_DAYS", "By calendar days"),
                    ("THIRTY_DAYS", "By days of a 30-day month"),
                    ("WHOLE", "The whole period"),
                ],
                db_default="CALENDAR_DAYS",
                default="CALENDAR_DAYS",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="feature",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__in", (1, 2, 3, 6, 12))), name="tariffs_feature_length_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="feature",
            constraint=models.CheckConstraint(
                condition=models.Q(("suspended_percent__lte", 100)), name="tariffs_feature_suspended_at_most_whole"
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__in", (1, 2, 3, 6, 12))), name="tariffs_price_length_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("suspended_percent__lte", 100)), name="tariffs_price_suspended_at_most_whole"
            ),
        ),
    ]
