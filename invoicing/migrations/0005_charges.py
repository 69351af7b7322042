"""Days charged ahead of their bill, one-off charges, and the wall against charging a day twice."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_guards"),
        ("invoicing", "0004_corrections"),
        ("subscribers", "0008_cycles"),
        ("tariffs", "0007_fee_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChargedDays",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invoice_id", models.BigIntegerField()),
                ("subscription_id", models.BigIntegerField()),
                ("bill_item_id", models.IntegerField()),
                ("plan_version_id", models.IntegerField(null=True)),
                ("feature_id", models.IntegerField(null=True)),
                ("price_micro", models.BigIntegerField()),
                ("sign", models.SmallIntegerField()),
                ("start_on", models.DateField()),
                ("until_on", models.DateField()),
                ("period_from", models.DateField()),
                ("period_until", models.DateField()),
                ("days", models.BigIntegerField()),
                ("of_days", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subscription_id", "period_until"], name="invoicing_chargeddays_line"),
                    models.Index(fields=["invoice_id"], name="invoicing_chargeddays_invoice"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sign__in", [-1, 1])), name="invoicing_chargeddays_sign"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("of_days__gt", 0),
                            ("period_until__gte", models.F("until_on")),
                            ("start_on__gte", models.F("period_from")),
                            ("until_on__gt", models.F("start_on")),
                        ),
                        name="invoicing_chargeddays_in_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("plan_version_id__isnull", False), ("feature_id__isnull", False), _connector="OR"
                        ),
                        name="invoicing_chargeddays_of_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OneOffCharge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CONNECTION", "Connection"),
                            ("RELOCATION", "Relocation"),
                            ("VISIT", "Visit"),
                            ("EQUIPMENT", "Equipment"),
                            ("PENALTY", "Penalty"),
                            ("OTHER", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "Waiting for a second person"),
                            ("READY", "To be billed"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        default="READY",
                        max_length=16,
                    ),
                ),
                ("price_micro", models.BigIntegerField()),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("charged_on", models.DateField()),
                ("note", models.CharField(max_length=300)),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ready_at", models.DateTimeField(null=True)),
                ("withdrawn_for", models.CharField(blank=True, max_length=300)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "bill_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tariffs.billitem"
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscribers.subscription",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChargeBilling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invoice_id", models.BigIntegerField()),
                ("n", models.SmallIntegerField()),
                (
                    "charge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="billing", to="invoicing.oneoffcharge"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="oneoffcharge",
            index=models.Index(fields=["account", "charged_on"], name="invoicing_oneoffcharge_account"),
        ),
        migrations.AddConstraint(
            model_name="oneoffcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_micro__gt", 0), ("quantity__gte", 1)),
                name="invoicing_oneoffcharge_charges_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="oneoffcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(("approved_by", models.F("added_by")), _negated=True),
                    _connector="OR",
                ),
                name="invoicing_oneoffcharge_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="oneoffcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "WITHDRAWN"),
                    models.Q(("withdrawn_by__isnull", True), ("withdrawn_for", "")),
                    _connector="OR",
                ),
                name="invoicing_oneoffcharge_withdrawn_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="chargebilling",
            index=models.Index(fields=["invoice_id"], name="invoicing_chargebilling_bill"),
        ),
        run_sql_file("invoicing", "0005_charges"),
    ]
