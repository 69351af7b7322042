"""Lines between a payer and who is paid for, of minimum commitments, and of prices that include tax."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0005_charges"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoiceline",
            name="includes_tax",
            field=models.BooleanField(db_default=False, default=False),
        ),
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
                    ("COMMITMENT", "What is missing to the minimum"),
                    ("LEAVING_FEE", "Fee for leaving early"),
                    ("BONUS", "Bonus of a contract"),
                    ("TAKEN_OVER", "Paid by another account"),
                    ("TAKEN_ON", "Paid for another account"),
                    ("ROUNDING", "Rounding"),
                ],
                max_length=16,
            ),
        ),
    ]
