import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_guards"),
        ("identity", "0001_initial"),
        ("reconciliation", "0003_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SupplyItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("names", models.JSONField(default=dict)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SIM", "SIM card"),
                            ("PHONE", "Telephone"),
                            ("VOUCHER", "Voucher"),
                            ("SERVICE", "Service"),
                        ],
                        max_length=16,
                    ),
                ),
                ("has_numbers", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "SERVICE"), _negated=True), ("has_numbers", False), _connector="OR"
                        ),
                        name="reconciliation_supplyitem_service_has_none",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SupplySheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("row_count", models.IntegerField()),
                ("loaded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "content",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.storedfile"
                    ),
                ),
                (
                    "loaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SupplyPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("price_minor", models.BigIntegerField()),
                ("valid_from", models.DateField()),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prices",
                        to="reconciliation.supplyitem",
                    ),
                ),
                (
                    "set_by",
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
                    models.UniqueConstraint(
                        fields=("item", "valid_from"), name="reconciliation_supplyprice_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_minor__gte", 0)), name="reconciliation_supplyprice_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupplyMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.IntegerField()),
                ("moved_on", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ISSUED", "Issued to the centre"),
                            ("SOLD", "Sold"),
                            ("RETURNED", "Returned"),
                            ("WRITTEN_OFF", "Written off"),
                            ("COUNTED", "Counted in stock"),
                        ],
                        max_length=16,
                    ),
                ),
                ("first_number", models.CharField(blank=True, max_length=20)),
                ("last_number", models.CharField(blank=True, max_length=20)),
                ("quantity", models.IntegerField()),
                ("price_minor", models.BigIntegerField(null=True)),
                ("receipt", models.CharField(blank=True, max_length=60)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.servicecentre"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reconciliation.supplyitem"
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="reconciliation.supplysheet",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["centre", "item", "moved_on"], name="reconciliation_move_centre"),
                    models.Index(
                        condition=models.Q(("kind", "SOLD")), fields=["moved_on"], name="reconciliation_move_sale"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("sheet", "row"), name="reconciliation_supplymove_once_a_row"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gt", 0), models.Q(("kind", "COUNTED"), ("quantity", 0)), _connector="OR"
                        ),
                        name="reconciliation_supplymove_quantity_sound",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_number", ""), ("last_number", "")),
                            models.Q(
                                ("first_number__regex", "^[0-9]{1,20}$"),
                                ("last_number__gte", models.F("first_number")),
                                ("last_number__regex", "^[0-9]{1,20}$"),
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Length("last_number"),
                                    django.db.models.functions.text.Length("first_number"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="reconciliation_supplymove_numbers_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "SOLD"), ("price_minor__gte", 0), ("price_minor__isnull", False)),
                            models.Q(
                                models.Q(("kind", "SOLD"), _negated=True),
                                ("price_minor__isnull", True),
                                ("receipt", ""),
                            ),
                            _connector="OR",
                        ),
                        name="reconciliation_supplymove_sale_has_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "WRITTEN_OFF"), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="reconciliation_supplymove_loss_says_why",
                    ),
                ],
            },
        ),
        run_sql_file("reconciliation", "0004_supply"),
    ]
