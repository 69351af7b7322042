"""Say of each special day who says so, and follow its changes."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Say of each special day who says so, and follow its changes."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("tariffs", "0003_charge_models"), ("audit", "0002_guards")]
    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="specialday",
            name="origin",
            field=models.CharField(
                choices=[
                    ("LIBRARY", "Public calendar"),
                    ("FILE", "Announced, from a file"),
                    ("HAND", "Marked by hand"),
                ],
                default="HAND",
                max_length=16,
            ),
        ),
        run_sql_file("tariffs", "0006_calendar"),
    ]
