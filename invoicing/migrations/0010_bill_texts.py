"""The operator's own words on bills, and archives of electronic bills."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """The operator's own words on bills, and archives of electronic bills."""

    dependencies = [
        ("documents", "0002_guards"),
        ("invoicing", "0009_credit_notes"),
        ("subscribers", "0011_bill_settings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BillText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("HEADER", "Under the operator's name"),
                            ("NOTICE", "Notice"),
                            ("HOW_TO_PAY", "How to pay"),
                            ("FOOTER", "At the end"),
                            ("MAIL", "Opening of the e-mail"),
                        ],
                        max_length=16,
                    ),
                ),
                ("texts", models.JSONField(default=dict)),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[("HOME", "Home"), ("BUSINESS", "Business"), ("STATE", "State body")],
                        max_length=16,
                    ),
                ),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("PUBLISHED", "Published")], default="DRAFT", max_length=16
                    ),
                ),
                ("published_n", models.PositiveIntegerField(blank=True, null=True, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "cycle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscribers.billcycle",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_by__isnull", True), ("published_n__isnull", True), ("state", "DRAFT")),
                            models.Q(
                                ("published_by__isnull", False), ("published_n__isnull", False), ("state", "PUBLISHED")
                            ),
                            _connector="OR",
                        ),
                        name="invoicing_billtext_published_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_by__isnull", True),
                            models.Q(("published_by", models.F("created_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="invoicing_billtext_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on__isnull", True), ("until_on__gt", models.F("from_on")), _connector="OR"
                        ),
                        name="invoicing_billtext_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UblArchive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveIntegerField()),
                ("document_count", models.IntegerField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.storedfile"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.billrun"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "n"), name="invoicing_ublarchive_once")],
            },
        ),
        run_sql_file("invoicing", "0010_bill_texts"),
    ]
