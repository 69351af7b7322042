"""Instalment plans: how they stand, and what dunning leaves alone for them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import QuerySet

from billing_site.core.clock import operator_zone
from invoicing.models import Dispute, Invoice
from invoicing.queries.credit_notes import Successor, bills_taken_back, successors_of
from payments.domain.allocation import PlanRest
from payments.domain.instalments import Answered, Part, PlanState, due_by, parts_with_answers, stand_on
from payments.models import Instalment, InstalmentBill, InstalmentPlan
from payments.queries.open_items import OpenItem, open_items_of

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStanding:
    """
    A plan as it stands: minor units of the account's currency.

    A bill calculated again stands in the place of the old one.

    :param parts: as they are due now: those of the agreement, and what answers and bills calculated again made of them
    :param amounts_minor: what the plan has of each bill, by the bill's id: as agreed, and what was added since
    :param open_minor: what is to be paid of each bill now, no more than the plan has of it, by the bill's id
    :param disputed_minor: what of its bills waits for an answer and is not asked for
    :param frozen_minor: how much of that is of the plan; what was disputed at the agreement is not
    :param taken_back: those of its bills of which nothing is left, and that no other bill replaced
    """

    plan: InstalmentPlan
    parts: Sequence[Part]
    amounts_minor: Mapping[int, int]
    open_minor: Mapping[int, int]
    disputed_minor: int
    frozen_minor: int
    taken_back: Collection[int] = ()

    @property
    def total_minor(self) -> int:
        """What is paid by the plan."""
        return sum(self.amounts_minor.values())

    @property
    def left_minor(self) -> int:
        """What is still to be paid."""
        return sum(self.open_minor.values())

    @property
    def paid_minor(self) -> int:
        """What was paid of it, or credited."""
        return self.total_minor - self.left_minor - self.frozen_minor

    def state_on(self, day: date) -> PlanState:
        """Return how it stands on a day; what is disputed counts as if it were paid."""
        settled_minor = self.total_minor - self.left_minor
        return stand_on(
            self.parts,
            paid_minor=settled_minor,
            on=day,
            is_disputed=self.disputed_minor > 0,
            is_taken_back=self.is_taken_back,
        )

    @property
    def is_taken_back(self) -> bool:
        """Whether nothing is left of its bills: what they had charged comes onto the account's next bill."""
        return set(self.amounts_minor) == set(self.taken_back)

    def next_part(self) -> Part | None:
        """Return the first part that is not wholly paid, nor disputed."""
        settled_minor = self.total_minor - self.left_minor
        return next((part for part in self.parts if settled_minor < due_by(self.parts, on=part.due_on + ONE_DAY)), None)

    def rest_of_next(self) -> Part | None:
        """Return the first part that is not wholly paid with what is still to be paid of it."""
        part, settled_minor = self.next_part(), self.total_minor - self.left_minor
        if part is None:
            return None
        due_minor = due_by(self.parts, on=part.due_on + ONE_DAY)
        return Part(due_on=part.due_on, amount_minor=due_minor - settled_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    """What is still to be paid of the next part of an open plan, in minor units, and its day."""

    plan_id: int
    amount_minor: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedInParts:
    """
    What an open plan that is kept asks for.

    :param part: what is to be paid of it next: what a payer is asked for, beside his other bills
    :param later_minor: what it asks for after that part, in minor units by each of its bills that is open
    """

    part: PlanPart
    later_minor: Mapping[int, int]

    @property
    def total_later_minor(self) -> int:
        """What need not be paid with the next part."""
        return sum(self.later_minor.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBill:
    """A bill of a plan, in minor units; ``is_taken_back``: nothing of it is left."""

    invoice_id: int
    number: str
    amount_minor: int
    open_minor: int
    is_taken_back: bool


def stand_plans(plans: Collection[InstalmentPlan]) -> list[PlanStanding]:
    """Return how plans stand, from what is to be paid of their bills now, in their order."""
    bills: dict[int, dict[int, int]] = defaultdict(dict)
    agreed = InstalmentBill.objects.filter(plan__in=plans).order_by("pk")
    for plan_id, invoice_id, minor in agreed.values_list("plan_id", "invoice_id", "amount_minor"):
        bills[plan_id][invoice_id] = minor
    parts: dict[int, list[Part]] = defaultdict(list)
    rows = Instalment.objects.filter(plan__in=plans).order_by("n").values_list("plan_id", "due_on", "amount_minor")
    for plan_id, due_on, minor in rows:
        parts[plan_id].append(Part(due_on=due_on, amount_minor=minor))
    of_accounts = open_items_of({plan.account_id for plan in plans})
    items = {item.invoice_id: item for of_one in of_accounts.values() for item in of_one}
    known = _read_known({pk for of_one in bills.values() for pk in of_one}, items)
    return [_stand(plan, bills[plan.pk], parts[plan.pk], known) for plan in plans]


class _Known(NamedTuple):
    """What was read for a set of plans: open bills, disputes by bill, and what came in the place of bills."""

    items: Mapping[int, OpenItem]
    disputes: Mapping[int, Sequence[Dispute]]
    successors: Mapping[int, Sequence[Successor]]
    taken_back: frozenset[int]

    def added_to(self, invoice_id: int, *, plan: InstalmentPlan, parts: Sequence[Part]) -> list[Answered]:
        """Return what answers to disputes of a bill of a plan, and of what came in its place, made of it."""
        later = self.successors.get(invoice_id, ())
        bills = (invoice_id, *(one.invoice_id for one in later))
        answers = [one for pk in bills for one in _answers_to(self.disputes.get(pk, ()), plan=plan, parts=parts)]
        dearer = [one for one in later if one.more_minor > 0]
        return [
            *answers,
            *(Answered(amount_minor=one.more_minor, due_on=one.due_on, is_in_parts=False) for one in dearer),
        ]


def _read_known(invoice_ids: Collection[int], items: Mapping[int, OpenItem]) -> _Known:
    """Read what became of bills; those that are open were not taken back."""
    gone = {pk for pk in invoice_ids if pk not in items}
    successors = successors_of(invoice_ids=gone) if gone else {}
    later = {one.invoice_id for of_one in successors.values() for one in of_one}
    return _Known(
        items=items,
        disputes=_disputes_of({*invoice_ids, *later}),
        successors=successors,
        taken_back=frozenset(bills_taken_back({*gone, *later})) if gone else frozenset(),
    )


def _stand(plan: InstalmentPlan, bills: Mapping[int, int], parts: Sequence[Part], known: _Known) -> PlanStanding:
    later = {pk: known.successors.get(pk, ()) for pk in bills}
    now = {pk: of_one[-1].invoice_id if of_one else pk for pk, of_one in later.items()}
    added = {pk: known.added_to(pk, plan=plan, parts=parts) for pk in bills}
    more = {pk: sum(one.amount_minor for one in of_one if not one.is_in_parts) for pk, of_one in added.items()}
    amounts = {now[pk]: minor + more[pk] for pk, minor in bills.items()}
    found = {pk: known.items[pk] for pk in amounts if pk in known.items}
    left_out = {pk: _left_out(known.disputes.get(pk, ()), plan=plan) for pk in found}
    return PlanStanding(
        plan=plan,
        parts=parts_with_answers(parts, [one for of_one in added.values() for one in of_one]),
        amounts_minor=amounts,
        open_minor={pk: min(minor, found[pk].payable_minor if pk in found else 0) for pk, minor in amounts.items()},
        disputed_minor=sum(item.disputed_minor for item in found.values()),
        frozen_minor=sum(max(0, item.disputed_minor - left_out[pk]) for pk, item in found.items()),
        taken_back=known.taken_back & set(amounts),
    )


def _disputes_of(invoice_ids: Collection[int]) -> Mapping[int, Sequence[Dispute]]:
    """Return the disputes of bills, by bill."""
    found: dict[int, list[Dispute]] = defaultdict(list)
    for row in Dispute.objects.filter(invoice_id__in=invoice_ids).order_by("pk"):
        found[row.invoice_id].append(row)
    return found


def _left_out(disputes: Sequence[Dispute], *, plan: InstalmentPlan) -> int:
    """Return what of a bill was disputed at the agreement and still waits for its answer."""
    return sum(row.disputed_minor for row in disputes if row.is_open and row.opened_at <= plan.agreed_at)


def _answers_to(disputes: Sequence[Dispute], *, plan: InstalmentPlan, parts: Sequence[Part]) -> list[Answered]:
    """Return what answers given since the agreement left to be paid of a bill, and by when."""
    found = []
    for row in disputes:
        rest_minor = row.disputed_minor - (row.accepted_minor or 0)
        if row.answered_at is None or row.answered_at <= plan.agreed_at or not rest_minor:
            continue
        answered_on = row.answered_at.astimezone(operator_zone()).date()
        found.append(
            Answered(
                amount_minor=rest_minor,
                due_on=row.new_due_on or _next_day(parts, answered_on),
                is_in_parts=row.opened_at > plan.agreed_at,
            )
        )
    return found


def _next_day(parts: Sequence[Part], day: date) -> date:
    """Return the day of the next part from a day on; a withdrawn dispute has no other, and after the last none."""
    return next((part.due_on for part in parts if part.due_on >= day), day)


def open_plans_of(account_ids: Collection[int]) -> list[PlanStanding]:
    """Return the open plans of accounts."""
    rows = InstalmentPlan.objects.filter(account_id__in=account_ids, state=InstalmentPlan.State.OPEN)
    return stand_plans(list(rows.order_by("pk")))


def rest_of_plan(standing: PlanStanding, *, open_minor: Mapping[int, int]) -> PlanRest:
    """
    Return what a plan still asks for: of which bills, and on which days.

    :param open_minor: what is to be paid of bills, by the bill's id; money that nothing is paid with yet is not in it
    """
    bills = {pk: min(minor, open_minor.get(pk, 0)) for pk, minor in standing.amounts_minor.items()}
    settled_minor, parts = standing.total_minor - sum(bills.values()), []
    for part in standing.parts:
        paid_minor = min(settled_minor, part.amount_minor)
        settled_minor -= paid_minor
        if paid_minor < part.amount_minor:
            parts.append((part.due_on, part.amount_minor - paid_minor))
    return PlanRest(bills=bills, parts=parts)


def asked_in_parts(account_ids: Collection[int], *, on: date) -> Mapping[int, AskedInParts]:
    """
    Return what the open plans of accounts ask for, by account: for bill, till, terminal and own pages alike.

    Of a plan with a part unpaid past its day the whole is due again: it asks for nothing in parts.
    """
    found = {}
    for standing in open_plans_of(account_ids):
        part = standing.rest_of_next()
        if part is not None and standing.state_on(on) == PlanState.OPEN:
            found[standing.plan.account_id] = AskedInParts(
                part=PlanPart(plan_id=standing.plan.pk, amount_minor=part.amount_minor, due_on=part.due_on),
                later_minor=_asked_after(standing, until=part.due_on),
            )
    return found


def kept_plans_of(account_id: int) -> list[PlanStanding]:
    """Return the plans of an account that were found kept."""
    return stand_plans(list(InstalmentPlan.objects.filter(account=account_id, state="KEPT").order_by("pk")))


def held_by_plans(invoice_ids: Collection[int], on: date) -> Mapping[int, int]:
    """Return what is open of bills in plans that are kept on a day, in minor units by bill: dunning leaves it alone."""
    # By their accounts: a bill calculated again is in the plan of the old one.
    accounts = Invoice.objects.filter(pk__in=invoice_ids).values("account_id")
    rows = InstalmentPlan.objects.filter(state=InstalmentPlan.State.OPEN, account_id__in=accounts)
    kept = [one for one in stand_plans(list(rows)) if one.state_on(on) == PlanState.OPEN]
    wanted = set(invoice_ids)
    return {pk: minor for one in kept for pk, minor in one.open_minor.items() if pk in wanted and minor}


def deferred_by_plans(account_ids: Collection[int], *, until: date) -> Mapping[int, int]:
    """
    Return what open plans of accounts ask for only after a day, in minor units by bill.

    What they ask for by then counts for the first bills of a plan first.
    """
    found: dict[int, int] = {}
    for standing in open_plans_of(account_ids):
        found.update(_asked_after(standing, until=until))
    return found


def _asked_after(standing: PlanStanding, *, until: date) -> Mapping[int, int]:
    """Return what a plan asks for only after a day, in minor units by bill, of those that are open."""
    asked_minor = max(0, due_by(standing.parts, on=until + ONE_DAY) - (standing.total_minor - standing.left_minor))
    found: dict[int, int] = {}
    for pk, minor in standing.open_minor.items():
        if minor:
            found[pk] = max(0, minor - asked_minor)
            asked_minor = max(0, asked_minor - minor)
    return found


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
    numbers = dict(Invoice.objects.filter(pk__in=standing.amounts_minor).values_list("pk", "number"))
    return [
        PlanBill(
            invoice_id=pk,
            number=numbers.get(pk) or "",
            amount_minor=minor,
            open_minor=standing.open_minor[pk],
            is_taken_back=pk in standing.taken_back,
        )
        for pk, minor in standing.amounts_minor.items()
    ]
