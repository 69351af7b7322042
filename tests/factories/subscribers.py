"""Subscribers with accounts, lines and numbers, made by the house's own operations."""

import itertools
from datetime import UTC, date, datetime

from billing_site.identity.models import Department, ServiceCentre
from subscribers.models import Account, BillCycle, NumberRange, Subscription
from subscribers.operations.accounts import create_bill_cycle, open_account
from subscribers.operations.number_ranges import create_number_range
from subscribers.operations.subscribers import create_subscriber
from subscribers.operations.subscriptions import activate_subscription
from tariffs.models import Plan
from tests.factories.identity import make_centre
from tests.factories.tariffs import make_plan

START = date(2026, 1, 1)
NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
_numbers = itertools.count(0)


def make_cycle(
    *, code: str = "FIRST", bill_day: int = 1, open_from: date = date(2026, 2, 1), months: int = 1
) -> BillCycle:
    found = BillCycle.objects.filter(code=code).first()
    return found or create_bill_cycle(
        code=code, names={"en": "First of the month"}, bill_day=bill_day, open_from=open_from, months=months, actor=None
    )


def make_account(
    *,
    name: str = "Mary O'Neil-Brown",
    language: str = "en",
    kind: str = "PERSON",
    centre: ServiceCentre | None = None,
    cycle: BillCycle | None = None,
    email: str = "",
    opened_on: date = START,
) -> Account:
    subscriber = create_subscriber(kind=kind, name=name, language=language, email=email, actor=None)
    return open_account(
        subscriber_id=subscriber.pk,
        centre_id=(centre or make_centre()).pk,
        cycle_id=(cycle or make_cycle()).pk,
        opened_on=opened_on,
        actor=None,
    )


def make_range(
    *,
    first: str = "",
    count: int = 10,
    use: str = "FIXED",
    department: Department | None = None,
    centre: ServiceCentre | None = None,
) -> NumberRange:
    first = first or f"99910{next(_numbers) * 1000:06d}"
    if department is None:
        department = centre.department if centre else make_centre().department
    return create_number_range(
        first=first,
        last=f"{int(first) + count - 1:0{len(first)}d}",
        area="10",
        use=use,
        department_id=department.pk,
        centre_id=centre.pk if centre else None,
        actor=None,
    )


def make_line(
    *,
    account: Account | None = None,
    plan: Plan | None = None,
    number: str | None = None,
    active_from: date = START,
    at: datetime = NOW,
) -> Subscription:
    """With a number it must be one of a range's free ones."""
    return activate_subscription(
        account_id=(account or make_account()).pk,
        plan_id=(plan or make_plan()).pk,
        active_from=active_from,
        number=number,
        at=at,
        actor=None,
    )
