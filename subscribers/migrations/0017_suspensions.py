"""Suspended lines are counted day by day, like lines."""

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0016_daily_counts")]

    operations = [run_sql_file("subscribers", "0017_suspensions")]
