"""What operations refuse of categories and rates of tax is refused by the database too."""

from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """What operations refuse of categories and rates of tax is refused by the database too."""

    dependencies = [("tariffs", "0009_keeps_line"), ("ledger", "0005_expenses")]

    operations = [
        migrations.AddConstraint(
            "taxrate",
            models.CheckConstraint(name="tariffs_taxrate_at_most_all", condition=models.Q(percent__lte=100)),
        ),
        migrations.AddConstraint(
            "taxcategory",
            models.CheckConstraint(
                name="tariffs_taxcategory_treatment_is_known",
                condition=models.Q(treatment__in=["S", "Z", "E", "AE", "K", "G", "O"]),
            ),
        ),
        run_sql_file("tariffs", "0010_taxes"),
    ]
