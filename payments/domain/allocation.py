"""
What money is used for: the oldest debt first, with the oldest money first; what is disputed waits for its answer.

A bill that a plan of instalments has is due in the plan's parts, each on its own day; any other on the day that it
says. What is left of the money is the account's advance.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What is still unused of a payment, in minor units, greater than zero."""

    payment_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What is still open of an invoice, in minor units, greater than zero."""

    invoice_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRest:
    """
    What a plan of instalments still asks for, in minor units.

    :param bills: what it has of each of its bills, in their order
    :param parts: the days of its parts and what is to be paid of each, in order of time
    """

    bills: Mapping[int, int]
    parts: Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An amount of one payment used for one invoice, in minor units."""

    payment_id: int
    invoice_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What is used where, and what is left of the money as advance, in minor units."""

    parts: tuple[Part, ...]
    advance_minor: int


def set_disputed_apart(
    *, debts_in_order: Sequence[Debt], disputed: Mapping[int, int]
) -> tuple[tuple[Debt, ...], tuple[Debt, ...]]:
    """
    Return what is to be paid of debts, and what of them is disputed; the order is kept within both.

    What is paid of a bill counts for its undisputed part first.

    :param disputed: what is disputed of an invoice, in minor units, by its id
    """
    payable: list[Debt] = []
    frozen: list[Debt] = []
    for debt in debts_in_order:
        frozen_minor = max(0, min(debt.amount_minor, disputed.get(debt.invoice_id, 0)))
        for kept, amount_minor in ((payable, debt.amount_minor - frozen_minor), (frozen, frozen_minor)):
            if amount_minor:
                kept.append(Debt(invoice_id=debt.invoice_id, amount_minor=amount_minor))
    return tuple(payable), tuple(frozen)


def lay_in_order(debts: Sequence[Debt], *, due_on: Mapping[int, date], plans: Sequence[PlanRest]) -> tuple[Debt, ...]:
    """
    Return debts in the order of their days, what plans have of them cut into pieces on the days of the plans' parts.

    So whoever pays by each day what is due then pays for that, whatever is older and agreed for later.

    :param due_on: the day of each bill, by invoice id
    """
    left = Counter[int]()
    for debt in debts:
        left[debt.invoice_id] += debt.amount_minor
    pieces: list[tuple[date, int, int, int]] = []
    for plan in plans:
        bills = {pk: min(minor, left[pk]) for pk, minor in plan.bills.items()}
        for day, part_minor in plan.parts:
            wanted = part_minor
            for pk, open_minor in bills.items():
                taken = min(wanted, open_minor)
                if taken:
                    pieces.append((day, 0, pk, taken))
                bills[pk] = open_minor - taken
                left[pk] -= taken
                wanted -= taken
    pieces += [(due_on[pk], 1, pk, minor) for pk, minor in left.items() if minor]
    found = tuple(Debt(invoice_id=pk, amount_minor=minor) for _day, _kind, pk, minor in sorted(pieces))
    assert sum(debt.amount_minor for debt in found) == sum(debt.amount_minor for debt in debts), "nothing is lost"
    return found


def pay_from_surplus(*, debts_in_order: Sequence[Debt], surplus_minor: int) -> tuple[tuple[Debt, ...], int]:
    """
    Return the debts that are left, and the surplus that is left, in minor units, when money pays the first debts.

    :param surplus_minor: money that was used for what is not owed any more
    """
    left = []
    for debt in debts_in_order:
        paid_minor = min(surplus_minor, debt.amount_minor)
        surplus_minor -= paid_minor
        if paid_minor < debt.amount_minor:
            left.append(Debt(invoice_id=debt.invoice_id, amount_minor=debt.amount_minor - paid_minor))
    return tuple(left), surplus_minor


def distribute_oldest_first(*, credits_in_order: Sequence[Credit], debts_in_order: Sequence[Debt]) -> Distribution:
    """
    Use money for debts, both taken from the front.

    :param credits_in_order: unused money of one account, the oldest first
    :param debts_in_order: open debts of the same account, the oldest first
    :raises ValueError: if an amount is not greater than zero
    """
    money = [credit.amount_minor for credit in credits_in_order]
    debts = [debt.amount_minor for debt in debts_in_order]
    if min(*money, *debts, 1, 1) <= 0:
        message = "Money and debts are greater than zero."
        raise ValueError(message)
    parts = tuple(_parts(credits_in_order, debts_in_order))
    paid, owed = sum(money), sum(debts)
    used = sum(part.amount_minor for part in parts)
    assert used == min(paid, owed), "what can be used is used"
    return Distribution(parts=parts, advance_minor=paid - used)


def _parts(credits_in_order: Sequence[Credit], debts_in_order: Sequence[Debt]) -> Iterator[Part]:
    debts = iter(debts_in_order)
    debt, open_minor = None, 0
    for credit in credits_in_order:
        left_minor = credit.amount_minor
        while left_minor:
            if not open_minor:
                debt = next(debts, None)
                if debt is None:
                    return
                open_minor = debt.amount_minor
            assert debt is not None
            used = min(left_minor, open_minor)
            yield Part(payment_id=credit.payment_id, invoice_id=debt.invoice_id, amount_minor=used)
            left_minor -= used
            open_minor -= used
