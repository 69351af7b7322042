import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0007_revenue_transfer"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TransferAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(choices=[("TAKEN", "Taken into the books"), ("REFUSED", "Refused")], max_length=8),
                ),
                ("text", models.CharField(blank=True, db_default="", max_length=300)),
                ("answered_on", models.DateField()),
                ("noted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="reconciliation.revenuetransfer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verdict", "REFUSED"), _negated=True),
                            models.Q(("text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="reconciliation_transferanswer_refusal_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("verdict", "TAKEN")),
                        fields=("transfer",),
                        name="reconciliation_transferanswer_taken_once",
                    ),
                ],
            },
        ),
        run_sql_file("reconciliation", "0008_transfer_answers"),
    ]
