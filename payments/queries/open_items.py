"""What is unpaid and since when: bill by bill, from bills, money used, credits and write-offs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from billing_site.db.sql import fetch_sql
from invoicing.queries.disputes import new_due_days
from payments.domain.ageing import Ageing, age_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """
    What is still unpaid of a bill, in minor units of the account's currency.

    ``disputed_minor`` of it waits for an answer: no unused money counts for that. ``net_minor`` is what the account's
    balance has of it: less than ``open_minor`` where something in the account's favour stands beside what is disputed.
    """

    account_id: int
    invoice_id: int
    number: str
    issued_on: date
    due_on: date
    open_minor: int
    disputed_minor: int
    net_minor: int

    @property
    def payable_minor(self) -> int:
        """What is to be paid."""
        return self.open_minor - self.disputed_minor


def open_items_of(account_ids: Collection[int]) -> dict[int, list[OpenItem]]:
    """
    Return what is unpaid of the bills of accounts, by account, the bill due first at the front; no key, no debt.

    A bill that was disputed is due on the day that the answer gave.
    """
    found: dict[int, list[OpenItem]] = {}
    if not account_ids:
        return found
    rows = fetch_sql("payments", "read_open_items", {"accounts": list(account_ids)})
    later = new_due_days([row[1] for row in rows])
    for row in rows:
        account_id, invoice_id, number, issued_on, due_on, open_minor, disputed_minor, net_minor = row
        item = OpenItem(
            account_id=account_id,
            invoice_id=invoice_id,
            number=number,
            issued_on=issued_on,
            due_on=max(due_on, later.get(invoice_id, due_on)),
            open_minor=open_minor,
            disputed_minor=disputed_minor,
            net_minor=net_minor,
        )
        found.setdefault(account_id, []).append(item)
    for items in found.values() if later else ():
        items.sort(key=lambda item: (item.due_on, item.invoice_id))
    return found


def age_items(items: Sequence[OpenItem], *, on: date) -> Ageing:
    """Return the classes of age of open bills on a day: they add up to what the balance has of them."""
    return sum((age_amount(item.net_minor, due_on=item.due_on, on=on) for item in items), Ageing())
