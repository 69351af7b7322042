"""
How Django's admin shows things here: reference data may be added and changed, never deleted; the rest is read.

The words of models and fields stand here and beside the admin's classes, not in the models: a word is no migration.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_lazy as _, pgettext_lazy

from billing_site.core.names import name_in

# Only the checker knows these as generic: Django's own classes are not.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline

Words = tuple[Promise, Promise]
FIELD_WORDS: Mapping[str, Promise] = {
    "code": _("Code"),
    "names": _("Name in five languages"),
    "kind": _("Kind"),
    "position": _("Place in the order"),
    "tax_category": _("Tax category"),
    "bill_item": _("Bill item"),
    "bill_items": _("Bill items"),
    "usage_category": _("Usage category"),
    "zone": _("Zone"),
    "zones": _("Zones"),
    "prefix": _("Prefix"),
    "during": _("Valid"),
    "percent": _("Per cent"),
    "weekdays": _("Weekdays"),
    "opens_at_minute": _("Opens at minute of the day"),
    "day": _("Day"),
    "counts_as_weekday": _("Counts as weekday"),
    "origin": _("Who says so"),
    "plan": _("Plan"),
    "plan_version": _("Version of the plan"),
    "number": _("Number"),
    "state": _("State"),
    "currency": _("Currency"),
    "window": _("Time window"),
    "window_scheme": _("Scheme of time windows"),
    "rounding_mode": _("Rounding"),
    "rounding_places": _("Decimals kept"),
    "created_by": _("Made by"),
    "approved_by": _("Approved by"),
    "created_at": _("Made"),
    "published_at": _("Published"),
    "amount": _("Amount"),
    "timing": pgettext_lazy("of a fee", "Charged"),
    "months": _("Months"),
    "proration": _("Part of a period"),
    "end_proration": _("Part at the end"),
    "change_proration": _("Part at a change"),
    "suspended_percent": _("Percent while suspended"),
    "connect_fee": _("Connect fee"),
    "minimum_charge": _("Minimum charge"),
    "maximum_charge": _("Maximum charge"),
    "surcharge_after_units": _("Surcharge after so many units"),
    "surcharge_amount": _("Surcharge"),
    "cap_policy": _("What the maximum does"),
    "unit": _("Unit"),
    "quantity": _("Quantity"),
    "priority": _("Priority"),
    "shared_by_account": _("Shared by the account"),
    "from_units": _("From unit"),
    "up_to_units": _("Up to unit"),
    "price": _("Price"),
    "per_units": _("For so many units"),
    "increment_units": _("Increment in units"),
    "flat_fee": _("Flat fee"),
    "model": _("Charge model"),
    "scope": _("What tiers run over"),
    "category": _("Customer category"),
    "free_units": _("Free units"),
    "free_events": _("Free events"),
    "counter_code": _("Counter"),
    "favourite_count": _("Favourite numbers allowed"),
    "prices_include_tax": _("Prices include tax"),
    "treatment": _("Tax treatment"),
    "reason_code": _("Reason code"),
    "provider": _("Provider"),
    "valid_from": _("First day"),
    "valid_until": _("First day without"),
    "rolls_over": _("Goes over to the next period"),
    "rollover_limit": _("At most so much goes over"),
    "is_free": _("Free in every plan"),
    "relation": _("Relation of caller and called"),
    "service": _("Kind of use"),
    "name": _("Name"),
    "document": _("Document"),
    "maximum_price": _("Highest price"),
    "units": _("For so many units"),
    "with_connect_fee": _("Connect fee included"),
    "bill_day": _("Bill day"),
    "open_from": _("Open from"),
    "first": _("First number"),
    "last": _("Last number"),
    "area": _("Area"),
    "use": _("Use"),
    "department": _("Department"),
    "centre": _("Service centre"),
    "address": _("Address"),
    "username": _("Sign-in name"),
    "full_name": _("Full name"),
    "role": _("Role"),
    "language": _("Language"),
    "is_active": _("May sign in"),
    "country_code": _("Country code"),
    "trunk_prefix": _("Prefix of calls inside the country"),
    "international_prefixes": _("Prefixes of calls abroad"),
    "national_lengths": _("Lengths of numbers of the country"),
    "min_international_length": _("Shortest number abroad"),
    "short_codes": _("Short numbers"),
    "keeps_line": _("Essential for keeping the line"),
    "feature": _("Service"),
    "rate": _("Rate"),
    "scheme": _("Scheme of time windows"),
    "revision": _("Revision"),
    "changed_by": _("Changed by"),
    "changed_at": _("Changed"),
    "submitted_by": _("Submitted by"),
    "submitted_at": _("Submitted"),
    "rejection_reason": _("Why it was sent back"),
}
# Columns that a person reads better in another form.
SHOWN = {"names": "shown_name", "during": "shown_days"}


def put_words(model: type[models.Model], words: Words | None) -> None:
    """Give a model and its fields the words that the admin shows."""
    if words is not None:
        # Django's documented interface to a model's options begins with an underscore.
        options: Any = model._meta  # noqa: SLF001
        options.verbose_name, options.verbose_name_plural = words
    fields: Any = model._meta.get_fields()  # noqa: SLF001 - as above
    for field in fields:
        if field.name in FIELD_WORDS and isinstance(field, models.Field):
            field.verbose_name = FIELD_WORDS[field.name]  # type: ignore[assignment]  # Django takes lazy words


@cache
def shown_choice(model: type[models.Model], name: str) -> Callable[[Any], str]:
    """Return a column that says a choice in the reader's language: models have their words in English."""
    field: Any = model._meta.get_field(name)  # noqa: SLF001 - as above

    @admin.display(description=field.verbose_name, ordering=name)
    def shown(row: Any) -> str:
        return gettext(str(getattr(row, f"get_{name}_display")()))

    return shown


def _has_choices(model: type[models.Model], name: Any) -> bool:
    fields: Any = model._meta.get_fields()  # noqa: SLF001 - as above
    return any(field.name == name and getattr(field, "choices", None) for field in fields)


class ChoiceFilter(admin.ChoicesFieldListFilter):
    """A filter that says choices in the reader's language."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Give what can be chosen."""
        for one in super().choices(changelist):
            yield {**one, "display": gettext(str(one["display"]))}


class ShownColumns:
    """Names in the reader's language, and days as a person writes them."""

    @admin.display(description=_("Name"))
    def shown_name(self, row: Any) -> str:
        """Return the name in the page's language."""
        return name_in(row.names, get_language() or "en")

    @admin.display(description=_("Valid"))
    def shown_days(self, row: Any) -> SafeString:
        """Return the first and the last day; what is open has no last one."""
        days = row.during
        if days is None:
            return format_html("–")
        first = date_format(days.lower) if days.lower else ""
        until = date_format(days.upper) if days.upper else ""
        return format_html('<bdi dir="ltr">{} – {}</bdi>', first, until)


class ReferenceAdmin(ShownColumns, ModelAdmin):
    """Reference data: no deletion, no counting of whole tables."""

    words: ClassVar[Words | None] = None
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        """Give the model its words."""
        super().__init__(model, admin_site)
        put_words(model, self.words)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show names, days and choices as a person reads them."""
        model: Any = self.model
        columns: Any = super().get_list_display(request)
        return [
            shown_choice(model, column) if _has_choices(model, column) else SHOWN.get(str(column), column)
            for column in columns
        ]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Filter by choices in the reader's language."""
        return [
            (name, ChoiceFilter) if _has_choices(self.model, name) else name
            for name in super().get_list_filter(request)
        ]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the choices in the reader's language."""
        field: Any = super().formfield_for_choice_field(db_field, request, **kwargs)
        if field is not None:
            field.choices = [(value, gettext(str(label)) if label else label) for value, label in field.choices]
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was used once stays readable."""
        return False


class ReadOnlyAdmin(ReferenceAdmin):
    """Rows that operations alone write."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show names and days as a person reads them."""
        return [SHOWN.get(str(name), name) for name in super().get_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let what is shown in another form be read."""
        return tuple(SHOWN.values())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class ReadOnlyRows(ShownColumns, TabularInline):
    """Rows of a parent, to be read with it."""

    words: ClassVar[Words | None] = None
    extra = 0
    can_delete = False
    show_change_link = True

    def __init__(self, parent_model: type[models.Model], admin_site: admin.AdminSite) -> None:
        """Give the model its words."""
        put_words(self.model, self.words)
        super().__init__(parent_model, admin_site)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show names and days as a person reads them."""
        return [SHOWN.get(str(name), name) for name in super().get_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let what is shown in another form be read."""
        return tuple(SHOWN.values())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
