"""Bills outside the bounds of their customer category."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from billing_site.db.sql import fetch_sql
from invoicing.domain.bill_bounds import Bounds, OutOfBounds, middle_of

LAST_BILLS = 6


class OddBill(NamedTuple):
    """Why a bill is odd, and what is usual for the account; minor units."""

    fault: OutOfBounds
    gross_minor: int
    usual_minor: int | None


def find_odd_bills(*, amounts: Mapping[int, int], bounds: Mapping[str, Bounds], before: date) -> dict[int, OddBill]:
    """
    Return the accounts whose bill is outside the bounds of their category.

    The account's own last bills are read only for amounts about which they decide.

    :param amounts: what each account would be billed, tax included, in minor units
    :param before: first day of the billed period: bills of earlier ones are what is usual
    """
    categories = dict(fetch_sql("invoicing", "read_categories", {"accounts": list(amounts)}))
    none = Bounds()
    own = {account: bounds.get(category, none) for account, category in categories.items()}
    asked = [account for account, amount in amounts.items() if own[account].asks_for_usual(gross_minor=amount)]
    usual = _usual_amounts(asked, before=before) if asked else {}
    found = {}
    for account, amount in amounts.items():
        fault = own[account].find_fault(gross_minor=amount, usual_minor=usual.get(account))
        if fault is not None:
            found[account] = OddBill(fault, amount, usual.get(account))
    return found


def _usual_amounts(accounts: list[int], *, before: date) -> dict[int, int | None]:
    rows = fetch_sql("invoicing", "read_last_bills", {"accounts": accounts, "before": before, "count": LAST_BILLS})
    return {account: middle_of(amounts) for account, amounts in rows}
