"""Put the wall around the books."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Put the wall around the books."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("ledger", "0001_initial")]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("billing_site.ledger", "0002_guards")]
