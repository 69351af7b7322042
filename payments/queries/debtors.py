"""Who owes how much since when, with what was done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from payments.domain.ageing import Ageing
from payments.queries.bad_debts import Efforts, efforts_for
from payments.queries.open_items import age_items, open_items_of
from subscribers.models import Account

ACCOUNTS_AT_A_TIME = 2000
NOTHING_DONE = Efforts(steps={}, last_on=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """An account that owes: minor units of its currency by age, and the steps taken so far."""

    account_id: int
    account_number: str
    name: str
    department: Mapping[str, str]
    category: str
    currency: str
    ageing: Ageing
    efforts: Efforts

    @property
    def step_count(self) -> int:
        """How many steps were ever taken."""
        return sum(self.efforts.steps.values())


def debtors(
    *, on: date, department_id: int | None = None, centre_id: int | None = None, category: str = ""
) -> list[Debtor]:
    """Return the accounts with an open bill on a day, in the order of their ids; what is left out filters nothing."""
    owing = Account.objects.filter(ledger_account__balance__amount_minor__gt=0)
    if department_id is not None:
        owing = owing.filter(centre__department=department_id)
    if centre_id is not None:
        owing = owing.filter(centre=centre_id)
    if category:
        owing = owing.filter(category=category)
    ids = list(owing.order_by("pk").values_list("pk", flat=True))
    found: list[Debtor] = []
    for start in range(0, len(ids), ACCOUNTS_AT_A_TIME):
        found.extend(_debtors(ids[start : start + ACCOUNTS_AT_A_TIME], on=on))
    return found


def sum_ageing(rows: list[Debtor]) -> Ageing:
    """Return the classes of age of debtors together."""
    return sum((row.ageing for row in rows), Ageing())


def _debtors(ids: list[int], *, on: date) -> list[Debtor]:
    items = open_items_of(ids)
    efforts = efforts_for(items.keys())
    accounts = Account.objects.filter(pk__in=items.keys()).select_related("subscriber", "centre__department")
    return [
        Debtor(
            account_id=account.pk,
            account_number=account.number,
            name=account.subscriber.name,
            department=account.centre.department.names,
            category=account.category,
            currency=account.currency,
            ageing=age_items(items[account.pk], on=on),
            efforts=efforts.get(account.pk, NOTHING_DONE),
        )
        for account in accounts.order_by("pk")
    ]
