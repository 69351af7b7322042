"""
What is owed and not to be asked for: disputed, on its way by direct debit, and the like.

Disputes are known; whoever else knows of such amounts (attempts of a direct debit that are still to come) registers a
function here, and dunning asks it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date

from invoicing.queries.disputes import disputed_of_invoices

# Gives, for bills and a day, amounts held back of them: minor units by invoice id.
Holder = Callable[[Collection[int], date], Mapping[int, int]]
_holders: dict[str, Holder] = {}


def hold_back(*, name: str, holder: Holder) -> None:
    """Have dunning ask a function for what it is to leave alone, once under a name (``payments.direct_debits``)."""
    _holders[name] = holder


def held_back_of(invoice_ids: Collection[int], *, on: date) -> Mapping[int, int]:
    """Return what is held back of bills on a day, in minor units by invoice id."""
    held = Counter(disputed_of_invoices(invoice_ids))
    for holder in _holders.values():
        held.update(holder(invoice_ids, on))
    return held
