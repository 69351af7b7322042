"""The limits of a whole run are found by a plan of their own, however often a connection has asked before."""

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """How limits are looked up."""

    dependencies = [("rating", "0011_open_sessions")]

    operations = [run_sql_file("rating", "0012_limits_plan")]
