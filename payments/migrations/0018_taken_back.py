"""A debt ends too where its bill is taken back."""

from django.db import migrations, models

ENDINGS = [
    ("PAID", "The debt is paid"),
    ("HELD_BACK", "The debt is held back"),
    ("WRITTEN_OFF", "The debt is written off"),
    ("TAKEN_BACK", "The bill was taken back"),
]


class Migration(migrations.Migration):
    """Another word for how a debt ends; the column stays as it is."""

    dependencies = [("payments", "0017_reallocation")]

    operations = [
        migrations.AlterField(
            model_name="dunningcase",
            name="ending",
            field=models.CharField(blank=True, choices=ENDINGS, max_length=16),
        ),
    ]
