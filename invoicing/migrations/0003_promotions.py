"""Lines of promotions and contracts, and what of contracts was billed."""

import django.db.models.deletion
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Lines of promotions and contracts, and what of contracts was billed."""

    dependencies = [
        ("invoicing", "0002_guards"),
        ("subscribers", "0005_contracts"),
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
                    ("DISCOUNT", "Discount"),
                    ("PROMOTION", "Promotion"),
                    ("LEAVING_FEE", "Fee for leaving early"),
                    ("BONUS", "Bonus of a contract"),
                    ("ROUNDING", "Rounding"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="ContractBilling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("BONUS", "Bonus of a contract"), ("LEAVING_FEE", "Fee for leaving early")],
                        max_length=16,
                    ),
                ),
                ("invoice_id", models.BigIntegerField()),
                ("n", models.SmallIntegerField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.contract"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["invoice_id"], name="invoicing_contractbill_invoice")],
                "constraints": [
                    models.UniqueConstraint(fields=("contract", "kind"), name="invoicing_contractbilling_once")
                ],
            },
        ),
        run_sql_file("invoicing", "0003_promotions"),
    ]
