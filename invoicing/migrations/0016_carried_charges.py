"""What others pay and have no bill for yet, and for whose bill an account that was set aside waits."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """What others pay and have no bill for yet, and for whose bill an account that was set aside waits."""

    dependencies = [
        ("invoicing", "0015_note_deliveries"),
        ("subscribers", "0017_suspensions"),
    ]

    operations = [
        migrations.CreateModel(
            name="CarriedCharge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invoice_id", models.BigIntegerField()),
                ("n", models.SmallIntegerField()),
                ("sign", models.SmallIntegerField(default=1)),
                ("carried_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "payer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["invoice_id", "n"], name="invoicing_carriedcharge_line")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sign__in", [-1, 1])), name="invoicing_carriedcharge_sign"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CarriedBilling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invoice_id", models.BigIntegerField()),
                ("n", models.SmallIntegerField()),
                (
                    "carried",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billing",
                        to="invoicing.carriedcharge",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["invoice_id"], name="invoicing_carriedbilling_bill")],
            },
        ),
        migrations.AddField(
            model_name="parkedaccount",
            name="waits_for",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subscribers.account",
            ),
        ),
        run_sql_file("invoicing", "0016_carried_charges"),
    ]
