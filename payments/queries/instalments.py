"""Instalment plans: how they stand, and what dunning leaves alone for them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from invoicing.models import Invoice
from payments.domain.instalments import Part, PlanState, stand_on
from payments.models import Instalment, InstalmentBill, InstalmentPlan
from payments.queries.open_items import open_items_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStanding:
    """
    A plan as it stands: minor units of the account's currency.

    :param open_minor: what is still open of each bill, no more than the plan has of it, by the bill's id
    """

    plan: InstalmentPlan
    parts: Sequence[Part]
    open_minor: Mapping[int, int]

    @property
    def left_minor(self) -> int:
        """What is still to be paid."""
        return sum(self.open_minor.values())

    @property
    def paid_minor(self) -> int:
        """What was paid of it, or credited."""
        return self.plan.amount_minor - self.left_minor

    def state_on(self, day: date) -> PlanState:
        """Return how it stands on a day."""
        return stand_on(self.parts, paid_minor=self.paid_minor, on=day)

    def next_part(self) -> Part | None:
        """Return the first part that is not wholly paid."""
        paid_minor = self.paid_minor
        for part in self.parts:
            if paid_minor < part.amount_minor:
                return part
            paid_minor -= part.amount_minor
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBill:
    """A bill of a plan, in minor units."""

    invoice_id: int
    number: str
    amount_minor: int
    open_minor: int


def stand_plans(plans: Collection[InstalmentPlan]) -> list[PlanStanding]:
    """Return how plans stand, from what is to be paid of their bills now, in their order."""
    bills: dict[int, dict[int, int]] = defaultdict(dict)
    for plan_id, invoice_id, minor in InstalmentBill.objects.filter(plan__in=plans).values_list(
        "plan_id", "invoice_id", "amount_minor"
    ):
        bills[plan_id][invoice_id] = minor
    parts: dict[int, list[Part]] = defaultdict(list)
    rows = Instalment.objects.filter(plan__in=plans).order_by("n").values_list("plan_id", "due_on", "amount_minor")
    for plan_id, due_on, minor in rows:
        parts[plan_id].append(Part(due_on=due_on, amount_minor=minor))
    items = open_items_of({plan.account_id for plan in plans})
    left = {item.invoice_id: item.payable_minor for of_one in items.values() for item in of_one}
    return [
        PlanStanding(
            plan=plan,
            parts=parts[plan.pk],
            open_minor={pk: min(minor, left.get(pk, 0)) for pk, minor in bills[plan.pk].items()},
        )
        for plan in plans
    ]


def open_plans_of(account_ids: Collection[int]) -> list[PlanStanding]:
    """Return the open plans of accounts."""
    rows = InstalmentPlan.objects.filter(account_id__in=account_ids, state=InstalmentPlan.State.OPEN)
    return stand_plans(list(rows.order_by("pk")))


def kept_plans_of(account_id: int) -> list[PlanStanding]:
    """Return the plans of an account that were found kept."""
    return stand_plans(list(InstalmentPlan.objects.filter(account=account_id, state="KEPT").order_by("pk")))


def held_by_plans(invoice_ids: Collection[int], on: date) -> Mapping[int, int]:
    """Return what is open of bills in plans that are kept on a day, in minor units by bill: dunning leaves it alone."""
    rows = InstalmentPlan.objects.filter(state=InstalmentPlan.State.OPEN, bills__invoice_id__in=invoice_ids)
    kept = [one for one in stand_plans(list(rows.distinct())) if one.state_on(on) == PlanState.OPEN]
    wanted = set(invoice_ids)
    return {pk: minor for one in kept for pk, minor in one.open_minor.items() if pk in wanted and minor}


def instalment_plans(*, state: str = "", account_id: int | None = None) -> QuerySet[InstalmentPlan]:
    """Return plans of all accounts, to be ordered by ``-id``; what is left out filters nothing."""
    rows = InstalmentPlan.objects.select_related("account__subscriber", "agreed_by")
    if state:
        rows = rows.filter(state=state)
    return rows.filter(account_id=account_id) if account_id is not None else rows


def find_plan(plan_id: int) -> PlanStanding | None:
    """Return a plan as it stands, or ``None``."""
    found = stand_plans(list(instalment_plans().filter(pk=plan_id)))
    return found[0] if found else None


def bills_of_plan(standing: PlanStanding) -> list[PlanBill]:
    """Return the bills of a plan with their numbers, in the order of the agreement."""
    rows = list(InstalmentBill.objects.filter(plan=standing.plan).order_by("pk"))
    numbers = dict(Invoice.objects.filter(pk__in=[row.invoice_id for row in rows]).values_list("pk", "number"))
    return [
        PlanBill(
            invoice_id=row.invoice_id,
            number=numbers.get(row.invoice_id) or "",
            amount_minor=row.amount_minor,
            open_minor=standing.open_minor[row.invoice_id],
        )
        for row in rows
    ]
