"""How an account's bills go out, and where the postman finds it."""

import django.db.models.deletion
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """How an account's bills go out, and where the postman finds it."""

    dependencies = [
        ("subscribers", "0010_groups"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="post_code",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="account",
            name="route",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.CreateModel(
            name="DeliveryChannel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("E_MAIL", "E-mail"), ("PORTAL", "Own pages"), ("PRINT", "Paper")], max_length=16
                    ),
                ),
                ("address", models.EmailField(blank=True, max_length=254)),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("hy", "Armenian"),
                            ("ru", "Russian"),
                            ("zh-hans", "Chinese"),
                            ("ar", "Arabic"),
                            ("en", "English"),
                        ],
                        max_length=8,
                    ),
                ),
                ("bounced_at", models.DateTimeField(blank=True, null=True)),
                ("bounced_address", models.EmailField(blank=True, max_length=254)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delivery_channels",
                        to="subscribers.account",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("account", "kind"), name="subscribers_deliverychannel_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "E_MAIL"), models.Q(("address", ""), ("bounced_at__isnull", True)), _connector="OR"
                        ),
                        name="subscribers_deliverychannel_only_mail_has_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bounced_at__isnull", True),
                            models.Q(("bounced_address", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="subscribers_deliverychannel_bounced_has_address",
                    ),
                ],
            },
        ),
        run_sql_file("subscribers", "0012_delivery"),
    ]
