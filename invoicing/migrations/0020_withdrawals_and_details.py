"""Subscribers take disputes back themselves; why accounts are set aside is kept as a sentence to be translated."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from billing_site.db.sql import run_sql_file

NAME = "invoicing_dispute_answered_by_somebody"


class Migration(migrations.Migration):
    """A dispute that its subscriber withdrew has no clerk, and needs no words; a sentence has its values beside it."""

    dependencies = [
        ("invoicing", "0019_called_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="parkedaccount",
            name="told",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.CreateModel(
            name="FreedSettlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("settled_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "credit_note",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.creditnote"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.billrun"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        run_sql_file("invoicing", "0020_withdrawals_and_details"),
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
