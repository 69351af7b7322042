"""Notices go by letter and by telephone, too, and are withdrawn when what they are about has ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0008_cycles")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="channel",
            field=models.CharField(
                choices=[
                    ("EMAIL", "E-mail"),
                    ("PRINT", "Letter"),
                    ("CALL", "Telephone call"),
                    ("TELL", "To be told"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="state",
            field=models.CharField(
                choices=[
                    ("WAITING", "Waiting"),
                    ("SENT", "Sent"),
                    ("FAILED", "Failed"),
                    ("TOLD", "Told"),
                    ("WITHDRAWN", "Withdrawn"),
                ],
                default="WAITING",
                max_length=16,
            ),
        ),
    ]
