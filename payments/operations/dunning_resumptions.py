"""Dunning goes on where a payment had stopped it: the payment was taken back."""

from datetime import datetime

from billing_site.core.clock import operator_zone
from billing_site.db.transactions import transaction_required
from payments.models import DunningAct, DunningCase
from payments.operations.dunning_cases import BARS, reopen_agreements, settle_accounts
from payments.operations.dunning_runs import bar_lines
from payments.queries.standings import AccountStanding


@transaction_required
def resume_dunning(*, account_id: int, at: datetime) -> None:
    """
    Open the case of an account's debt again where a payment had ended it, and bar its lines again if they were barred;
    promises and plans that the payment had kept are open, or broken, again.

    No step is taken: the next one is the run's. The caller holds the account's row locked and has taken the money back.
    """
    day = at.astimezone(operator_zone()).date()
    reopen_agreements(account_id=account_id, on=day, at=at)
    for one in settle_accounts(account_ids=[account_id], on=day, at=at):
        case = one.debt_case
        if case is None or case.ended_at is None or case.ending != DunningCase.Ending.PAID:
            continue
        case.ended_at, case.ending = None, ""
        case.save(update_fields=["ended_at", "ending"])
        _bar_again(one, case, at=at)


def _bar_again(one: AccountStanding, case: DunningCase, *, at: datetime) -> None:
    """Bar the lines as the hardest step of the case did, where nobody promised to pay and nothing is agreed."""
    standing = one.standing
    is_spared = standing.promised_until is not None or standing.left_out_until is not None
    if is_spared or standing.overdue_minor < one.restore_below_minor:
        return
    acts = DunningAct.objects.select_related("step").filter(case=case, step__action__in=BARS)
    last = acts.order_by("-n").first()
    if last is not None:
        bar_lines({one.account.pk: last.step}, at=at)
