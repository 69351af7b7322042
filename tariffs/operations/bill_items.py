"""What lines of a bill are called and how they are taxed."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from billing_site.ledger.closing import get_closed_through
from tariffs.models import BillItem, TaxCategory, TaxRate
from tariffs.operations.codes import CodeTaken, check_code_free, rows_by_code

MAX_PERCENT_PLACES = 3


class PercentUnsound(BillingError):
    """A percentage outside 0 to 100 or with more than three decimals."""

    default_message = gettext_noop("%(percent)s is no percentage: 0 to 100 with at most three decimals.")
    default_code = "PERCENT_UNSOUND"


class TaxChangeTooEarly(BillingError):
    """The rate of a category changes on that day or later already."""

    default_message = gettext_noop("The rate of %(category)s changes on %(first)s already: choose a later day.")
    default_code = "TAX_CHANGE_TOO_EARLY"


class TaxChangeInClosedBooks(BillingError):
    """What was charged on days whose books are closed keeps its tax."""

    default_message = gettext_noop(
        "The books are closed through %(closed_through)s: the rate of %(category)s changes on a later day."
    )
    default_code = "TAX_CHANGE_IN_CLOSED_BOOKS"


class TaxOfTreatment(BillingError):
    """Only what is taxed by the standard treatment has a rate above nothing."""

    default_message = gettext_noop("By its treatment nothing is charged for %(category)s: its rate is 0.")
    default_code = "TAX_OF_TREATMENT"


class TreatmentUnknown(BillingError):
    """No such treatment."""

    default_message = gettext_noop("There is no tax treatment %(treatment)s.")
    default_code = "TREATMENT_UNKNOWN"


class BillItemUnchanged(BillingError):
    """Nothing of it would be otherwise: nothing is journalled either."""

    default_message = gettext_noop("Nothing of bill item %(code)s is changed.")
    default_code = "BILL_ITEM_UNCHANGED"


class BillItemChangedMeanwhile(BillingError):
    """Somebody else changed it since it was shown."""

    default_message = gettext_noop("Bill item %(code)s was changed meanwhile: look at it again. Nothing was saved.")
    default_code = "BILL_ITEM_CHANGED_MEANWHILE"


def check_percent(percent: Decimal) -> Decimal:
    """
    Return a percentage as it is.

    :raises PercentUnsound: outside 0 to 100 or with more than three decimals
    """
    if not percent.is_finite() or not 0 <= percent <= 100 or percent.scaleb(MAX_PERCENT_PLACES) % 1:
        raise PercentUnsound(context={"percent": str(percent)})
    return percent


@durable
def create_tax_category(
    *,
    code: str,
    names: Mapping[str, str],
    actor: User | None,
    treatment: str = TaxCategory.Treatment.STANDARD,
    reason_code: str = "",
    percent: Decimal | None = None,
    valid_from: date | None = None,
) -> TaxCategory:
    """
    Create a category of tax, with its first rate where it has one; later ones are set by ``set_tax_rate``.

    :param treatment: one of ``TaxCategory.Treatment``, by which invoices in the European form name it
    :param reason_code: why nothing is charged, as these invoices say it (``VATEX-EU-AE``)
    :param percent: its rate from ``valid_from`` on
    :raises CodeTaken: if a category has the code
    :raises TreatmentUnknown: for any other treatment
    :raises PercentUnsound: outside 0 to 100 or with more than three decimals
    :raises TaxOfTreatment: for a rate above 0 of a treatment by which nothing is charged
    """
    check_code_free(TaxCategory.objects.all(), code)
    if treatment not in TaxCategory.Treatment.values:
        raise TreatmentUnknown(context={"treatment": treatment})
    if percent is not None:
        check_percent(percent)
    refusals: dict[str, Callable[[], BillingError]] = {
        "tariffs_taxcategory_code_key": lambda: CodeTaken(context={"kind": "tax category", "code": code}),
        "tariffs_taxcategory_treatment_is_known": lambda: TreatmentUnknown(context={"treatment": treatment}),
    }
    with constraint_errors(refusals):
        category = TaxCategory.objects.create(
            code=code, names=dict(names), treatment=treatment, reason_code=reason_code
        )
    changes = {"code": code, "treatment": treatment}
    if percent is not None:
        _add_rate(category, percent=percent, valid_from=valid_from)
        changes |= {"percent": str(percent), "valid_from": valid_from.isoformat() if valid_from else ""}
    record("tariffs.create_tax_category", actor=actor, subject=category, changes=changes)
    return category


def _add_rate(category: TaxCategory, *, percent: Decimal, valid_from: date | None) -> TaxRate:
    """Add a rate; what it may not be is known by the database, which says it by the name of its rule."""
    named = {"category": category.code}
    refusals: dict[str, Callable[[], BillingError]] = {
        "tariffs_taxrate_of_treatment": lambda: TaxOfTreatment(context=named),
        "tariffs_taxrate_in_open_books": lambda: _in_closed_books(category),
        "tariffs_taxrate_one_at_a_time": lambda: TaxChangeTooEarly(context={**named, "first": valid_from or ""}),
        "tariffs_taxrate_at_most_all": lambda: PercentUnsound(context={"percent": str(percent)}),
        "tariffs_taxrate_not_negative": lambda: PercentUnsound(context={"percent": str(percent)}),
    }
    with constraint_errors(refusals):
        return TaxRate.objects.create(category=category, percent=percent, during=days_from(valid_from))


def _in_closed_books(category: TaxCategory) -> TaxChangeInClosedBooks:
    return TaxChangeInClosedBooks(context={"category": category.code, "closed_through": get_closed_through()})


@durable
def set_tax_rate(*, category_code: str, percent: Decimal, valid_from: date, actor: User | None) -> TaxRate:
    """
    Let a rate of tax hold from a day on; the one before it ends there.

    :raises PercentUnsound: outside 0 to 100 or with more than three decimals
    :raises UnknownCode: if there is no such category
    :raises TaxOfTreatment: for a rate above 0 of a treatment by which nothing is charged
    :raises TaxChangeInClosedBooks: for a change on a day on which nothing can be posted any more
    :raises TaxChangeTooEarly: if the rate changes on that day or later already
    """
    rows = TaxCategory.objects.select_for_update(no_key=True)
    category = rows_by_code(rows, [category_code])[category_code]
    check_percent(percent)
    if valid_from <= get_closed_through() and category.rates.exists():
        raise _in_closed_books(category)
    for other in category.rates.filter(during__overlap=days_from(valid_from)).order_by("during"):
        if date_period(other.during).start >= valid_from:
            raise TaxChangeTooEarly(context={"category": category_code, "first": date_period(other.during).start})
        other.during = days_from(date_period(other.during).start, valid_from)
        other.save(update_fields=["during"])
    rate = _add_rate(category, percent=percent, valid_from=valid_from)
    changes = {"percent": str(percent), "valid_from": valid_from.isoformat()}
    record("tariffs.set_tax_rate", actor=actor, subject=category, changes=changes)
    return rate


@durable
def create_bill_item(
    *,
    code: str,
    kind: str,
    names: Mapping[str, str],
    tax_category_code: str,
    actor: User | None,
    position: int = 100,
    keeps_line: bool = False,
) -> BillItem:
    """
    Create an item of the bill: one word for the customer and the accountant.

    :param kind: one of ``BillItem.Kind``: whose revenue it is
    :param keeps_line: who does not pay such a charge keeps the line; the bill marks it
    :raises CodeTaken: if an item has the code
    :raises UnknownCode: if there is no such category of tax
    """
    check_code_free(BillItem.objects.all(), code)
    category = rows_by_code(TaxCategory.objects.all(), [tax_category_code])[tax_category_code]
    item = BillItem.objects.create(
        code=code, kind=kind, names=dict(names), tax_category=category, position=position, keeps_line=keeps_line
    )
    changes = {"code": code, **({"keeps_line": True} if keeps_line else {})}
    record("tariffs.create_bill_item", actor=actor, subject=item, changes=changes)
    return item


@durable
def edit_bill_item(
    *,
    item_id: int,
    names: Mapping[str, str],
    position: int,
    keeps_line: bool,
    actor: User | None,
    seen_mark: str | None = None,
) -> BillItem:
    """
    Change what an item is called, where it stands and whether the line hangs on it, for runs planned from now on.

    Whose revenue it is and how it is taxed stays: for that there is another item.

    :param keeps_line: who does not pay such a charge keeps the line; the bill marks it
    :param seen_mark: ``mark_of`` the item as it was shown; left out, whatever it is now is changed
    :raises BillItemChangedMeanwhile: if it is otherwise by now
    :raises BillItemUnchanged: if nothing would be otherwise
    """
    item = BillItem.objects.select_for_update(no_key=True).get(pk=item_id)
    if seen_mark is not None and seen_mark != mark_of(item):
        raise BillItemChangedMeanwhile(context={"code": item.code})
    wanted = {"names": dict(names), "position": position, "keeps_line": keeps_line}
    changes = {name: [getattr(item, name), value] for name, value in wanted.items() if getattr(item, name) != value}
    if not changes:
        raise BillItemUnchanged(context={"code": item.code})
    item.names, item.position, item.keeps_line = dict(names), position, keeps_line
    item.save(update_fields=list(wanted))
    record("tariffs.edit_bill_item", actor=actor, subject=item, changes=changes)
    return item


def mark_of(item: BillItem) -> str:
    """Return a short mark of what can be changed of an item: equal while nobody changes it."""
    shown = json.dumps([item.names, item.position, item.keeps_line], sort_keys=True)
    return sha256(shown.encode()).hexdigest()[:16]
