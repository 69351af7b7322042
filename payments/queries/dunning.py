"""The dunning board and its lists: what was done, where accounts stand, what is promised, who is left out."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from payments.domain.dunning_texts import NOTICE_PREFIX
from payments.models import DunningAct, DunningCase, DunningExclusion, DunningRun, DunningStep, PaymentPromise
from payments.queries.dunning_policies import policies_on
from subscribers.models import Notice, SubscriptionRestriction


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A step of a ladder that holds: open debts whose last step it is, and what they were when it was taken."""

    policy_code: str
    step: DunningStep
    case_count: int
    overdue_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFigures:
    """What stands beside the ladder."""

    promise_count: int
    promised_minor: int
    exclusion_count: int
    barred_count: int
    to_tell_count: int


def last_acts_of_open_cases() -> QuerySet[DunningAct]:
    """Return the last step of each debt that is still dunned."""
    later = DunningAct.objects.filter(case=OuterRef("pk")).order_by("-n").values("pk")[:1]
    last = DunningCase.objects.filter(ended_at__isnull=True).annotate(last=Subquery(later)).values("last")
    return DunningAct.objects.filter(pk__in=last)


def board_rows(*, on: date) -> list[BoardRow]:
    """Return every step of the policies that hold on a day, and of older ones with open debts, in their order."""
    sums = {
        row["step_id"]: (row["count"], row["sum"])
        for row in last_acts_of_open_cases().values("step_id").annotate(count=Count("pk"), sum=Sum("overdue_minor"))
    }
    live = [step.pk for policy in policies_on(on).by_category.values() for step in policy.steps.values()]
    steps = DunningStep.objects.filter(pk__in={*live, *sums}).select_related("policy")
    rows = []
    for step in steps.order_by("policy__category", "policy__code", "n"):
        count, overdue_minor = sums.get(step.pk, (0, 0))
        rows.append(
            BoardRow(
                policy_code=step.policy.code,
                step=step,
                case_count=count,
                overdue_minor=int(overdue_minor),
                currency=step.policy.currency,
            )
        )
    return rows


def board_figures(*, on: date) -> BoardFigures:
    """Return what stands beside the ladder on a day."""
    promises = PaymentPromise.objects.filter(state=PaymentPromise.State.OPEN)
    sums = promises.aggregate(count=Count("pk"), sum=Sum("amount_minor"))
    barred = SubscriptionRestriction.objects.filter(during__upper_inf=True, causes__contains=["DEBT"])
    return BoardFigures(
        promise_count=sums["count"],
        promised_minor=sums["sum"] or 0,
        exclusion_count=DunningExclusion.objects.filter(during__contains=on).count(),
        barred_count=barred.count(),
        to_tell_count=debtor_notices().count(),
    )


def dunning_runs() -> QuerySet[DunningRun]:
    """Return all runs with their steps and the money asked for, the latest first."""
    runs = DunningRun.objects.select_related("job", "started_by")
    return runs.annotate(step_count=Count("acts"), overdue_minor=Sum("acts__overdue_minor"))


def find_dunning_run(run_id: int) -> DunningRun | None:
    """Return a run with its sums, or ``None``."""
    return dunning_runs().filter(pk=run_id).first()


def acts_for(
    *, run_id: int | None = None, account_id: int | None = None, action: str = "", is_current: bool = False
) -> QuerySet[DunningAct]:
    """
    Return steps taken with accounts and departments, to be ordered by id.

    :param is_current: only the last step of debts that are still dunned
    """
    found = last_acts_of_open_cases() if is_current else DunningAct.objects.all()
    wishes = {"run_id": run_id, "account_id": account_id, "step__action": action or None}
    chosen = found.filter(**{name: value for name, value in wishes.items() if value is not None})
    return chosen.select_related("account__subscriber", "account__centre__department", "step", "run", "case")


def promises_for(*, account_id: int | None = None, state: str = "") -> QuerySet[PaymentPromise]:
    """Return promises to pay with their accounts, to be ordered by id."""
    wishes = {"account_id": account_id, "state": state or None}
    found = PaymentPromise.objects.filter(**{name: value for name, value in wishes.items() if value is not None})
    return found.select_related("account__subscriber", "taken_by")


def exclusions_for(*, account_id: int | None = None, on: date | None = None) -> QuerySet[DunningExclusion]:
    """Return exclusions with their accounts, of an account, or those that hold on a day."""
    wishes = {"account_id": account_id, "during__contains": on}
    found = DunningExclusion.objects.filter(**{name: value for name, value in wishes.items() if value is not None})
    return found.select_related("account__subscriber", "made_by")


def debtor_notices(*, channel: str = "", centre_id: int | None = None) -> QuerySet[Notice]:
    """Return what debtors are still to be told by somebody: on the telephone, at a counter, by letter."""
    found = Notice.objects.filter(key__startswith=NOTICE_PREFIX, state=Notice.State.WAITING)
    found = found.filter(channel__in=[channel] if channel else Notice.Channel.by_word())
    if centre_id is not None:
        found = found.filter(account__centre=centre_id)
    return found.select_related("account__subscriber", "account__centre", "letter_text")
