"""Keep the record of migrations the owner's."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Keep the record of migrations the owner's."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("db", "0001_initial")]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("billing_site.db", "0002_guards")]
