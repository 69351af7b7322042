"""The summary of the books by month."""

from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("payments", "0015_sealed")]

    operations = [
        migrations.CreateModel(
            name="BooksMonth",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "month",
                        "centre_id",
                        "ledger_account_id",
                        "document",
                        "is_reversal",
                        "currency",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", models.DateField()),
                ("centre_id", models.BigIntegerField()),
                ("ledger_account_id", models.BigIntegerField()),
                ("document", models.CharField(max_length=32)),
                ("is_reversal", models.BooleanField()),
                ("currency", models.CharField(max_length=3)),
                ("entry_count", models.BigIntegerField()),
                ("debit_minor", models.BigIntegerField()),
                ("credit_minor", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="payments_booksmonth_is_its_first_day"
                    )
                ],
            },
        ),
        run_sql_file("payments", "0016_books_months"),
    ]
