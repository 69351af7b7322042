"""What a bill of a customer category must look like to go on by itself."""

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from invoicing.models import BillBound
from subscribers.models import Account


class BoundCategoryUnknown(BillingError):
    """No such category."""

    default_message = gettext_noop("There is no customer category %(category)s.")
    default_code = "BOUND_CATEGORY_UNKNOWN"


class BoundsUnsound(BillingError):
    """Bounds that would set every other bill aside."""

    default_message = gettext_noop(
        "A bill is set aside over at least twice the usual one, and over no negative amount."
    )
    default_code = "BOUNDS_UNSOUND"


@durable
def set_bill_bound(
    *,
    category: str,
    parks_zero: bool,
    parks_negative: bool,
    times: int | None,
    floor_minor: int,
    actor: User | None,
) -> BillBound:
    """
    Set the bounds of a customer category, from the next run that is planned on.

    :param times: set a bill aside over so many times the middle one of the account's last; ``None``: never
    :param floor_minor: bills up to this amount are never unusually large
    :raises BoundCategoryUnknown: for a category that does not exist
    :raises BoundsUnsound: for a multiple below two or a negative amount
    """
    if category not in Account.Category.values:
        raise BoundCategoryUnknown(context={"category": category})
    if floor_minor < 0 or (times is not None and times < 2):
        raise BoundsUnsound
    values = {"parks_zero": parks_zero, "parks_negative": parks_negative, "times": times, "floor_minor": floor_minor}
    bound, _made = BillBound.objects.update_or_create(category=category, defaults={**values, "changed_by": actor})
    record("invoicing.set_bill_bound", actor=actor, subject=bound, changes={"category": category, **values})
    return bound
