"""What was to be called back from the printing centre has come back."""

from django.db import migrations, models

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
    ("CALLED_BACK", "Called back"),
]


class Migration(migrations.Migration):
    """Another state of a delivery; the column stays as it is."""

    dependencies = [("invoicing", "0018_bills_of_nothing")]

    operations = [
        migrations.AlterField(
            model_name="billdelivery",
            name="state",
            field=models.CharField(choices=STATES, default="WAITING", max_length=16),
        ),
    ]
