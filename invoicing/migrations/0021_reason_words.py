"""The words of the reasons for credit notes to begin with."""

from typing import ClassVar

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Say plan, dispute and bill run as the pages do, where the reason still says what it said at first."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("invoicing", "0020_withdrawals_and_details")]

    operations: ClassVar[list[migrations.RunSQL]] = [run_sql_file("invoicing", "0021_reason_words")]
