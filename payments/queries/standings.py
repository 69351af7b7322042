"""How accounts stand with their debts on a day: read as sets, decided by ``payments.domain.dunning``."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q

from billing_site.db.sql import fetch_sql
from payments.domain.dunning import Outlook, Standing, foresee_step
from payments.models import DunningAct, DunningCase, DunningExclusion, PaymentPromise
from payments.queries.dunning_policies import LivePolicies, LivePolicy, policies_on
from payments.queries.held_back import held_back_of
from payments.queries.open_items import OpenItem, open_items_of
from subscribers.models import Account

# Who had no step for so long is taken for somebody who forgot.
BEHAVIOUR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """
    An account on a day.

    :param debt: the oldest overdue bill that is not wholly held back
    :param debt_case: the case of that bill, open or ended
    :param open_case: the open case, of this bill or another one
    :param held_back_minor: overdue and not asked for
    """

    account: Account
    items: Sequence[OpenItem]
    debt: OpenItem | None
    standing: Standing
    held_back_minor: int
    policy: LivePolicy | None
    debt_case: DunningCase | None
    open_case: DunningCase | None
    outlook: Outlook

    @property
    def restore_below_minor(self) -> int:
        """Below what overdue amount lines are free again; without a policy at nothing."""
        return self.policy.policy.restore_below_minor if self.policy else 1


class _Act(NamedTuple):
    """A step taken before: in which case, its place, its day."""

    case_id: int
    n: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was read for a set of accounts."""

    items: dict[int, list[OpenItem]]
    held: dict[int, int]
    cases: dict[int, list[DunningCase]]
    acts: dict[int, list[_Act]]
    promises: dict[int, date]
    left_out: dict[int, date]
    policies: LivePolicies


def accounts_to_dun(*, day: date, first_id: int | None = None, last_id: int | None = None) -> list[int]:
    """Return the ids of accounts that a run of a day must look at, in order, between two ids."""
    bounds = {"day": day, "first_id": first_id, "last_id": last_id}
    return [int(account_id) for (account_id,) in fetch_sql("payments", "list_dunning_accounts", bounds)]


def read_standings(account_ids: Collection[int], *, on: date) -> list[AccountStanding]:
    """Return how accounts stand on a day, in the order of their ids."""
    ids = list(account_ids)
    if not ids:
        return []
    known = _read(ids, on)
    accounts = Account.objects.filter(pk__in=ids).select_related("subscriber", "centre__department").order_by("pk")
    return [_stand(account, known, on) for account in accounts]


def stream_standings(*, day: date, size: int = 1000) -> Iterator[AccountStanding]:
    """Give the standing of every account that a run of a day would look at; nothing is locked or kept."""
    ids = accounts_to_dun(day=day)
    for start in range(0, len(ids), size):
        yield from read_standings(ids[start : start + size], on=day)


def _read(ids: list[int], on: date) -> _Known:
    items = open_items_of(ids)
    bills = [item.invoice_id for of_one in items.values() for item in of_one]
    cases: dict[int, list[DunningCase]] = defaultdict(list)
    for case in DunningCase.objects.filter(Q(invoice_id__in=bills) | Q(account_id__in=ids, ended_at__isnull=True)):
        cases[case.account_id].append(case)
    recent = Q(run__day__gt=on - BEHAVIOUR) | Q(case_id__in=[case.pk for of_one in cases.values() for case in of_one])
    rows = DunningAct.objects.filter(recent, account_id__in=ids).order_by("n")
    acts: dict[int, list[_Act]] = defaultdict(list)
    for account_id, case_id, n, day in rows.values_list("account_id", "case_id", "n", "run__day"):
        acts[account_id].append(_Act(case_id, n, day))
    promises = PaymentPromise.objects.filter(account_id__in=ids, state=PaymentPromise.State.OPEN)
    left_out = DunningExclusion.objects.filter(account_id__in=ids, during__contains=on)
    return _Known(
        items=items,
        held=dict(held_back_of(bills, on=on)),
        cases=cases,
        acts=acts,
        promises=dict(promises.values_list("account_id", "pay_until_on")),
        left_out={row.account_id: _last_day(row) for row in left_out},
        policies=policies_on(on),
    )


def _stand(account: Account, known: _Known, on: date) -> AccountStanding:
    items = known.items.get(account.pk, [])
    overdue = [item for item in items if item.due_on < on]
    asked = [(item, max(0, item.open_minor - known.held.get(item.invoice_id, 0))) for item in overdue]
    debt = next((item for item, minor in asked if minor), None)
    cases, acts = known.cases.get(account.pk, []), known.acts.get(account.pk, [])
    debt_case = next((case for case in cases if debt is not None and case.invoice_id == debt.invoice_id), None)
    open_case = next((case for case in cases if case.ended_at is None), None)
    case_id = debt_case.pk if debt_case is not None else 0
    taken = [act for act in acts if act.case_id == case_id]
    overdue_minor = sum(minor for _, minor in asked)
    standing = Standing(
        overdue_minor=overdue_minor,
        oldest_due_on=debt.due_on if debt is not None else None,
        last_n=taken[-1].n if taken else 0,
        last_on=taken[-1].day if taken else None,
        was_reminded=len(taken) < len(acts),
        is_key=account.is_key,
        left_out_until=known.left_out.get(account.pk),
        promised_until=known.promises.get(account.pk),
    )
    policy = known.policies.policy_for(category=account.category, currency=account.currency)
    return AccountStanding(
        account=account,
        items=items,
        debt=debt,
        standing=standing,
        held_back_minor=sum(item.open_minor for item in overdue) - overdue_minor,
        policy=policy,
        debt_case=debt_case,
        open_case=open_case,
        outlook=foresee_step(ladder=policy.ladder if policy else None, standing=standing, today=on),
    )


def _last_day(row: DunningExclusion) -> date:
    return date.max if row.during.upper is None else row.during.upper - timedelta(days=1)
