"""Credit notes go out on the ways of their account, and subscribers say whether an explanation was helpful."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Credit notes go out on the ways of their account, and subscribers say whether an explanation was helpful."""

    dependencies = [("invoicing", "0013_held_usage")]

    operations = [
        migrations.CreateModel(
            name="BillOpinion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                ("invoice_id", models.BigIntegerField()),
                ("is_helpful", models.BooleanField()),
                ("said_at", models.DateTimeField()),
                (
                    "dispute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="invoicing.dispute",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="billopinion",
            constraint=models.UniqueConstraint(
                fields=("invoice_id", "dispute"), name="invoicing_billopinion_once", nulls_distinct=False
            ),
        ),
        migrations.AddField(
            model_name="billdelivery",
            name="credit_note_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.RemoveConstraint(model_name="billdelivery", name="invoicing_billdelivery_once"),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.UniqueConstraint(
                condition=~Q(state="RESENT") & Q(credit_note_id__isnull=True),
                fields=("invoice_id", "channel"),
                name="invoicing_billdelivery_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.UniqueConstraint(
                condition=~Q(state="RESENT") & Q(credit_note_id__isnull=False),
                fields=("credit_note_id", "channel"),
                name="invoicing_billdelivery_note_once",
            ),
        ),
    ]
