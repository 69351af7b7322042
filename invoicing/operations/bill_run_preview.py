"""
A bill run without effect: the arithmetic of a real one, piece by piece, and nothing that counts is written.

No period is cut and no number taken; bills stay in memory, and of them sums, changes and samples are kept. The bill of
one account is made anew for whoever wants to see it, in a transaction that is taken back.
"""

from collections import defaultdict
from datetime import date

from billing_site.audit.recording import SYSTEM
from billing_site.core.garbage import without_collection
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.progress import add_progress, cancel_job, finish_job, start_job
from billing_site.jobs.work import add_work
from invoicing.domain.run_figures import BillSeen, Figures, count_bills, merge_figures
from invoicing.domain.run_rules import EVERYBODY, AccountRule
from invoicing.models import BillRun, BillRunPreview, BillRunPreviewChunk
from invoicing.operations.bill_run_drafts import (
    Calculated,
    calculate_accounts,
    scope_of,
    set_odd_bills_aside,
)
from invoicing.operations.bill_run_freezing import freeze_run
from invoicing.operations.bill_run_payers import calculate_tied
from invoicing.operations.bill_run_planning import ChecksNotPassed, RunWish, choose_accounts
from invoicing.operations.draft_papers import draft_paper
from invoicing.queries.account_scopes import Scope, read_scope
from invoicing.queries.bill_inputs import read_chunk
from invoicing.queries.papers import Paper
from invoicing.queries.previews import FROZEN, preview_run_of
from invoicing.queries.readiness import find_obstacles, period_to_bill
from invoicing.queries.reference import Reference
from subscribers.models import BillCycle

PREVIEW = "invoicing.preview_chunk"


@durable
def preview_bill_run(
    *,
    cycle_id: int,
    issued_on: date,
    due_on: date,
    started_by: User | None,
    kind: str = BillRun.Kind.FULL,
    rule: AccountRule = EVERYBODY,
) -> BillRunPreview:
    """
    Begin a preview of what a run would bring; workers calculate it. What can be gone past does not stop it.

    :raises ChecksNotPassed: for findings that nobody can go past
    :raises AccountsUnknown: if the rule names accounts that the cycle does not have
    :raises NobodyInRule: if a pilot would bill nobody
    :raises OnlySplitPairs: if all that a pilot would bill are billed with accounts that it would not
    """
    cycle = BillCycle.objects.get(pk=cycle_id)
    wish = RunWish(cycle_id=cycle_id, issued_on=issued_on, due_on=due_on, started_by=started_by, kind=kind, rule=rule)
    final = [finding for finding in find_obstacles(cycle=cycle, on=issued_on, kind=kind) if finding.is_final]
    if final:
        raise ChecksNotPassed(final)
    period = period_to_bill(cycle=cycle)
    run = freeze_run(cycle=cycle, period=period, kind=kind, rule=rule, issued_on=issued_on, due_on=due_on)
    chosen = choose_accounts(wish, period)
    run.reference.update(chosen.told)
    preview = BillRunPreview.objects.create(
        cycle=cycle,
        kind=kind,
        rule=run.rule,
        frozen={name: str(getattr(run, name)) for name in FROZEN},
        reference=run.reference,
        started_by=started_by,
    )
    BillRunPreviewChunk.objects.bulk_create(
        BillRunPreviewChunk(
            preview=preview,
            n=n,
            first_account_id=part.first_id,
            last_account_id=part.last_id,
            account_ids=list(part.account_ids) or None,
        )
        for n, part in enumerate(chosen.ranges, start=1)
    )
    _hand_out(preview, run)
    return preview


def _hand_out(preview: BillRunPreview, run: BillRun) -> None:
    chunks = list(preview.chunks.order_by("n").values_list("pk", "n"))
    preview.job = start_job(
        kind="invoicing.bill_run_preview",
        title=gettext_noop("Bill run %(cycle)s, %(period)s: preview"),
        started_by=preview.started_by.username if preview.started_by is not None else SYSTEM,
        key=f"bill-run-preview-{preview.pk}",
        stage="Calculate",
        total_units=len(chunks),
        parameters={"preview_id": preview.pk, "cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"},
    )
    preview.save(update_fields=["job"])
    add_work(kind=PREVIEW, items={f"{preview.pk}/{n}": {"chunk_id": pk} for pk, n in chunks}, job_id=preview.job.pk)


@without_collection
@transaction_required
def preview_chunk(*, chunk_id: int) -> None:
    """Calculate a piece of a preview and keep its figures; doing it again does nothing."""
    chunk = (
        BillRunPreviewChunk.objects.select_related("preview__cycle").select_for_update(of=("self",)).get(pk=chunk_id)
    )
    if chunk.figures is not None:
        return
    run = preview_run_of(preview=chunk.preview)
    reference = Reference(run.reference)
    lo, hi = chunk.first_account_id, chunk.last_account_id
    inputs = read_chunk(scope=scope_of(run, first_id=lo, last_id=hi), reference=reference)
    scope = read_scope(run=run, first_id=lo, last_id=hi, chosen=chunk.account_ids)
    result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=scope)
    set_odd_bills_aside(run=run, result=result)
    chunk.figures = _figures(run, result, scope, (lo, hi), later=inputs.deferred).as_json()
    chunk.save(update_fields=["figures"])
    crash_point("invoicing.preview_chunk.kept")
    _close_preview(chunk, run, reference)


def _figures(
    run: BillRun, result: Calculated, scope: Scope, between: tuple[int, int], *, later: frozenset[int] = frozenset()
) -> Figures:
    """Put the bills beside those of the last period and count; ``later`` are counted with whom they are billed with."""
    bounds = {"lo": between[0], "hi": between[1], "start": run.period_from, "cycle": run.cycle_id}
    before = dict(fetch_sql("invoicing", "read_bills_before", bounds))
    meant = set(before) if scope.chosen is None else set(before) & scope.chosen
    meant -= later.union(scope.left)
    seen = [
        BillSeen(
            draft.account.account_id,
            draft.account.language,
            draft.bill.gross_minor,
            before.get(draft.account.account_id),
        )
        for draft in result.drafts
    ]
    parked = {row.account_id for row in result.parked}
    gone = meant - parked - {bill.account_id for bill in seen}
    figures = count_bills(bills=seen, gone={account: before[account] for account in gone})
    figures.account_count = len(result.drafts) + len(result.parked) + result.skipped.total()
    figures.net_minor = sum(draft.bill.net_minor for draft in result.drafts)
    figures.tax_minor = sum(draft.bill.tax_minor for draft in result.drafts)
    figures.skipped = dict(result.skipped)
    for row in result.parked:
        figures.park_reasons[row.reason] = figures.park_reasons.get(row.reason, 0) + 1
    figures.parked = [
        [row.account_id, row.reason, row.detail, row.gross_minor, row.usual_minor, row.told] for row in result.parked
    ]
    figures.items = _items(result)
    figures.items_before = {
        str(item): [lines, net]
        for item, lines, net in fetch_sql(
            "invoicing",
            "sum_items_before",
            {**bounds, "accounts": sorted(meant), "every": scope.chosen is None and not later},
        )
    }
    return figures


def _items(result: Calculated) -> dict[str, list[int]]:
    items: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for draft in result.drafts:
        for line in draft.bill.lines:
            known = items[str(line.bill_item_id)]
            known[0] += 1
            known[1] += line.net_minor
    return dict(items)


def _close_preview(chunk: BillRunPreviewChunk, run: BillRun, reference: Reference) -> None:
    """
    Add the piece to the progress, and end the preview with its last one: accounts that pay for others, and those paid
    for, are counted with it. The preview's row is locked for that.
    """
    preview = BillRunPreview.objects.select_for_update(no_key=True).get(pk=chunk.preview_id)
    add_progress(job_id=preview.job_id or 0, done_units=1)
    if not preview.chunks.filter(figures=None).exists():
        _add_tied(chunk, run, reference)
        BillRunPreview.objects.filter(pk=preview.pk).update(state=BillRunPreview.State.DONE)
        finish_job(job_id=preview.job_id or 0)


def _add_tied(last: BillRunPreviewChunk, run: BillRun, reference: Reference) -> None:
    """Add the bills that are made together to the figures of the last piece."""
    chunks = list(last.preview.chunks.order_by("n"))
    ranges = [(chunk.first_account_id, chunk.last_account_id) for chunk in chunks]
    named = [key for chunk in chunks for key in chunk.account_ids or ()]
    chosen = None if any(chunk.account_ids is None for chunk in chunks) else named
    tied = calculate_tied(run=run, ranges=ranges, reference=reference, chosen=chosen)
    if tied is None or not tied.accounts:
        return
    scope = Scope(chosen=frozenset(tied.accounts))
    figures = _figures(run, tied.result, scope, (tied.accounts[0], tied.accounts[-1]))
    last.figures = merge_figures([Figures(**(last.figures or {})), figures]).as_json()
    last.save(update_fields=["figures"])


@durable
def cancel_bill_run_preview(*, preview_id: int, actor: User | None) -> BillRunPreview:
    """
    Stop a preview after the pieces under way.

    :raises JobCannotChange: if it has ended
    """
    preview = BillRunPreview.objects.select_for_update(of=("self",)).get(pk=preview_id)
    cancel_job(job_id=preview.job_id or 0)
    return preview


def preview_paper(*, preview_id: int, account_id: int, language: str = "") -> Paper | None:
    """
    Return the paper of the bill that an account would get, or ``None`` if it would get none.

    The draft is written and read back in a transaction that is then taken back.

    :param language: one of the site's; empty: the subscriber's own
    :raises BillRunPreview.DoesNotExist: if there is no such preview
    """
    preview = BillRunPreview.objects.select_related("cycle").get(pk=preview_id)
    run = preview_run_of(preview=preview)
    # A draft names its run; this one is taken back before anybody could ask for it.
    run.pk = 0
    return draft_paper(run=run, account_id=account_id, language=language)
