"""What an account pays for others and has no bill for yet: its next one has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from invoicing.queries.account_inputs import read_carried
from subscribers.models import Account
from tariffs.models import BillItem


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCharge:
    """
    A charge of another account that waits for its payer's next bill, in minor units; negative: it is given back.

    ``amount_minor`` is before tax, or with it where the price includes it.
    """

    account_id: int
    account_number: str
    service: str
    item_names: Mapping[str, str]
    first_on: date | None
    amount_minor: int


def waiting_charges(*, account: Account) -> tuple[WaitingCharge, ...]:
    """Return what waits for the next bill of a payer, in the order in which it came."""
    number_of: dict[int, str | None] = {}
    parameters = {"cycle": account.cycle_id, "lo": account.pk, "hi": account.pk, "only": None}
    taken = read_carried(parameters=parameters, number_of=number_of).get(account.pk, [])
    items = BillItem.objects.in_bulk({one.base.bill_item_id for one in taken})
    return tuple(
        WaitingCharge(
            account_id=one.rule.account_id,
            account_number=one.rule.account_number,
            service=number_of.get(one.base.subscription_id or 0) or "",
            item_names=items[one.base.bill_item_id].names,
            first_on=one.during[0] if one.during else None,
            amount_minor=one.amount_minor,
        )
        for one in taken
    )
