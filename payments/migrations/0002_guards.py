"""Make payments append-only."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Make payments append-only."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("payments", "0001_initial"),
        ("ledger", "0002_guards"),
        ("invoicing", "0002_guards"),
    ]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("payments", "0002_guards")]
