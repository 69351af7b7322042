"""Runs for everybody, pilots, catching up and final bills; bounds of bills; previews."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0005_charges"),
        ("jobs", "0001_initial"),
        ("subscribers", "0006_key_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BillBound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "category",
                    models.CharField(
                        choices=[("HOME", "Home"), ("BUSINESS", "Business"), ("STATE", "State body")],
                        max_length=16,
                        unique=True,
                    ),
                ),
                ("parks_zero", models.BooleanField(default=False)),
                ("parks_negative", models.BooleanField(default=True)),
                ("times", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("floor_minor", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="BillRunAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
        ),
        migrations.CreateModel(
            name="BillRunPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("rule", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("CALCULATING", "Calculating"), ("DONE", "Done")], default="CALCULATING", max_length=16
                    ),
                ),
                ("frozen", models.JSONField(default=dict)),
                ("reference", models.JSONField(default=dict)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="BillRunPreviewChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveIntegerField()),
                ("first_account_id", models.BigIntegerField()),
                ("last_account_id", models.BigIntegerField()),
                ("account_ids", models.JSONField(null=True)),
                ("figures", models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="FinalBill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invoice_id", models.BigIntegerField(blank=True, null=True)),
                ("ended_on", models.DateField()),
                ("open_from", models.DateField()),
                ("waiting", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="billrun",
            name="invoicing_billrun_once_a_period",
        ),
        migrations.RemoveConstraint(
            model_name="billrun",
            name="invoicing_billrun_second_person",
        ),
        migrations.RemoveConstraint(
            model_name="billrun",
            name="invoicing_billrun_posted_adds_up",
        ),
        migrations.RemoveConstraint(
            model_name="billrunchunk",
            name="invoicing_billrunchunk_posted_adds_up",
        ),
        migrations.AddField(
            model_name="billrun",
            name="checked",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="billrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("FULL", "Everybody"),
                    ("PILOT", "Pilot"),
                    ("CATCH_UP", "Catching up"),
                    ("FINAL", "Final bill"),
                ],
                db_default="FULL",
                default="FULL",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="billrun",
            name="rule",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="billrun",
            name="undo_asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="billrun",
            name="undo_reason",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="billrun",
            name="undone_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="billrun",
            name="undone_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="parkedaccount",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="parkedaccount",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="parkedaccount",
            name="decision",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parkedaccount",
            name="gross_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="parkedaccount",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Open"),
                    ("ACCEPTED", "Billed as it is"),
                    ("MENDED", "Billed after mending"),
                    ("NOTHING", "Nothing to bill"),
                ],
                db_default="",
                default="",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="parkedaccount",
            name="usual_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="billrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("PLANNED", "Planned"),
                    ("CALCULATING", "Calculating"),
                    ("CALCULATED", "To be reviewed"),
                    ("POSTING", "Posting"),
                    ("POSTED", "Posted"),
                    ("DELIVERING", "Delivering"),
                    ("DELIVERED", "Delivered"),
                    ("CANCELLED", "Cancelled"),
                    ("UNDOING", "Being taken back"),
                    ("UNDONE", "Taken back"),
                ],
                default="PLANNED",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="billrunchunk",
            name="state",
            field=models.CharField(
                choices=[
                    ("TODO", "To do"),
                    ("CALCULATED", "Calculated"),
                    ("POSTED", "Posted"),
                    ("UNDONE", "Taken back"),
                ],
                default="TODO",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="billrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "FULL"), models.Q(("state__in", ["CANCELLED", "UNDONE"]), _negated=True)),
                fields=("cycle", "period_from"),
                name="invoicing_billrun_once_a_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="billrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("posted_by__isnull", True),
                    models.Q(("posted_by", models.F("started_by")), _negated=True),
                    ("kind", "FINAL"),
                    _connector="OR",
                ),
                name="invoicing_billrun_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="billrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("state__in", ["UNDOING", "UNDONE"]), _negated=True), ("undone_by__isnull", True)
                    ),
                    models.Q(
                        ("state__in", ["UNDOING", "UNDONE"]),
                        ("undo_asked_by__isnull", False),
                        ("undone_by__isnull", False),
                        models.Q(("undone_by", models.F("undo_asked_by")), _negated=True),
                        models.Q(("undo_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="invoicing_billrun_undone_by_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="billrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["POSTED", "DELIVERING", "DELIVERED", "UNDOING", "UNDONE"]), _negated=True),
                    models.Q(
                        ("posted_count", models.F("billed_count")), ("posted_gross_minor", models.F("gross_minor"))
                    ),
                    _connector="OR",
                ),
                name="invoicing_billrun_posted_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="billrunchunk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["POSTED", "UNDONE"]), _negated=True),
                    models.Q(
                        ("posted_count", models.F("billed_count")), ("posted_gross_minor", models.F("gross_minor"))
                    ),
                    _connector="OR",
                ),
                name="invoicing_billrunchunk_posted_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="parkedaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by__isnull", True), ("outcome", "")),
                    models.Q(
                        models.Q(("outcome", ""), _negated=True),
                        ("decided_by__isnull", False),
                        models.Q(("decision", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="invoicing_parkedaccount_decided_by_somebody",
            ),
        ),
        migrations.AddField(
            model_name="billbound",
            name="changed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="billrunaccount",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
            ),
        ),
        migrations.AddField(
            model_name="billrunaccount",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="invoicing.billrun"
            ),
        ),
        migrations.AddField(
            model_name="billrunpreview",
            name="cycle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.billcycle"
            ),
        ),
        migrations.AddField(
            model_name="billrunpreview",
            name="job",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.job"
            ),
        ),
        migrations.AddField(
            model_name="billrunpreview",
            name="started_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="billrunpreviewchunk",
            name="preview",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="chunks", to="invoicing.billrunpreview"
            ),
        ),
        migrations.AddField(
            model_name="finalbill",
            name="account",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
            ),
        ),
        migrations.AddField(
            model_name="finalbill",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="finalbill",
            name="run",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.billrun"
            ),
        ),
        migrations.AddConstraint(
            model_name="billbound",
            constraint=models.CheckConstraint(
                condition=models.Q(("times__isnull", True), ("times__gt", 1), _connector="OR"),
                name="invoicing_billbound_times_more_than_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="billbound",
            constraint=models.CheckConstraint(
                condition=models.Q(("floor_minor__gte", 0)), name="invoicing_billbound_floor_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="billrunaccount",
            constraint=models.UniqueConstraint(fields=("run", "account"), name="invoicing_billrunaccount_once"),
        ),
        migrations.AddConstraint(
            model_name="billrunpreviewchunk",
            constraint=models.UniqueConstraint(fields=("preview", "n"), name="invoicing_previewchunk_number_once"),
        ),
        run_sql_file("invoicing", "0007_runs"),
    ]
