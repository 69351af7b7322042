"""What was taken back leaves its print file or is called back, and letters on paper go in batches of their own."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

STATES = [
    ("WAITING", "Waiting"),
    ("SENDING", "Being sent"),
    ("SENT", "Sent"),
    ("VIEWED", "Seen by the subscriber"),
    ("PRINTED", "Printed"),
    ("BOUNCED", "Came back"),
    ("FAILED", "Failed"),
    ("RESENT", "Sent again"),
    ("WITHDRAWN", "Withdrawn"),
    ("RECALLED", "To be called back"),
]
BATCH_STATES = [
    ("PLANNED", "Planned"),
    ("MAKING", "Being made"),
    ("MADE", "Made"),
    ("HANDED_OVER", "Handed over"),
    ("WITHDRAWN", "Withdrawn"),
]


def changed(model: str, name: str, condition: Q) -> list[migrations.operations.base.Operation]:
    """Return what puts another condition in the place of a check."""
    return [
        migrations.RemoveConstraint(model_name=model, name=name),
        migrations.AddConstraint(model_name=model, constraint=models.CheckConstraint(condition=condition, name=name)),
    ]


class Migration(migrations.Migration):
    """What was taken back leaves its print file or is called back; letters on paper go in batches of their own."""

    dependencies = [("invoicing", "0016_carried_charges")]

    operations = [
        migrations.AddField(
            model_name="printbatch",
            name="version",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="printbatch",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="invoicing.billrun",
            ),
        ),
        migrations.AlterField(
            model_name="printbatch",
            name="state",
            field=models.CharField(choices=BATCH_STATES, default="PLANNED", max_length=16),
        ),
        migrations.RemoveConstraint(model_name="printbatch", name="invoicing_printbatch_number_once"),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.UniqueConstraint(
                fields=("run", "n"), name="invoicing_printbatch_number_once", nulls_distinct=False
            ),
        ),
        *changed(
            "printbatch",
            "invoicing_printbatch_made_has_file",
            Q(state__in=["PLANNED", "MAKING", "WITHDRAWN"])
            | Q(
                content__isnull=False,
                manifest__isnull=False,
                made_at__isnull=False,
                page_count=F("sheet_count") * 2,
            ),
        ),
        migrations.AddField(
            model_name="billdelivery", name="notice_id", field=models.BigIntegerField(blank=True, null=True)
        ),
        migrations.AddField(model_name="billdelivery", name="frozen", field=models.JSONField(blank=True, null=True)),
        migrations.AlterField(
            model_name="billdelivery", name="invoice_id", field=models.BigIntegerField(blank=True, null=True)
        ),
        migrations.AlterField(
            model_name="billdelivery", name="run_id", field=models.BigIntegerField(blank=True, null=True)
        ),
        migrations.AlterField(
            model_name="billdelivery",
            name="state",
            field=models.CharField(choices=STATES, default="WAITING", max_length=16),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.UniqueConstraint(
                condition=~Q(state__in=["RESENT", "WITHDRAWN"]) & Q(notice_id__isnull=False),
                fields=("notice_id",),
                name="invoicing_billdelivery_letter_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="billdelivery",
            constraint=models.CheckConstraint(
                condition=Q(invoice_id__isnull=False, run_id__isnull=False, notice_id__isnull=True)
                | Q(
                    invoice_id__isnull=True,
                    run_id__isnull=True,
                    credit_note_id__isnull=True,
                    notice_id__isnull=False,
                    frozen__isnull=False,
                    channel="PRINT",
                ),
                name="invoicing_billdelivery_of_bill_or_letter",
            ),
        ),
        *changed(
            "billdelivery",
            "invoicing_billdelivery_sent_has_time",
            ~Q(state__in=["SENT", "PRINTED", "VIEWED", "RECALLED"]) | Q(sent_at__isnull=False),
        ),
        *changed(
            "billdelivery",
            "invoicing_billdelivery_printed_in_batch",
            ~Q(state__in=["PRINTED", "RECALLED"]) | Q(channel="PRINT", batch__isnull=False),
        ),
    ]
