"""Business numbers of staff: given to an employee with an allowance of his own, and taken back."""

from datetime import date

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from subscribers.models import StaffLine
from subscribers.operations.subscriptions import end_periods, lock_in_service


class StaffLineAlreadyHeld(BillingError):
    """Two people cannot have one number."""

    default_message = gettext_noop("Somebody has this number on %(day)s or later already: take it back from him first.")
    default_code = "STAFF_LINE_ALREADY_HELD"


class StaffLineNotHeld(BillingError):
    """There is nothing to take back."""

    default_message = gettext_noop("%(employee)s does not have this number on %(day)s.")
    default_code = "STAFF_LINE_NOT_HELD"


@durable
def give_staff_line(
    *,
    subscription_id: int,
    employee: str,
    allowance_seconds: int,
    from_on: date,
    actor: User | None,
    personnel_number: str = "",
) -> StaffLine:
    """
    Give a line to an employee from a day on, with the seconds of calls a month that are his.

    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises StaffLineAlreadyHeld: if an employee has it on that day or later
    """
    subscription = lock_in_service(subscription_id, on=from_on)
    twice = {"subscribers_staffline_one_at_a_time": lambda: StaffLineAlreadyHeld(context={"day": from_on})}
    with constraint_errors(twice):
        given = StaffLine.objects.create(
            subscription=subscription,
            employee=employee,
            personnel_number=personnel_number,
            allowance_seconds=allowance_seconds,
            during=days_from(from_on),
        )
    changes = {"employee": employee, "allowance_seconds": allowance_seconds, "from": from_on.isoformat()}
    record("subscribers.give_staff_line", actor=actor, subject=subscription, changes=changes)
    return given


@durable
def end_staff_line(*, staff_line_id: int, until_on: date, actor: User | None) -> None:
    """
    Take a line back from an employee: ``until_on`` is the first day on which he does not have it.

    :raises StaffLineNotHeld: if he does not have it on that day
    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    held = StaffLine.objects.select_for_update(of=("self",)).get(pk=staff_line_id)
    during = date_period(held.during)
    if until_on < during.start or (during.until is not None and until_on >= during.until):
        raise StaffLineNotHeld(context={"employee": held.employee, "day": until_on})
    subscription = lock_in_service(held.subscription_id, on=until_on)
    end_periods([held], on=until_on)
    changes = {"employee": held.employee, "until": until_on.isoformat()}
    record("subscribers.end_staff_line", actor=actor, subject=subscription, changes=changes)
