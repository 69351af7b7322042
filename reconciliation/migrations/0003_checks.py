"""Cases with an owner, an act and a letter; days signed off; a kind for payments of another day."""

from typing import ClassVar

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """Carry each difference to its end."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("invoicing", "0013_held_usage"),
        ("payments", "0005_reversals"),
        ("reconciliation", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.RemoveConstraint(
            model_name="discrepancy",
            name="reconciliation_discrepancy_resolved_says_how",
        ),
        migrations.RemoveConstraint(
            model_name="terminalcheck",
            name="reconciliation_terminalcheck_our_list_whole",
        ),
        migrations.RemoveConstraint(
            model_name="terminalcheck",
            name="reconciliation_terminalcheck_their_list_whole",
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="act",
            field=models.CharField(
                blank=True,
                choices=[
                    ("TAKE_IN", "The money is taken in"),
                    ("SUSPEND", "The money is taken into suspense"),
                    ("CANCEL", "Our payment is taken back"),
                    ("REPLACE", "Our payment is taken back and taken in as the register has it"),
                    ("ACCEPT", "Accepted as it is"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="explained_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="explained_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="explanation",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="letter",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.letter"
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="limit_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="new_payment",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.payment"
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="owner",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="proposed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="proposed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="target_number",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="terminalcheck",
            name="other_day_our_amount_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="terminalcheck",
            name="other_day_our_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="terminalcheck",
            name="other_day_their_amount_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="terminalcheck",
            name="other_day_their_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="terminalcheck",
            name="signed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="terminalcheck",
            name="signed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField(
            model_name="discrepancy",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ONLY_OURS", "Only in our books"),
                    ("ONLY_THEIRS", "Only in their register"),
                    ("AMOUNT_DIFFERS", "The amounts differ"),
                    ("ACCOUNT_DIFFERS", "The accounts differ"),
                    ("OTHER_DAY", "On another day"),
                    ("DOUBLED", "Twice in their register"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="discrepancy",
            name="state",
            field=models.CharField(
                choices=[
                    ("OPEN", "Open"),
                    ("EXPLAINED", "Explained"),
                    ("PROPOSED", "Waits for a second person"),
                    ("RESOLVED", "Resolved"),
                    ("GONE", "No longer there at a later check"),
                ],
                default="OPEN",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="terminalregisterline",
            name="register",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="lines",
                to="reconciliation.terminalregister",
            ),
        ),
        migrations.CreateModel(
            name="RefusedRegister",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("name", models.CharField(max_length=255)),
                ("reason", models.TextField()),
                ("refused_at", models.DateTimeField()),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.terminalnetwork"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="terminalregister",
            name="copies",
            field=ArrayField(base_field=models.IntegerField(), default=list),
        ),
        # Registers are kept as they came: only the owner may add what is known of their lines.
        migrations.RunSQL(
            """
            ALTER TABLE reconciliation_terminalregister DISABLE TRIGGER append_only;
            UPDATE reconciliation_terminalregister r SET copies = d.numbers
            FROM (
                SELECT register_id, array_agg(line_number ORDER BY line_number) AS numbers
                FROM (
                    SELECT register_id, line_number,
                           row_number() OVER (PARTITION BY register_id, txn_id ORDER BY line_number) AS copy_number
                    FROM reconciliation_terminalregisterline
                ) l WHERE copy_number > 1 GROUP BY register_id
            ) d WHERE d.register_id = r.id;
            ALTER TABLE reconciliation_terminalregister ENABLE ALWAYS TRIGGER append_only;
            """,
            migrations.RunSQL.noop,
        ),
        # What was settled before was accepted, by one person.
        migrations.RunSQL(
            "UPDATE reconciliation_discrepancy SET act = 'ACCEPT', proposed_by_id = resolved_by_id,"
            " proposed_at = resolved_at WHERE state = 'RESOLVED'; SET CONSTRAINTS ALL IMMEDIATE;",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="discrepancy",
            index=models.Index(
                condition=models.Q(("state__in", ["OPEN", "EXPLAINED", "PROPOSED"])),
                fields=["state", "check_run"],
                name="reconciliation_case_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "RESOLVED"), _negated=True),
                    models.Q(
                        models.Q(("note", ""), _negated=True),
                        models.Q(("act", ""), _negated=True),
                        ("proposed_by__isnull", False),
                        ("resolved_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="reconciliation_discrepancy_resolved_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "EXPLAINED"), _negated=True),
                    models.Q(models.Q(("explanation", ""), _negated=True), ("explained_by__isnull", False)),
                    _connector="OR",
                ),
                name="reconciliation_discrepancy_explained_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "RESOLVED"), _negated=True),
                    ("act", "ACCEPT"),
                    models.Q(
                        models.Q(
                            ("our_amount_minor__isnull", True),
                            ("our_amount_minor__lte", models.F("limit_minor")),
                            _connector="OR",
                        ),
                        models.Q(
                            ("their_amount_minor__isnull", True),
                            ("their_amount_minor__lte", models.F("limit_minor")),
                            _connector="OR",
                        ),
                    ),
                    models.Q(("resolved_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="reconciliation_discrepancy_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act__in", ["TAKE_IN", "SUSPEND", "REPLACE"]), ("state", "RESOLVED"), _negated=True),
                    ("new_payment__isnull", False),
                    _connector="OR",
                ),
                name="reconciliation_discrepancy_money_taken",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminalcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "our_amount_minor",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("matched_amount_minor"), "+", models.F("only_ours_amount_minor")
                                ),
                                "+",
                                models.F("differing_our_amount_minor"),
                            ),
                            "+",
                            models.F("other_day_our_amount_minor"),
                        ),
                    ),
                    (
                        "our_count",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("matched_count"), "+", models.F("only_ours_count")
                                ),
                                "+",
                                models.F("differing_count"),
                            ),
                            "+",
                            models.F("other_day_our_count"),
                        ),
                    ),
                ),
                name="reconciliation_terminalcheck_our_list_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminalcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "their_amount_minor",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("matched_amount_minor"), "+", models.F("only_theirs_amount_minor")
                                    ),
                                    "+",
                                    models.F("differing_their_amount_minor"),
                                ),
                                "+",
                                models.F("doubled_amount_minor"),
                            ),
                            "+",
                            models.F("other_day_their_amount_minor"),
                        ),
                    ),
                    (
                        "their_count",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("matched_count"), "+", models.F("only_theirs_count")
                                    ),
                                    "+",
                                    models.F("differing_count"),
                                ),
                                "+",
                                models.F("doubled_count"),
                            ),
                            "+",
                            models.F("other_day_their_count"),
                        ),
                    ),
                ),
                name="reconciliation_terminalcheck_their_list_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminalcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("signed_at__isnull", True), ("signed_by__isnull", True)),
                    models.Q(
                        ("signed_at__isnull", False),
                        ("signed_by__isnull", False),
                        models.Q(("state", "MISSING"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="reconciliation_terminalcheck_signed_by_somebody",
            ),
        ),
        run_sql_file("reconciliation", "0003_checks"),
    ]
