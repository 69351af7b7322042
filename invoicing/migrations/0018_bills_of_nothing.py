from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0017_recalls"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("gross_minor", 0), ("number__isnull", False)),
                fields=["issued_on"],
                name="invoicing_invoice_of_nothing",
            ),
        ),
    ]
