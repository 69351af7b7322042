"""Subscribers take disputes back themselves; why accounts are set aside is kept as a sentence to be translated."""

from django.db import migrations, models
from django.db.models import Q

NAME = "invoicing_dispute_answered_by_somebody"


class Migration(migrations.Migration):
    """A dispute that its subscriber withdrew has no clerk, and needs no words; a sentence has its values beside it."""

    dependencies = [("invoicing", "0019_called_back")]

    operations = [
        migrations.AddField(
            model_name="parkedaccount",
            name="told",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddIndex(
            model_name="billdelivery",
            index=models.Index(
                condition=Q(channel="PRINT", state="WAITING", batch__isnull=True)
                & (Q(asked_by__isnull=False) | Q(credit_note_id__isnull=False)),
                fields=["run_id"],
                name="invoicing_billdelivery_loose",
            ),
        ),
        migrations.RemoveConstraint(model_name="dispute", name=NAME),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=Q(state="OPEN", answered_at__isnull=True, accepted_minor__isnull=True)
                | (
                    ~Q(state="OPEN")
                    & Q(answered_at__isnull=False, accepted_minor__isnull=False)
                    & (
                        (Q(answered_by__isnull=False) & ~Q(answer_text=""))
                        | Q(state="WITHDRAWN", answered_by__isnull=True)
                    )
                ),
                name=NAME,
            ),
        ),
    ]
