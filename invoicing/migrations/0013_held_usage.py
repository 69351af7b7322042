"""What is decided about usage held after a final bill; disputes that are withdrawn."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """What is decided about usage held after a final bill; disputes that are withdrawn."""

    dependencies = [
        ("invoicing", "0012_periods"),
        ("subscribers", "0011_bill_settings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HeldUsageDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("BILL", "Extra bill"), ("WRITE_OFF", "Write-off")], max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "Waiting for a second person"),
                            ("DONE", "Done"),
                            ("DECLINED", "Declined"),
                        ],
                        default="PROPOSED",
                        max_length=16,
                    ),
                ),
                ("held_from", models.DateField()),
                ("held_until", models.DateField()),
                ("record_count", models.BigIntegerField()),
                ("duration_seconds", models.BigIntegerField()),
                ("amount_micro", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("invoice_id", models.BigIntegerField(null=True)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscribers.account"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="invoicing.billrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "WRITE_OFF"), ("state", "DONE"), _negated=True),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="invoicing_helddecision_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "PROPOSED")),
                            models.Q(
                                models.Q(("state", "PROPOSED"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="invoicing_helddecision_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("invoice_id__isnull", False),
                                ("kind", "BILL"),
                                ("run__isnull", False),
                                ("state", "DONE"),
                            ),
                            models.Q(
                                ("invoice_id__isnull", True),
                                ("kind", "WRITE_OFF"),
                                ("run__isnull", True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="invoicing_helddecision_bill_or_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("held_until__gt", models.F("held_from")), ("record_count__gt", 0)),
                        name="invoicing_helddecision_of_something",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "PROPOSED")),
                        fields=("account",),
                        name="invoicing_helddecision_one_waits",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("kind", "WRITE_OFF"), ("state", "DONE")),
                        expressions=[
                            ("account", "="),
                            (
                                models.Func(
                                    models.F("held_from"),
                                    models.F("held_until"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="invoicing_helddecision_written_off_once",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="dispute", name="invoicing_dispute_answer_adds_up"),
        migrations.AlterField(
            model_name="dispute",
            name="state",
            field=models.CharField(
                choices=[
                    ("OPEN", "Open"),
                    ("ACCEPTED", "Accepted"),
                    ("PARTLY", "Accepted in part"),
                    ("REFUSED", "Refused"),
                    ("WITHDRAWN", "Withdrawn"),
                ],
                default="OPEN",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "OPEN"),
                    models.Q(("accepted_minor", models.F("disputed_minor")), ("state", "ACCEPTED")),
                    models.Q(
                        ("accepted_minor__gt", 0),
                        ("accepted_minor__lt", models.F("disputed_minor")),
                        ("new_due_on__isnull", False),
                        ("state", "PARTLY"),
                    ),
                    models.Q(("accepted_minor", 0), ("new_due_on__isnull", False), ("state", "REFUSED")),
                    models.Q(("accepted_minor", 0), ("new_due_on__isnull", True), ("state", "WITHDRAWN")),
                    _connector="OR",
                ),
                name="invoicing_dispute_answer_adds_up",
            ),
        ),
        run_sql_file("invoicing", "0013_held_usage"),
    ]
