"""
Accounts whose usage was credited on bills: who prices it again would give the difference a second time.

Bills are above this app: whoever keeps credit notes registers a function here.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date

from rating.models import Rerating, ReratingAccount

# Gives, of some accounts, the numbers of those whose usage between two days (half-open) a credit note took back.
CreditedOf = Callable[[Collection[int], date, date], Sequence[str]]
_answers: list[CreditedOf] = []


def answer_credited_usage(credited: CreditedOf) -> None:
    """Have a function asked for accounts whose usage was credited; the last one counts."""
    _answers[:] = [credited]


def credited_accounts(rerating: Rerating) -> Sequence[str]:
    """Return the numbers of accounts that a re-rating changes and whose usage of these days was credited, in order."""
    changed = ReratingAccount.objects.filter(rerating=rerating, record_count__gt=0)
    ids = list(changed.values_list("account_id", flat=True)) if _answers else []
    return _answers[0](ids, rerating.used_from, rerating.used_until) if ids else ()
