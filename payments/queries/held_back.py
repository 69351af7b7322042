"""
What is owed and not to be asked for: disputed, on its way by direct debit, and the like.

Whoever knows of such amounts registers a function here; dunning asks all of them, so that it need not know any.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date

# Gives, for accounts and a day, amounts held back of bills: minor units by invoice id.
Holder = Callable[[Collection[int], date], Mapping[int, int]]
_holders: dict[str, Holder] = {}


def hold_back(*, name: str, holder: Holder) -> None:
    """Have dunning ask a function for what it is to leave alone; the name (``disputes``) is registered once."""
    _holders[name] = holder


def held_back_of(account_ids: Collection[int], *, on: date) -> Mapping[int, int]:
    """Return what is held back of the bills of accounts on a day, in minor units by invoice id."""
    held: Counter[int] = Counter()
    for holder in _holders.values():
        held.update(holder(account_ids, on))
    return held
