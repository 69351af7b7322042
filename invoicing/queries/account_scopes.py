"""Which accounts a run is for, and which of them it leaves alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from billing_site.db.sql import fetch_sql
from invoicing.domain.run_rules import AccountRule, Segment
from invoicing.models import BillRun, BillRunAccount, Invoice
from subscribers.models import Account

BILLED_BEFORE = "BILLED_BEFORE"
HAD_FINAL_BILL = "HAD_FINAL_BILL"
ENDED = ("CANCELLED", "UNDONE")
_SEGMENTS = {
    Segment.PERSON: Q(subscriber__kind="PERSON"),
    Segment.COMPANY: Q(subscriber__kind="COMPANY"),
    Segment.KEY: Q(is_key=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRange:
    """Accounts of a cycle from one id to another, ends included; ``account_ids`` empty: every one between."""

    first_id: int
    last_id: int
    count: int
    account_ids: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """
    The accounts of a range that a run bills.

    ``chosen`` is ``None`` where everybody is meant; ``left`` says why somebody who is meant is not billed.
    """

    chosen: frozenset[int] | None = None
    left: dict[int, str] = field(default_factory=dict)


def accounts_in_rule(*, cycle_id: int, rule: AccountRule, until: date) -> QuerySet[Account]:
    """Return the accounts of a cycle, opened before a day, that fit a rule."""
    accounts = Account.objects.filter(cycle_id=cycle_id, opened_on__lt=until)
    if rule.departments:
        accounts = accounts.filter(centre__department__code__in=rule.departments)
    if rule.categories:
        accounts = accounts.filter(category__in=rule.categories)
    if rule.segments:
        wanted = Q()
        for segment in rule.segments:
            wanted |= _SEGMENTS[Segment(segment)]
        accounts = accounts.filter(wanted)
    if rule.accounts:
        accounts = accounts.filter(number__in=rule.accounts)
    return accounts


def unknown_accounts(*, cycle_id: int, rule: AccountRule) -> tuple[str, ...]:
    """Return the account numbers of a rule that no account of the cycle has, in order."""
    known = Account.objects.filter(cycle_id=cycle_id, number__in=rule.accounts).values_list("number", flat=True)
    return tuple(sorted(set(rule.accounts) - set(known)))


def unbilled_accounts(*, accounts: QuerySet[Account], period_from: date) -> list[int]:
    """Return the ids of accounts that no living bill or pilot of the period has, and no final bill, in order."""
    billed = Invoice.objects.filter(period_from__gte=period_from).exclude(state=Invoice.State.CANCELLED)
    in_hand = BillRunAccount.objects.filter(run__period_from=period_from).exclude(
        run__state__in=[*ENDED, "POSTED", "DELIVERING", "DELIVERED"]
    )
    ids = set(accounts.values_list("pk", flat=True))
    ids.difference_update(in_hand.values_list("account_id", flat=True))
    ids.difference_update(billed.filter(account_id__in=ids).values_list("account_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id FROM invoicing_finalbill WHERE account_id = ANY(%s)", [list(ids)])
        ids.difference_update(account for (account,) in cursor.fetchall())
    return sorted(ids)


def cycle_ranges(*, cycle_id: int, until: date, size: int) -> list[AccountRange]:
    """Cut the accounts of a cycle, in the order of ids, into ranges of ``size``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id), max(id), count(*)::int"
            " FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part"
            " FROM subscribers_account WHERE cycle_id = %s AND opened_on < %s) a GROUP BY part ORDER BY 1",
            [size, cycle_id, until],
        )
        return [AccountRange(first_id=lo, last_id=hi, count=count) for lo, hi, count in cursor.fetchall()]


def read_scope(*, run: BillRun, first_id: int, last_id: int, chosen: Collection[int] | None = None) -> Scope:
    """
    Return which accounts between two ids a run bills; a run for everybody asks little.

    :param chosen: the accounts meant, where they are not those of the run's rows
    """
    between = {"run": run.pk, "lo": first_id, "hi": last_id, "start": run.period_from}
    left: dict[int, str] = {}
    if chosen is None and run.kind != BillRun.Kind.FULL:
        chosen = frozenset(
            BillRunAccount.objects.filter(run_id=run.pk, account_id__gte=first_id, account_id__lte=last_id).values_list(
                "account_id", flat=True
            )
        )
    if run.kind != BillRun.Kind.FULL or chosen is not None or run.reference.get("runs_beside"):
        left.update((account, BILLED_BEFORE) for (account,) in fetch_sql("invoicing", "read_billed", between))
    if run.kind in {BillRun.Kind.FULL, BillRun.Kind.PILOT}:
        left.update((account, HAD_FINAL_BILL) for (account,) in fetch_sql("invoicing", "read_final", between))
    return Scope(chosen=None if chosen is None else frozenset(chosen), left=left)
