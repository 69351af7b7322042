"""The operator's own expenses have accounts of their own kind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_deposits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ledgeraccount",
            name="kind",
            field=models.CharField(
                choices=[
                    ("SUBSCRIBER", "Receivable of a billing account"),
                    ("REVENUE", "Revenue of a bill item and kind of service"),
                    ("TAX", "Tax owed"),
                    ("ROUNDING", "Rounding"),
                    ("CLEARING", "Money on its way: till, terminal network, bank"),
                    ("SUSPENSE", "Money whose owner is not known yet"),
                    ("BAD_DEBT", "Debts written off"),
                    ("DEPOSIT", "Deposits held for subscribers"),
                    ("EXPENSE", "Expenses, such as charges of banks"),
                ],
                max_length=16,
            ),
        ),
    ]
