"""Credit notes go out on ways, explanations are judged, and bills stand beside those of an old system."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Credit notes go out on ways, explanations are judged, and bills stand beside those of an old system."""

    dependencies = [("invoicing", "0014_plan_revenue")]

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
        migrations.CreateModel(
            name="OldBill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_number", models.CharField(max_length=20)),
                ("old_minor", models.BigIntegerField(null=True)),
                ("new_minor", models.BigIntegerField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.billrun"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="oldbill",
            constraint=models.UniqueConstraint(fields=("run", "account_number"), name="invoicing_oldbill_once"),
        ),
        migrations.AddConstraint(
            model_name="oldbill",
            constraint=models.CheckConstraint(
                condition=Q(old_minor__isnull=False) | Q(new_minor__isnull=False), name="invoicing_oldbill_of_something"
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
