"""The words of the causes of differing books to begin with."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Say class as the pages do, where the cause still says what it said at first."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("reconciliation", "0008_transfer_answers")]

    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("reconciliation", "0009_cause_words")]
