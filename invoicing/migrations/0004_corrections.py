"""Lines that correct usage of a period that was billed before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0003_promotions"),
    ]

    operations = [
        migrations.AlterField(
            model_name="invoiceline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("RECURRING", "Recurring"),
                    ("ONE_OFF", "Once"),
                    ("USAGE", "Usage"),
                    ("CORRECTION", "Correction of usage"),
                    ("DISCOUNT", "Discount"),
                    ("PROMOTION", "Promotion"),
                    ("LEAVING_FEE", "Fee for leaving early"),
                    ("BONUS", "Bonus of a contract"),
                    ("ROUNDING", "Rounding"),
                ],
                max_length=16,
            ),
        ),
    ]
