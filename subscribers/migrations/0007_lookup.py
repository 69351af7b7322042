"""Keep the calendar of billed periods as it was when they were billed."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Keep the calendar of billed periods as it was when they were billed."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("subscribers", "0003_relations"), ("tariffs", "0006_calendar")]
    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("subscribers", "0007_lookup")]
