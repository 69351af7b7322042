"""The money of accounts that left is counted from time to time, not at each look at the start page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0019_debt_ages")]

    operations = [
        migrations.CreateModel(
            name="LeftTally",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("waiting_count", models.PositiveIntegerField()),
                ("counted_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(id=1), name="payments_lefttally_is_one")],
            },
        ),
    ]
