"""
A run of a day: planned at once, carried out in pieces of accounts; each piece is one transaction.

A piece locks its accounts, looks at what they owe at that moment, ends what has ended, and takes at most one step for
each. Money that came in before is seen; money that comes in later waits for the piece and then takes the step's effects
back. A piece that dies did nothing; done again it gives the same.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.progress import add_progress, finish_job, retry_parked, start_job
from billing_site.jobs.work import add_work
from payments.domain.dunning import Action
from payments.domain.dunning_texts import LETTER_PREFIX, NOTICE_PREFIX, STEP_TEXTS
from payments.models import DunningAct, DunningCase, DunningRun, DunningStep
from payments.operations.dunning_cases import BARS, lines_in_use, notice_values, settle_accounts
from payments.operations.dunning_fees import charge_late_fees
from payments.queries.open_items import OpenItem
from payments.queries.standings import AccountStanding, accounts_to_dun
from subscribers.domain.restrictions import RestrictionCause
from subscribers.models import Account
from subscribers.operations.notices import NewNotice, write_notices
from subscribers.operations.restrictions import write_restrictions, write_stops

DUN = "payments.dun_accounts"
# Small, for a payment of one of them waits until the piece is done.
ACCOUNTS_A_PIECE = 200
DEBT_UNPAID = gettext_noop("The debt was not paid in time.")


class DunningDayAhead(BillingError):
    """Nobody knows today what will be unpaid then."""

    default_message = gettext_noop("The run of %(day)s cannot begin before that day.")
    default_code = "DUNNING_DAY_AHEAD"


@durable
def start_dunning_run(*, day: date, today: date, started_by: User | None) -> DunningRun:
    """
    Begin the run of a day, or go on with it: pieces that failed are tried again, nothing is done twice.

    :param started_by: ``None`` for the night's own
    :raises DunningDayAhead: if the day lies ahead
    """
    if day > today:
        raise DunningDayAhead(context={"day": day})
    run, is_new = DunningRun.objects.get_or_create(day=day, defaults={"started_by": started_by})
    if not is_new:
        retry_parked(job_id=run.job_id or 0)
        return run
    ids = accounts_to_dun(day=day)
    pieces = [ids[start : start + ACCOUNTS_A_PIECE] for start in range(0, len(ids), ACCOUNTS_A_PIECE)]
    run.account_count, run.piece_count = len(ids), len(pieces)
    run.job = start_job(
        kind="payments.dunning_run",
        title=gettext_noop("Dunning run of %(day)s"),
        started_by=started_by.username if started_by else "system",
        key=f"dunning-run-{run.pk}",
        stage=gettext_noop("Dunning"),
        total_units=len(ids),
        parameters={"day": day.isoformat()},
    )
    if not pieces:
        _finish(run)
    run.save()
    record("payments.start_dunning_run", actor=started_by, subject=run, changes={"day": day.isoformat()})
    items = {
        f"{run.pk}/{n}": {"run_id": run.pk, "first_id": piece[0], "last_id": piece[-1], "count": len(piece)}
        for n, piece in enumerate(pieces, start=1)
    }
    add_work(kind=DUN, items=items, job_id=run.job.pk)
    return run


@transaction_required
def dun_accounts(*, run_id: int, first_id: int, last_id: int, count: int, at: datetime) -> int:
    """
    Do a piece of a run: the accounts between two ids; return how many steps were taken.

    :param count: accounts that the plan counted, for the progress
    """
    day = DunningRun.objects.values_list("day", flat=True).get(pk=run_id)
    ids = [row.pk for row in lock_rows(Account.objects.all(), _ids_between(day, first_id, last_id))]
    crash_point("payments.dun_accounts.locked")
    standings = settle_accounts(account_ids=ids, on=day, at=at)
    taken = set(DunningAct.objects.filter(run_id=run_id, account_id__in=ids).values_list("account_id", flat=True))
    due = [one for one in standings if one.outlook.is_due and one.account.pk not in taken]
    acts = _take_steps(due, run_id=run_id, day=day, at=at)
    crash_point("payments.dun_accounts.written")
    _count_piece(run_id, count=count, acts=acts)
    return len(acts)


def _ids_between(day: date, first_id: int, last_id: int) -> list[int]:
    return accounts_to_dun(day=day, first_id=first_id, last_id=last_id)


def _take_steps(due: Sequence[AccountStanding], *, run_id: int, day: date, at: datetime) -> list[DunningAct]:
    if not due:
        return []
    cases = _open_cases(due, at=at)
    steps = {one.account.pk: _step_of(one) for one in due}
    barred = bar_lines(steps, at=at)
    entries = _last_entries([one.account.pk for one in due])
    acts = [
        DunningAct(
            run_id=run_id,
            case=cases[one.account.pk],
            account=one.account,
            step=steps[one.account.pk],
            n=steps[one.account.pk].n,
            overdue_minor=one.standing.overdue_minor,
            held_back_minor=one.held_back_minor,
            oldest_due_on=_debt_of(one).due_on,
            line_count=barred.get(one.account.pk, 0),
            last_entry_id=entries.get(one.account.pk, 0),
            taken_at=at,
        )
        for one in due
    ]
    DunningAct.objects.bulk_create(acts, batch_size=1000)
    notices = [_notice(act, one) for act, one in zip(acts, due, strict=True)]
    write_notices(notices=notices, at=at)
    charge_late_fees(acts, on=day, at=at)
    return acts


def _debt_of(one: AccountStanding) -> OpenItem:
    assert one.debt is not None, "a step that is due has its debt"
    return one.debt


def _step_of(one: AccountStanding) -> DunningStep:
    assert one.policy is not None
    assert one.outlook.rung is not None
    return one.policy.steps[one.outlook.rung.n]


def _open_cases(due: Sequence[AccountStanding], *, at: datetime) -> dict[int, DunningCase]:
    """Return the open case of each account's debt: as it is, opened again, or new."""
    new, again = [], []
    for one in due:
        if one.debt_case is None:
            new.append(DunningCase(account=one.account, invoice_id=_debt_of(one).invoice_id, opened_at=at))
        elif one.debt_case.ended_at is not None:
            one.debt_case.ended_at, one.debt_case.ending = None, ""
            again.append(one.debt_case)
    DunningCase.objects.bulk_create(new, batch_size=1000)
    DunningCase.objects.bulk_update(again, ["ended_at", "ending"], batch_size=1000)
    known = [one.debt_case for one in due if one.debt_case is not None]
    return {case.account_id: case for case in [*known, *new]}


@transaction_required
def bar_lines(steps: Mapping[int, DunningStep], *, at: datetime) -> dict[int, int]:
    """
    Bar the lines of accounts whose step says so, and return how many lines of each changed.

    :param steps: the step of each account, by its id
    """
    accounts = [account_id for account_id, step in steps.items() if step.action in BARS]
    if not accounts:
        return {}
    lines = lines_in_use(accounts)
    causes = {line: {RestrictionCause.DEBT} for line in lines}
    made = write_restrictions(causes=causes, reason=DEBT_UNPAID, at=at, actor=None)
    to_stop = [line for line, account in lines.items() if steps[account].action == Action.SUSPENSION]
    made += write_stops(subscription_ids=to_stop, cause=RestrictionCause.DEBT, reason=DEBT_UNPAID, at=at, actor=None)
    counts: dict[int, int] = {}
    for line in {row.subscription_id for row in made}:
        counts[lines[line]] = counts.get(lines[line], 0) + 1
    return counts


def _notice(act: DunningAct, one: AccountStanding) -> NewNotice:
    text = STEP_TEXTS[act.step.text]
    return NewNotice(
        key=f"{NOTICE_PREFIX}{act.pk}",
        account_id=act.account_id,
        subject=text.subject,
        msgid=text.msgid,
        params=notice_values(one),
        channel=act.step.channel,
        is_letter=True,
        letter=f"{LETTER_PREFIX}{act.step.text}",
    )


def _last_entries(account_ids: list[int]) -> dict[int, int]:
    """Return the last entry of the books that touched each account: what the step knew of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, greatest("
            " (SELECT max(p.entry_id) FROM ledger_posting p WHERE p.debit_id = a.ledger_account_id),"
            " (SELECT max(p.entry_id) FROM ledger_posting p WHERE p.credit_id = a.ledger_account_id))"
            " FROM subscribers_account a WHERE a.id = ANY (%s)",
            [account_ids],
        )
        return {int(account_id): int(entry_id or 0) for account_id, entry_id in cursor.fetchall()}


def _count_piece(run_id: int, *, count: int, acts: Sequence[DunningAct]) -> None:
    """Count the piece; the last one ends the run. The run's row is locked last, and for a moment."""
    run = DunningRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    run.done_pieces += 1
    add_progress(job_id=run.job_id or 0, done_units=count, amount_minor=sum(act.overdue_minor for act in acts))
    if run.done_pieces == run.piece_count:
        _finish(run)
    run.save(update_fields=["done_pieces", "state"])


def _finish(run: DunningRun) -> None:
    run.state = DunningRun.State.DONE
    finish_job(job_id=run.job_id or 0, result={"steps": DunningAct.objects.filter(run_id=run.pk).count()})
