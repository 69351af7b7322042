"""Letters come back, and are read on the own pages."""

from django.db import migrations, models
from django.db.models import Q

CHANNELS = [
    ("EMAIL", "E-mail"),
    ("PRINT", "Letter"),
    ("PORTAL", "Own pages"),
    ("CALL", "Telephone call"),
    ("TELL", "To be told"),
]
STATES = [
    ("WAITING", "Waiting"),
    ("SENT", "Sent"),
    ("FAILED", "Failed"),
    ("BOUNCED", "Came back"),
    ("TOLD", "Told"),
    ("WITHDRAWN", "Withdrawn"),
]


class Migration(migrations.Migration):
    """Letters come back, and are read on the own pages."""

    dependencies = [("subscribers", "0018_tax_number")]

    operations = [
        migrations.AlterField(
            model_name="notice", name="channel", field=models.CharField(choices=CHANNELS, max_length=8)
        ),
        migrations.AlterField(
            model_name="notice",
            name="state",
            field=models.CharField(choices=STATES, default="WAITING", max_length=16),
        ),
        migrations.RemoveConstraint(model_name="notice", name="subscribers_notice_done_has_time"),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["WAITING", "FAILED", "BOUNCED"]) | Q(done_at__isnull=False),
                name="subscribers_notice_done_has_time",
            ),
        ),
    ]
