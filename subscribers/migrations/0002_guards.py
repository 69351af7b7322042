"""Keep number ranges apart and follow changes of people and lines."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Keep number ranges apart and follow changes of people and lines."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("subscribers", "0001_initial"), ("audit", "0002_guards")]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("subscribers", "0002_guards")]
