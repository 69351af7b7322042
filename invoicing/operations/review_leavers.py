"""
An account gets its final bill while a run waits for its review.

It is taken out of the run, and its final bill charges what its draft had: else a run that is cancelled would leave that
to nobody, for no later run bills an account that had its final bill.
"""

from datetime import date

from django.db.models.functions import Now

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import transaction_required
from billing_site.identity.models import User
from invoicing.models import BillRun, Invoice, ParkedAccount
from invoicing.operations.bill_run_pairs import Moved, rules_around
from invoicing.operations.bill_run_parked import count_moved
from invoicing.operations.charged_rows import throw_drafts_away
from invoicing.queries.account_scopes import HAD_FINAL_BILL
from subscribers.models import Account

GOT_FINAL_BILL = gettext_noop("The account got its final bill.")


class RunInReview(BillingError):
    """Its bill stands together with those of other accounts."""

    default_message = gettext_noop(
        "Bill run %(run)s waits to be posted, with bills of account %(account)s and of accounts that it pays for or"
        " that pay for it: post or cancel the run first."
    )
    default_code = "RUN_IN_REVIEW"


@transaction_required
def take_out_of_review(*, account: Account, actor: User) -> date | None:
    """
    Throw the drafts of an account away that wait for a review, and decide about it where a run set it aside; the runs'
    sums follow. The caller holds the cycle and the account.

    :returns: the first day that its drafts would have charged, which is on no bill now; ``None`` where there was none
    :raises RunInReview: if the account is billed together with others
    """
    waiting = BillRun.objects.filter(cycle_id=account.cycle_id, state=BillRun.State.CALCULATED).defer("reference")
    runs = waiting.select_for_update(of=("self",)).order_by("pk")
    return min((run.period_from for run in runs if _take_out(run, account, actor=actor)), default=None)


def _take_out(run: BillRun, account: Account, *, actor: User) -> bool:
    """Take an account out of a run, and say whether it was in it."""
    drafts = Invoice.objects.filter(run_id=run.pk, account_id=account.pk, state=Invoice.State.DRAFT)
    parked = ParkedAccount.objects.filter(run=run, account=account, outcome="")
    draft = drafts.first()
    if draft is None and not parked.exists():
        return False
    if rules_around(run=run, account_id=account.pk):
        raise RunInReview(context={"run": run.pk, "account": account.number})
    throw_drafts_away(drafts)
    outcome = ParkedAccount.Outcome.NOTHING
    decided = parked.update(outcome=outcome, decided_by=actor, decision=GOT_FINAL_BILL, decided_at=Now())
    net, tax, gross = (draft.net_minor, draft.tax_minor, draft.gross_minor) if draft is not None else (0, 0, 0)
    count_moved(run, [Moved(account.pk, -(draft is not None), -decided, 1, -net, -tax, -gross)])
    for chunk in run.chunks.filter(first_account_id__lte=account.pk, last_account_id__gte=account.pk):
        chunk.skipped_reasons[HAD_FINAL_BILL] = chunk.skipped_reasons.get(HAD_FINAL_BILL, 0) + 1
        chunk.save(update_fields=["skipped_reasons"])
    return True
