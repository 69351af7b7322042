"""A debt written off is lost no more, too, as far as a credit note took its bill back."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0019_called_back"), ("payments", "0020_left_tally")]

    operations = [
        migrations.AlterField(
            model_name="baddebtrecovery",
            name="payment",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.payment"
            ),
        ),
        migrations.AddField(
            model_name="baddebtrecovery",
            name="credit_note",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.creditnote"
            ),
        ),
        migrations.AddConstraint(
            model_name="baddebtrecovery",
            constraint=models.CheckConstraint(
                condition=Q(("credit_note__isnull", True), ("payment__isnull", False))
                | Q(("amount_minor__gt", 0), ("credit_note__isnull", False), ("payment__isnull", True)),
                name="payments_baddebtrecovery_comes_from_one",
            ),
        ),
    ]
