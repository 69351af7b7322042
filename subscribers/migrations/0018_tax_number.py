"""The number of a company in the tax register: it is public, and stands on its bills."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The number of a company in the tax register: it is public, and stands on its bills."""

    dependencies = [("subscribers", "0017_suspensions")]

    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="tax_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=24),
        ),
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.CheckConstraint(
                condition=models.Q(("tax_id", ""), ("kind", "COMPANY"), _connector="OR"),
                name="subscribers_subscriber_tax_number_of_a_company",
            ),
        ),
    ]
