"""The quarantine as a work list: proposals, what becomes of a line, and the last look."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Proposals, what becomes of a line, and the last look."""

    dependencies = [
        ("documents", "0002_guards"),
        ("jobs", "0001_initial"),
        ("rating", "0003_services"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LineProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("WRITE_OFF", "Write off"), ("RELEASE", "Release")], max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("PROPOSED", "Proposed"), ("APPROVED", "Approved"), ("DECLINED", "Declined")],
                        default="PROPOSED",
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("line_count", models.IntegerField()),
                ("duration_seconds", models.BigIntegerField()),
                ("estimate_micro", models.BigIntegerField()),
                ("decided_count", models.IntegerField(blank=True, null=True)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="QuarantineCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("checked_at", models.DateTimeField()),
                ("seen_act_id", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="usagefile",
            name="rating_usagefile_closed_adds_up",
        ),
        migrations.AddField(
            model_name="setasideline",
            name="estimate_micro",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="setasideline",
            name="estimated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="setasideline",
            name="released_reasons",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="setasideline",
            name="tried_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="usagefile",
            name="written_off_bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="usagefile",
            name="written_off_count",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="usagefile",
            name="written_off_seconds",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="setasideline",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("DUPLICATE", "Duplicate"),
                    ("JOINED", "Further row of a call already counted"),
                    ("QUARANTINED", "In quarantine"),
                    ("REJECTED", "Rejected"),
                    ("TAKEN_UP", "Taken up from quarantine"),
                    ("WRITTEN_OFF", "Written off"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="usagefile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "CLOSED"), _negated=True),
                    models.Q(
                        (
                            "line_count",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("rated_count"), "+", models.F("duplicate_count")
                                            ),
                                            "+",
                                            models.F("joined_count"),
                                        ),
                                        "+",
                                        models.F("quarantined_count"),
                                    ),
                                    "+",
                                    models.F("rejected_count"),
                                ),
                                "+",
                                models.F("written_off_count"),
                            ),
                        ),
                        (
                            "total_bytes",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("rated_bytes"), "+", models.F("duplicate_bytes")
                                        ),
                                        "+",
                                        models.F("joined_bytes"),
                                    ),
                                    "+",
                                    models.F("quarantined_bytes"),
                                ),
                                "+",
                                models.F("written_off_bytes"),
                            ),
                        ),
                        (
                            "total_seconds",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("rated_seconds"), "+", models.F("duplicate_seconds")
                                        ),
                                        "+",
                                        models.F("joined_seconds"),
                                    ),
                                    "+",
                                    models.F("quarantined_seconds"),
                                ),
                                "+",
                                models.F("written_off_seconds"),
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="rating_usagefile_closed_adds_up",
            ),
        ),
        migrations.AddField(
            model_name="lineproposal",
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
            model_name="lineproposal",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="setasideline",
            name="proposal",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="rating.lineproposal",
            ),
        ),
        migrations.AddIndex(
            model_name="setasideline",
            index=models.Index(
                models.F("calling"), condition=models.Q(("outcome", "QUARANTINED")), name="rating_setaside_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="setasideline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "WRITTEN_OFF"), _negated=True), ("proposal__isnull", False), _connector="OR"
                ),
                name="rating_setasideline_written_off_by_proposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="quarantinecheck",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="rating_quarantinecheck_is_one"),
        ),
        migrations.AddConstraint(
            model_name="lineproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "APPROVED"), _negated=True),
                    models.Q(
                        ("decided_by__isnull", False), models.Q(("decided_by", models.F("proposed_by")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="rating_lineproposal_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "PROPOSED")),
                    models.Q(
                        models.Q(("state", "PROPOSED"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="rating_lineproposal_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("line_count__gt", 0), models.Q(("reason", ""), _negated=True)),
                name="rating_lineproposal_says_what_and_why",
            ),
        ),
        run_sql_file("rating", "0004_quarantine"),
    ]
