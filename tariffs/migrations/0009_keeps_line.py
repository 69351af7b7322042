"""Bill items whose charges are not essential for keeping the line."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Bill items whose charges are not essential for keeping the line."""

    dependencies = [("tariffs", "0008_taxes")]

    operations = [
        migrations.AddField(
            model_name="billitem",
            name="keeps_line",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
