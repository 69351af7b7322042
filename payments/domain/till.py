"""
What a till reckons: change, which payment pays which chosen bill, what should be in the drawer.

Amounts are minor units of the operator's currency. Nothing here knows a database.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from payments.domain.allocation import Credit, Debt, distribute_oldest_first

CASH = "CASH"
NOTE_LENGTH = 200
# Which money pays, in a preview: the account's older advance, then the amount itself.
_ADVANCE, _AMOUNT = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BillPart:
    """A part of an amount used for a bill, in minor units."""

    invoice_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an amount would pay, bill by bill, and what would be left as advance, in minor units."""

    parts: tuple[BillPart, ...]
    advance_minor: int

    def uses_of(self, invoice_id: int, *, payable_minor: int) -> tuple[int, int]:
        """
        Return what goes to what is to be paid of a bill, and what to what is disputed of it, in minor units.

        :param payable_minor: what is to be paid of it, which comes first
        """
        used_minor = sum(part.amount_minor for part in self.parts if part.invoice_id == invoice_id)
        return min(used_minor, payable_minor), max(0, used_minor - payable_minor)


def choose_bills(
    *,
    payable: Sequence[Debt],
    disputed: Sequence[Debt],
    chosen: Collection[int],
    chosen_disputed: Collection[int],
    amount_minor: int,
) -> dict[int, int]:
    """
    Return what of an amount goes to the bills that the payer chose, by invoice, in minor units, the oldest first.

    Whoever chooses what is disputed of a bill pays the rest of that bill before. A bill that is not owed is left out;
    what remains of the amount is nobody's here.

    :param payable: what is to be paid of bills, the oldest first
    :param disputed: what is disputed of bills, the oldest first
    :param chosen: ids of invoices; of ``chosen_disputed`` what is disputed is paid too
    """
    left, found = amount_minor, dict[int, int]()
    wanted = [debt for debt in payable if debt.invoice_id in chosen or debt.invoice_id in chosen_disputed]
    for debt in (*wanted, *(debt for debt in disputed if debt.invoice_id in chosen_disputed)):
        part = min(left, debt.amount_minor)
        if part:
            found[debt.invoice_id] = found.get(debt.invoice_id, 0) + part
            left -= part
    return found


def preview_payment(
    *,
    payable: Sequence[Debt],
    disputed: Sequence[Debt],
    chosen: Collection[int],
    chosen_disputed: Collection[int],
    amount_minor: int,
    advance_minor: int = 0,
) -> Preview:
    """
    Return what an amount will pay: the chosen bills first, then the rest by age; what is disputed only where chosen.

    :param payable: what is to be paid of bills, the oldest first
    :param disputed: what is disputed of bills, the oldest first
    :param advance_minor: unused money of the account, which is older than this amount and pays before it
    """
    picked = choose_bills(
        payable=payable,
        disputed=disputed,
        chosen=chosen,
        chosen_disputed=chosen_disputed,
        amount_minor=amount_minor,
    )
    rest = _without(payable, picked)
    left_minor = amount_minor - sum(picked.values())
    money = [
        Credit(payment_id=n, amount_minor=minor)
        for n, minor in ((_ADVANCE, advance_minor), (_AMOUNT, left_minor))
        if minor
    ]
    used = dict(picked)
    for part in distribute_oldest_first(credits_in_order=money, debts_in_order=rest).parts:
        if part.payment_id == _AMOUNT:
            used[part.invoice_id] = used.get(part.invoice_id, 0) + part.amount_minor
    parts = tuple(BillPart(invoice_id=invoice_id, amount_minor=minor) for invoice_id, minor in used.items())
    spent = sum(used.values())
    assert spent <= amount_minor, "no more is used than is paid"
    return Preview(parts=parts, advance_minor=amount_minor - spent)


def share_chosen(*, amounts: Sequence[int], chosen: Mapping[int, int]) -> list[dict[int, int]]:
    """
    Return which of several amounts pays which part of the chosen bills, each taken from the front.

    :param amounts: of the payments of one receipt, in minor units
    :param chosen: minor units by invoice; together no more than the amounts
    :raises ValueError: if more is chosen than is paid
    """
    if sum(chosen.values()) > sum(amounts):
        message = "More is chosen than is paid."
        raise ValueError(message)
    debts = [Debt(invoice_id=invoice_id, amount_minor=minor) for invoice_id, minor in chosen.items() if minor]
    money = [Credit(payment_id=n, amount_minor=minor) for n, minor in enumerate(amounts)]
    shares: list[dict[int, int]] = [{} for _ in amounts]
    for part in distribute_oldest_first(credits_in_order=money, debts_in_order=debts).parts:
        shares[part.payment_id][part.invoice_id] = part.amount_minor
    return shares


def expected_in_till(*, float_minor: int, taken: Mapping[str, int], given_back: Mapping[str, int]) -> dict[str, int]:
    """Return what should be there of each method: what was taken less what was given back, of cash with the float."""
    methods = {CASH, *taken, *given_back}
    return {
        method: taken.get(method, 0) - given_back.get(method, 0) + (float_minor if method == CASH else 0)
        for method in methods
    }


def _without(debts: Sequence[Debt], picked: Mapping[int, int]) -> list[Debt]:
    """Return the debts that are left when parts of bills are paid; of a bill in pieces the first ones first."""
    paid, left = dict(picked), []
    for debt in debts:
        part = min(paid.get(debt.invoice_id, 0), debt.amount_minor)
        paid[debt.invoice_id] = paid.get(debt.invoice_id, 0) - part
        if part < debt.amount_minor:
            left.append(Debt(invoice_id=debt.invoice_id, amount_minor=debt.amount_minor - part))
    return left
