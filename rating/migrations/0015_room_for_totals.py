"""Totals and allowances find room on their own page when a later night changes them; a first revision says itself."""

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """How full pages are made, and what need not be copied."""

    dependencies = [("rating", "0014_days")]

    operations = [run_sql_file("rating", "0015_room_for_totals")]
