"""Make registers append-only."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Make registers append-only."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("reconciliation", "0001_initial"), ("ledger", "0002_guards")]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("reconciliation", "0002_guards")]
