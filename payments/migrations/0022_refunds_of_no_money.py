"""Later money of an account stands for what a refund gave back of a payment that was taken back."""

from django.db import migrations

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """A payment may stand for a refund twice: as agreed, and for another one that did not stand."""

    dependencies = [("payments", "0021_recoveries_of_credits")]

    operations = [
        migrations.RemoveConstraint(model_name="refundpart", name="payments_refundpart_once"),
        run_sql_file("payments", "0022_refunds_of_no_money"),
    ]
