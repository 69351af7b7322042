"""Accounts whose bills are made together as one pays for the other, and what a run for some accounts does with them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from invoicing.domain.payers import PayerRule
from invoicing.queries.account_inputs import read_payer_rules
from invoicing.queries.account_scopes import unbilled_accounts
from subscribers.models import Account

# A page names so many; of more it says how many there are.
SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """
    The accounts that a run for some accounts bills, in order.

    ``along`` are taken with those that a list names; ``left`` are left to the run for everybody, because the other side
    of what is paid is not billed with them.
    """

    ids: Sequence[int]
    along: Sequence[int] = ()
    left: Sequence[int] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what a run keeps of it for its page: numbers of accounts, as many as are shown, and how many."""
        shown = {"along": self.along, "left": self.left}
        numbers = dict(
            Account.objects.filter(pk__in=[key for keys in shown.values() for key in keys[:SHOWN]]).values_list(
                "pk", "number"
            )
        )
        kept = {
            name: {"count": len(keys), "accounts": [numbers[key] for key in keys[:SHOWN]]}
            for name, keys in shown.items()
            if keys
        }
        return {"tied": kept} if kept else {}


def tie_accounts(*, ids: Sequence[int], cycle_id: int, period_from: date, until: date, is_list: bool) -> Tied:
    """
    Return which accounts of those that fit a rule are billed, so that nobody is billed without who pays for him.

    :param ids: accounts without a bill for the period, in order
    :param is_list: the accounts were named one by one: who is tied to them comes along, if he has no bill yet
    """
    if not ids:
        return Tied(ids=())
    chosen = set(ids)
    rules = _rules_around(chosen, cycle_id=cycle_id, until=until, is_followed=is_list)
    along: set[int] = set()
    if is_list:
        others = {key for rule in rules for key in rule[:2]} - chosen
        open_ones = Account.objects.filter(pk__in=others, cycle_id=cycle_id, opened_on__lt=until)
        along = set(unbilled_accounts(accounts=open_ones, period_from=period_from))
    kept = _without_split(chosen | along, rules)
    return Tied(ids=sorted(kept), along=sorted(along & kept), left=sorted(chosen - kept))


def _rules_around(chosen: Collection[int], *, cycle_id: int, until: date, is_followed: bool) -> list[PayerRule]:
    """Return who pays for whom around some accounts: next to them, or over any number of others."""
    around, found = set(chosen), set[PayerRule]()
    while True:
        every = read_payer_rules(
            cycle_id=cycle_id, first_account_id=min(around), last_account_id=max(around), until=until
        )
        found = {rule for rule in every if around.intersection(rule[:2])}
        more = {key for rule in found for key in rule[:2]} - around
        if not (more and is_followed):
            return sorted(found, key=lambda rule: (rule.payer_id, rule.account_id))
        around |= more


def _without_split(ids: Collection[int], rules: Sequence[PayerRule]) -> set[int]:
    """Return accounts without those whose other side is not among them."""
    kept = set(ids)
    # Who is left out may pay for others, who are then left out as well.
    while split := {key for rule in rules for key in rule[:2] if not kept.issuperset(rule[:2])} & kept:
        kept -= split
    return kept
