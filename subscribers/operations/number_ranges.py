"""Ranges of numbers and the numbers in them."""

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.copying import copy_rows
from billing_site.db.transactions import durable
from billing_site.identity.models import ServiceCentre, User
from subscribers.models import NumberRange

MAX_NUMBERS = 1_000_000
SHORTEST, LONGEST = 3, 15


class NumberRangeUnsound(BillingError):
    """Ends that make no range."""

    default_message = gettext_noop(
        "%(first)s to %(last)s is no range: digits only, country code first, both ends of one length, in order."
    )
    default_code = "NUMBER_RANGE_UNSOUND"


class NumberRangeTooLarge(BillingError):
    """More numbers than are made at once."""

    default_message = gettext_noop("%(first)s to %(last)s holds %(count)s numbers; at most %(most)s are made at once.")
    default_code = "NUMBER_RANGE_TOO_LARGE"


class NumberRangeOverlaps(BillingError):
    """A number would belong to two ranges."""

    default_message = gettext_noop("Some number from %(first)s to %(last)s belongs to another range already.")
    default_code = "NUMBER_RANGE_OVERLAPS"


class CentreOfAnotherDepartment(BillingError):
    """A centre sells for its own department."""

    default_message = gettext_noop("The service centre %(centre)s belongs to another department.")
    default_code = "CENTRE_OF_ANOTHER_DEPARTMENT"


@durable
def create_number_range(
    *,
    first: str,
    last: str,
    area: str,
    use: str,
    department_id: int,
    actor: User | None,
    centre_id: int | None = None,
) -> NumberRange:
    """
    Create a range with all its numbers, free, for one department or one of its centres.

    :param first: digits only, country code first; ``last`` of the same length
    :param area: billing area
    :param use: one of ``NumberRange.Use``
    :raises NumberRangeUnsound: if the ends make no range
    :raises NumberRangeTooLarge: for more than a million numbers
    :raises NumberRangeOverlaps: if a number belongs to another range
    :raises CentreOfAnotherDepartment: if the centre is not one of the department
    """
    _check_ends(first, last)
    if centre_id is not None:
        centre = ServiceCentre.objects.get(pk=centre_id)
        if centre.department_id != department_id:
            raise CentreOfAnotherDepartment(context={"centre": centre.code})
    apart = {"subscribers_numberrange_apart": lambda: NumberRangeOverlaps(context={"first": first, "last": last})}
    with constraint_errors(apart):
        made = NumberRange.objects.create(
            first=first, last=last, area=area, use=use, department_id=department_id, centre_id=centre_id
        )
    count = _make_numbers(made)
    changes = {"first": first, "last": last, "use": use, "numbers": count}
    record("subscribers.create_number_range", actor=actor, subject=made, changes=changes)
    return made


def _check_ends(first: str, last: str) -> None:
    ends = {"first": first, "last": last}
    is_sound = all(end.isascii() and end.isdigit() and SHORTEST <= len(end) <= LONGEST for end in (first, last))
    if not is_sound or len(first) != len(last) or first > last:
        raise NumberRangeUnsound(context=ends)
    count = int(last) - int(first) + 1
    if count > MAX_NUMBERS:
        raise NumberRangeTooLarge(context={**ends, "count": count, "most": MAX_NUMBERS})


def _make_numbers(made: NumberRange) -> int:
    width = len(made.first)
    return copy_rows(
        table="subscribers_phonenumber",
        columns=("number", "range_id", "state"),
        rows=((f"{number:0{width}d}", made.pk, "FREE") for number in range(int(made.first), int(made.last) + 1)),
    )
