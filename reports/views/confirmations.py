"""What departments say of their own figures."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from billing_site.core.periods import month_of
from billing_site.identity.models import Department, User
from payments.models import CollectionConfirmation
from payments.queries.collection import collected_by_centre, confirmations_of, sum_collected
from reports.queries.catalogue import department_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentFigures:
    """A department's figures, what was said of them, and where they are confirmed by who may."""

    department: Department
    receivable_minor: int
    received_minor: int
    confirmation: CollectionConfirmation | None
    confirm_url: str

    @property
    def is_confirmed(self) -> bool:
        """Whether what was confirmed are these figures."""
        said = self.confirmation
        return said is not None and (said.receivable_minor, said.received_minor) == (
            self.receivable_minor,
            self.received_minor,
        )


def figures_of_month(*, month: date, department_id: int | None, user: User) -> tuple[DepartmentFigures, ...]:
    """Return the figures of each department of a month, with what its people said of them; of one where it is given."""
    departments = Department.objects.order_by("code").prefetch_related("centres")
    if department_id is not None:
        departments = departments.filter(pk=department_id)
    confirmed = confirmations_of(month)
    by_centre = collected_by_centre(first=month_of(month).start, last=month_of(month).last_day)
    found = []
    for one in departments:
        figures = sum_collected([by_centre[centre.pk] for centre in one.centres.all() if centre.pk in by_centre])
        found.append(
            DepartmentFigures(
                department=one,
                receivable_minor=figures.receivable_minor,
                received_minor=figures.received_minor,
                confirmation=confirmed.get(one.pk),
                confirm_url=_confirm_url(one, month, user),
            )
        )
    return tuple(found)


def _confirm_url(department: Department, month: date, user: Any) -> str:
    is_own = department_of(user) == department.pk
    may = is_own and user.may("payments.confirm_collection")
    return reverse("payments:confirm-collection", args=[department.pk, month.strftime("%Y-%m-%d")]) if may else ""
