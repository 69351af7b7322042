"""Make the partitioned table of rated records and its wall."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Make the partitioned table of rated records and its wall."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("rating", "0001_initial"), ("ledger", "0002_guards")]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("rating", "0002_rated_usage")]
