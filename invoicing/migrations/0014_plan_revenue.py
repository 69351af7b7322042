"""What each plan brought in, by month."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """What each plan brought in, by month."""

    dependencies = [("invoicing", "0013_held_usage")]

    operations = [
        migrations.CreateModel(
            name="PlanRevenue",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "month", "plan_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("month", models.DateField()),
                ("plan_id", models.IntegerField()),
                ("net_minor", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="invoicing_planrevenue_first_day"
                    )
                ],
            },
        ),
    ]
