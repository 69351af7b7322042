"""Departments answer for their figures."""

from datetime import date, datetime

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import month_of
from billing_site.db.transactions import durable
from billing_site.identity.models import Department, ServiceCentre, User
from payments.models import CollectionConfirmation
from payments.queries.collection import collected_of_department, confirmations_of


class DepartmentOfOthers(BillingError):
    """Each department answers for its own figures."""

    default_message = gettext_noop("These are the figures of department %(department)s: its own people confirm them.")
    default_code = "DEPARTMENT_OF_OTHERS"


class MonthNotOver(BillingError):
    """There is more to come."""

    default_message = gettext_noop("The month ends on %(day)s: its figures are confirmed when it is over.")
    default_code = "MONTH_NOT_OVER"


class FiguresAlreadyConfirmed(BillingError):
    """The same figures twice."""

    default_message = gettext_noop("%(person)s confirmed these figures on %(day)s.")
    default_code = "FIGURES_ALREADY_CONFIRMED"


@durable
def confirm_collection(*, department_id: int, month: date, at: datetime, today: date, actor: User) -> int:
    """
    Say for a department that receivable and received of a month are its own; return the id of the confirmation.

    :param month: any day of it
    :raises DepartmentOfOthers: for anybody but the department's own people
    :raises MonthNotOver: before its last day is over
    :raises FiguresAlreadyConfirmed: if nothing has changed since
    """
    department = Department.objects.select_for_update(no_key=True).get(pk=department_id)
    if actor.centre is None or actor.centre.department_id != department.pk:
        raise DepartmentOfOthers(context={"department": department.code})
    days = month_of(month)
    if today <= days.last_day:
        raise MonthNotOver(context={"day": days.last_day})
    centres = ServiceCentre.objects.filter(department=department).values_list("pk", flat=True)
    figures = collected_of_department(centre_ids=centres, month=days.start)
    before = confirmations_of(days.start).get(department.pk)
    said = (figures.receivable_minor, figures.received_minor)
    if before is not None and (before.receivable_minor, before.received_minor) == said:
        named = {"person": str(before.confirmed_by), "day": before.confirmed_at.date()}
        raise FiguresAlreadyConfirmed(context=named)
    made = CollectionConfirmation.objects.create(
        department=department,
        month=days.start,
        currency=settings.SALDO_CURRENCY,
        receivable_minor=figures.receivable_minor,
        received_minor=figures.received_minor,
        confirmed_by=actor,
        confirmed_at=at,
    )
    changes = {"month": days.start.isoformat(), "receivable": str(said[0]), "received": str(said[1])}
    record("payments.confirm_collection", actor=actor, subject=department, changes=changes)
    return made.pk
