"""
What only some bills say beside their lines, read with the chunk and frozen with each bill as plain JSON.

Money in is the matter of an app above, which says who answers in ``AppConfig.ready``; without an answer bills say
nothing of it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from billing_site.db.sql import fetch_sql
from invoicing.models import Dispute
from tariffs.models import Allowance

Told = dict[str, Any]
# Of accounts: what is unpaid of their bills and disputed, in minor units.
DisputedOf = Callable[[Collection[int]], Mapping[int, int]]
# Of the accounts that a condition on ``account`` names: the reference of the leave to debit a bank account, and the
# last four of its number.
DebitsOf = Callable[[Q], Mapping[int, tuple[str, str]]]


# Of the accounts that such a condition names: what plans ask for after their next part, in minor units, on a day.
LaterOf = Callable[[Q, date], Mapping[int, int]]


@dataclass(slots=True)
class _Answers:
    disputed: DisputedOf | None = None
    later: LaterOf | None = None
    debits: DebitsOf | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitNotice:
    """By which leave a bill is debited, and from which bank account (the last four of its number)."""

    reference: str
    last_four: str


_answers = _Answers()


def answer_money_facts(*, disputed: DisputedOf, later: LaterOf, debits: DebitsOf) -> None:
    """Say who answers."""
    _answers.disputed, _answers.later, _answers.debits = disputed, later, debits


def read_told(*, parameters: Mapping[str, Any], issued_on: date) -> dict[int, Told]:
    """
    Return by account what its bill says beside its lines; accounts of which there is nothing to say are left out.
    Neighbours of the chunk's accounts, of another cycle, may be among them.

    ``uses`` has what was used of allowances: subscription (0: shared by the account), allowance, units used, units that
    came from the period before. ``disputed_minor`` is what of earlier bills is unpaid and waits for an answer,
    ``later_minor`` what of them is in later parts of a plan. ``debit`` has the reference of a mandate and the last four
    of the bank account.

    :param parameters: those of the chunk's reads
    :param issued_on: the day of the bills
    """
    told: dict[int, Told] = defaultdict(dict)
    asked = _accounts_of(parameters)
    # Few kinds of allowances, if any: what nobody has is not looked for.
    kinds = set(Allowance.objects.order_by().values_list("shared_by_account", flat=True).distinct())
    if kinds:
        for account_id, *use in fetch_sql("invoicing", "read_uses", {**parameters, "has_shared": True in kinds}):
            told[account_id].setdefault("uses", []).append(use)
    _read_money(told, asked, issued_on=issued_on)
    return dict(told)


def _read_money(told: dict[int, Told], asked: Q, *, issued_on: date) -> None:
    """Add what the app above answers."""
    if _answers.disputed is not None:
        open_disputes = Dispute.objects.filter(asked, state=Dispute.State.OPEN)
        asking = set(open_disputes.values_list("account_id", flat=True))
        for account_id, minor in _answers.disputed(asking).items() if asking else ():
            told[account_id]["disputed_minor"] = minor
    if _answers.later is not None:
        for account_id, minor in _answers.later(asked, issued_on).items():
            told[account_id]["later_minor"] = minor
    if _answers.debits is not None:
        for account_id, (reference, last_four) in _answers.debits(asked).items():
            told[account_id]["debit"] = {"reference": reference, "last_four": last_four}


def _accounts_of(parameters: Mapping[str, Any]) -> Q:
    """Return the accounts of a chunk as the span of their ids: thousands one by one cost more than the answer."""
    if parameters["only"] is not None:
        return Q(account__in=parameters["only"])
    return Q(account__gte=parameters["lo"], account__lte=parameters["hi"])


def frozen_debit(frozen: Mapping[str, Any]) -> DebitNotice | None:
    """Return by which leave a bill is debited, as it was frozen, or ``None``."""
    debit = frozen.get("debit")
    return DebitNotice(reference=debit["reference"], last_four=debit["last_four"]) if debit else None
