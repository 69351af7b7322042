import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("rating", "0008_rerating"),
        ("subscribers", "0006_key_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TryCounter",
            fields=[
                ("bucket", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="PortalLogin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("password", models.CharField(blank=True, max_length=128)),
                (
                    "state",
                    models.CharField(
                        choices=[("INVITED", "Invited"), ("ACTIVE", "Active"), ("LOCKED", "Locked")],
                        default="INVITED",
                        max_length=16,
                    ),
                ),
                (
                    "language",
                    models.CharField(
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
                ("lock_reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("activated_at", models.DateTimeField(blank=True, null=True)),
                (
                    "subscriber",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.subscriber"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PortalCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("ACTIVATION", "First sign-in"),
                            ("SIGN_IN", "Sign-in"),
                            ("RESET", "New password"),
                            ("EMAIL", "New e-mail address"),
                        ],
                        max_length=16,
                    ),
                ),
                ("code_hash", models.CharField(max_length=64)),
                ("sent_to", models.EmailField(blank=True, max_length=254)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries_left", models.PositiveSmallIntegerField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "login",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="codes", to="portal.portallogin"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PortalCallList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rating.calllistorder"
                    ),
                ),
                (
                    "login",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.portallogin"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoDebtCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=32, unique=True)),
                ("issued_at", models.DateTimeField()),
                ("issued_on", models.DateField()),
                (
                    "language",
                    models.CharField(
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
                ("name", models.CharField(max_length=200)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("balance_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
                    ),
                ),
                (
                    "login",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.portallogin"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PortalSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("address", models.GenericIPAddressField(blank=True, null=True)),
                ("agent", models.CharField(blank=True, max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "login",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sessions", to="portal.portallogin"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="portallogin",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="portal_portallogin_email_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="portallogin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ACTIVE"), _negated=True),
                    models.Q(models.Q(("password", ""), _negated=True), ("activated_at__isnull", False)),
                    _connector="OR",
                ),
                name="portal_portallogin_active_has_password",
            ),
        ),
        migrations.AddConstraint(
            model_name="portallogin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "LOCKED"), _negated=True),
                    models.Q(("lock_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="portal_portallogin_locked_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="portalcode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("used_at__isnull", True)),
                fields=("login", "purpose"),
                name="portal_portalcode_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="portalcode",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))), name="portal_portalcode_in_order"
            ),
        ),
        migrations.AddIndex(
            model_name="portalcalllist",
            index=models.Index(fields=["login", "-id"], name="portal_calllist_login"),
        ),
        migrations.AddIndex(
            model_name="nodebtcertificate",
            index=models.Index(fields=["account", "-id"], name="portal_certificate_account"),
        ),
        migrations.AddConstraint(
            model_name="nodebtcertificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance_minor__lte", 0)), name="portal_nodebtcertificate_owes_nothing"
            ),
        ),
        migrations.AddIndex(
            model_name="portalsession",
            index=models.Index(fields=["login", "-id"], name="portal_session_login"),
        ),
        migrations.AddConstraint(
            model_name="portalsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("seen_at__gte", models.F("opened_at")), ("ends_at__gt", models.F("opened_at"))),
                name="portal_portalsession_in_order",
            ),
        ),
        run_sql_file("billing_site.portal", "0001_initial"),
    ]
