"""Keep posted invoices as they are."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Keep posted invoices as they are."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("invoicing", "0001_initial"),
        ("ledger", "0002_guards"),
        ("subscribers", "0002_guards"),
    ]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("invoicing", "0002_guards")]
