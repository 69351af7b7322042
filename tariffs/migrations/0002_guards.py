"""Keep published versions as they are."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Keep published versions as they are."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("tariffs", "0001_initial"),
        ("audit", "0002_guards"),
        ("ledger", "0002_guards"),
    ]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("tariffs", "0002_guards")]
