"""The last report of a session without an end may go into the quarantine."""

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Which lines set aside may change."""

    dependencies = [("rating", "0010_usage_day_checks")]

    operations = [run_sql_file("rating", "0011_open_sessions")]
