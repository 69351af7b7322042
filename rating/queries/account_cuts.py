"""
Accounts whose bill period was cut before their cycle's, asked of the app above without knowing it.

It says who answers in ``AppConfig.ready``. Without an answer there are none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

# By cycle: accounts with the first day of their oldest period that is not cut.
AccountCuts = Callable[[], Mapping[int, Mapping[int, date]]]


@dataclass(slots=True)
class _Answers:
    account_cuts: AccountCuts | None = None


_answers = _Answers()


def answer_account_cuts(account_cuts: AccountCuts) -> None:
    """Say who answers."""
    _answers.account_cuts = account_cuts


def account_cuts() -> Mapping[int, Mapping[int, date]]:
    """Return, by cycle, the accounts that are cut later than the cycle is, with the first day that is open for them."""
    return _answers.account_cuts() if _answers.account_cuts else {}
