"""Categories of use, and which item of the bill each goes into from which day on."""

from collections.abc import Mapping
from datetime import date

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.ranges import days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import BillItem, UsageCategory, UsageCategoryItem
from tariffs.operations.codes import check_code_free, rows_by_code


class CategoryItemTooEarly(BillingError):
    """The item of a category changes on that day or later already."""

    default_message = gettext_noop(
        "The bill item of category %(category)s changes on %(first)s already: choose a later day."
    )
    default_code = "CATEGORY_ITEM_TOO_EARLY"


class CategoryItemUnchanged(BillingError):
    """Nothing would change."""

    default_message = gettext_noop("Category %(category)s goes into bill item %(item)s on %(day)s already.")
    default_code = "CATEGORY_ITEM_UNCHANGED"


@durable
def create_usage_category(
    *,
    code: str,
    names: Mapping[str, str],
    bill_item_code: str | None,
    actor: User | None,
    valid_from: date | None = None,
) -> UsageCategory:
    """
    Create a category of use; without a bill item its calls are not billed and no bill run will start.

    :param valid_from: the first day on which its use goes into the item; ``None`` is ever since
    :raises CodeTaken: if a category has the code
    :raises UnknownCode: if there is no such bill item
    """
    check_code_free(UsageCategory.objects.all(), code)
    items = rows_by_code(BillItem.objects.all(), [bill_item_code] if bill_item_code else [])
    category = UsageCategory.objects.create(code=code, names=dict(names))
    for item in items.values():
        UsageCategoryItem.objects.create(category=category, bill_item=item, during=days_from(valid_from))
    changes = {"code": code, "bill_item": bill_item_code or ""}
    record("tariffs.create_usage_category", actor=actor, subject=category, changes=changes)
    return category


@durable
def map_usage_category(
    *, category_code: str, bill_item_code: str, valid_from: date, actor: User | None
) -> UsageCategoryItem:
    """
    Let the use of a category go into a bill item from a day on; the item before it ends there.

    A day on which the category has no item is mended up to the next day on which it has one.

    :raises UnknownCode: if there is no such category or bill item
    :raises CategoryItemUnchanged: if it goes into that item on the day already
    :raises CategoryItemTooEarly: if the category has an item on the day and it changes on that day or later already
    """
    category = rows_by_code(UsageCategory.objects.select_for_update(no_key=True), [category_code])[category_code]
    item = rows_by_code(BillItem.objects.all(), [bill_item_code])[bill_item_code]
    present = category.items.filter(during__contains=valid_from).first()
    following = category.items.filter(during__startswith__gt=valid_from).order_by("during").first()
    next_from = following.during.lower if following is not None else None
    if present is not None:
        if present.bill_item_id == item.pk:
            context = {"category": category_code, "item": bill_item_code, "day": valid_from}
            raise CategoryItemUnchanged(context=context)
        if next_from is not None or present.during.lower == valid_from:
            raise CategoryItemTooEarly(context={"category": category_code, "first": next_from or valid_from})
        present.during = days_from(present.during.lower, valid_from)
        present.save(update_fields=["during"])
    mapped = UsageCategoryItem.objects.create(
        category=category, bill_item=item, during=days_from(valid_from, next_from)
    )
    changes = {"bill_item": bill_item_code, "valid_from": valid_from.isoformat()}
    record("tariffs.map_usage_category", actor=actor, subject=category, changes=changes)
    return mapped
