"""Let number series count up only, and keep stored files as they came."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Let number series count up only, and keep stored files as they came."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("documents", "0001_initial"), ("ledger", "0002_guards")]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("billing_site.documents", "0002_guards")]
