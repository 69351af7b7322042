"""The supply division and the sales of the centres: sums that must agree, and each piece or sale in the way."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from billing_site.core import clock
from billing_site.identity.roles import CENTRE_ROLES
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome, Row
from reconciliation.forms.supply import (
    FAULT_WORDS,
    KIND_WORDS,
    CentreDay,
    SupplyDayFilter,
    SupplyItemForm,
    SupplyPriceForm,
    SupplySheetForm,
)
from reconciliation.models import SupplyItem
from reconciliation.operations.supply import add_supply_item, load_supply_sheet, set_supply_price
from reconciliation.queries.supply import (
    NumberGap,
    SalesFault,
    SalesLine,
    SupplyLine,
    missing_numbers,
    sales_faults,
    sales_lines,
    supply_items,
    supply_lines,
)
from tariffs.domain.grids import CellFault, TableFaulty

SEE = "reconciliation.view_supply"
ITEM: tuple[Column[Any], ...] = (
    Column(label=gettext_lazy("Item"), value="item", kind=Kind.CODE),
    Column(label=gettext_lazy("Name"), value="item_names", kind=Kind.NAME),
)
CENTRE: tuple[Column[Any], ...] = (
    Column(label=gettext_lazy("Service centre"), value="centre", kind=Kind.CODE),
    Column(label=gettext_lazy("Name of the centre"), value="centre_names", kind=Kind.NAME),
)


class CentreDayList(ListPage[Row]):
    """A list of one day; who belongs to a centre sees his own."""

    permission: ClassVar[str] = SEE
    template_name = "reconciliation/centre_day_list.html"
    filter_form = CentreDay
    is_wide = True

    def asked(self, filters: Mapping[str, Any]) -> dict[str, Any]:
        """Return day and centre of the filter; yesterday where none is named."""
        centre = filters.get("centre")
        person = self.request.user
        own = person.centre_id if person.role in CENTRE_ROLES else None
        return {"day": _day_of(filters), "centre_id": own or (centre.pk if centre else None)}

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the day, and lead to the other lists of it."""
        pages = {
            "reconciliation:supply-day": _("Pieces of the supply division"),
            "reconciliation:supply-numbers": _("Numbers that are missing"),
            "reconciliation:sales-day": _("Sales of the centres"),
            "reconciliation:sales-faults": _("Sales that do not agree"),
        }
        day = _day_of(filters)
        here = self.request.resolver_match
        others = [
            (label, f"{reverse(name)}?day={day}")
            for name, label in pages.items()
            if here is None or name != here.view_name
        ]
        return {
            "day": day,
            "others": others,
            "may_load": self.request.user.has_perm("reconciliation.load_supply_sheet"),
        }


class SupplyDay(CentreDayList[SupplyLine]):
    """Pieces by centre and item: opening and issued against sold, returned, written off and counted."""

    title = gettext_lazy("Pieces of the supply division")
    columns: ClassVar[Sequence[Column[Any]]] = (
        *CENTRE,
        *ITEM,
        Column(label=gettext_lazy("In stock before"), value="opening", kind=Kind.NUM, total=True),
        Column(label=pgettext_lazy("pieces", "Issued"), value="issued", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Sold"), value="sold", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Returned"), value="returned", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Written off"), value="written_off", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Should be in stock"), value="expected", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Counted"), value="counted", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Missing"), value="missing", kind=Kind.NUM, total=True),
    )
    filter_form = SupplyDayFilter
    empty = gettext_lazy("No piece on this day. Load the sheets of the supply division and of the centres.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[SupplyLine]:
        """Return the pieces of the day."""
        return supply_lines(**self.asked(filters), only_missing=bool(filters.get("only_missing")))


class SupplyNumbers(CentreDayList[NumberGap]):
    """The numbers that are missing after a count."""

    title = gettext_lazy("Numbers that are missing")
    columns: ClassVar[Sequence[Column[Any]]] = (
        *CENTRE,
        *ITEM,
        Column(label=gettext_lazy("First number"), value="first", kind=Kind.CODE),
        Column(label=gettext_lazy("Last number"), value="last", kind=Kind.CODE),
        Column(label=gettext_lazy("Missing"), value="missing", kind=Kind.NUM, total=True),
    )
    empty = gettext_lazy("No number is missing where pieces were counted on this day.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[NumberGap]:
        """Return the numbers."""
        return missing_numbers(**self.asked(filters))


class SalesDay(CentreDayList[SalesLine]):
    """Sales by centre: at the price of the day, as booked, as the till has them."""

    title = gettext_lazy("Sales of the centres")
    columns: ClassVar[Sequence[Column[Any]]] = (
        *CENTRE,
        Column(label=gettext_lazy("Sold"), value="quantity", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("At the price of the day"), value="due_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("Booked"), value="booked_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("In the till"), value="till_minor", kind=Kind.MONEY, total=True),
        Column(
            label=gettext_lazy("Booked less the price of the day"),
            value="price_difference_minor",
            kind=Kind.MONEY,
            total=True,
        ),
        Column(label=gettext_lazy("Till less booked"), value="till_difference_minor", kind=Kind.MONEY, total=True),
    )
    empty = gettext_lazy("No sale on this day. Load the sheets of the centres.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[SalesLine]:
        """Return the sales of the day."""
        return sales_lines(**self.asked(filters))


class SalesFaults(CentreDayList[SalesFault]):
    """The sales at another price than the day's, or without their money."""

    title = gettext_lazy("Sales that do not agree")
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column(label=gettext_lazy("What is wrong"), value=lambda row: FAULT_WORDS[row.fault]),
        *CENTRE,
        *ITEM,
        Column(label=gettext_lazy("Sheet"), value="sheet"),
        Column(label=gettext_lazy("Line"), value="row", kind=Kind.NUM),
        Column(label=gettext_lazy("First number"), value="first", kind=Kind.CODE),
        Column(label=gettext_lazy("Sold"), value="quantity", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Price of the day"), value="due_minor", kind=Kind.MONEY),
        Column(label=gettext_lazy("Price taken"), value="taken_minor", kind=Kind.MONEY),
        Column(label=gettext_lazy("Receipt"), value="receipt", kind=Kind.CODE),
        Column(label=gettext_lazy("Paid on the receipt"), value="paid_minor", kind=Kind.MONEY),
    )
    empty = gettext_lazy("Every sale of the day has its price, and its money is in the till.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[SalesFault]:
        """Return the sales."""
        return sales_faults(**self.asked(filters))


class LoadSupplySheet(FormPage):
    """A sheet of movements: all of them, or none with every fault at its cell."""

    permission = "reconciliation.load_supply_sheet"
    title = gettext_lazy("Load a sheet of the supply division")
    template_name = "reconciliation/load_supply_sheet.html"
    form_class = SupplySheetForm
    submit_label = gettext_lazy("Load")
    intro = gettext_lazy(
        "The first row names the columns: day, centre, item, move; first, last, quantity, price, receipt and note if"
        " wanted. A move is ISSUED, SOLD, RETURNED, WRITTEN_OFF or COUNTED. All movements are taken, or none."
    )
    faults: Sequence[CellFault] = ()

    def more(self, **_ids: Any) -> Mapping[str, Any]:
        """Lead back; show what is wrong in the sheet."""
        return {"back_url": reverse("reconciliation:supply-day"), "faults": self.faults}

    def perform(self, form: SupplySheetForm, **_ids: Any) -> Outcome:
        """Take it."""
        sheet = form.cleaned_data["sheet"]
        try:
            taken = load_supply_sheet(
                content=sheet.read(), name=sheet.name, today=clock.today(), actor=self.request.user
            )
        except TableFaulty as error:
            self.faults = error.faults
            raise
        message = _("Movements taken: %(count)s.") % {"count": taken.row_count}
        return Outcome(url=reverse("reconciliation:supply-day"), message=message)


class SupplyItemList(ListPage[SupplyItem]):
    """What centres sell, and what it costs today."""

    permission = SEE
    title = gettext_lazy("Items of the supply division")
    template_name = "reconciliation/supply_item_list.html"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column(label=gettext_lazy("Code"), value="code", kind=Kind.CODE),
        Column(label=gettext_lazy("Name"), value="names", kind=Kind.NAME),
        Column(label=gettext_lazy("Kind"), value=lambda row: KIND_WORDS[row.kind]),
        Column(label=gettext_lazy("Numbered"), value=lambda row: _("yes") if row.has_numbers else ""),
        Column(label=gettext_lazy("Price of today"), value="price_minor", kind=Kind.MONEY),
    )
    order = ("code", "id")
    empty = gettext_lazy("No item yet. Add what the centres sell before the first sheet is loaded.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[SupplyItem]:
        """Return the items."""
        return supply_items(on=clock.today())

    def row_href(self, row: SupplyItem) -> str:
        """Lead to a new price, for whom may set one."""
        may = self.request.user.has_perm("reconciliation.set_supply_price")
        return reverse("reconciliation:set-supply-price", args=[row.pk]) if may else ""


class AddSupplyItem(FormPage):
    """Something new to sell."""

    permission = "reconciliation.add_supply_item"
    title = gettext_lazy("Add an item")
    form_class = SupplyItemForm
    submit_label = gettext_lazy("Add")

    def more(self, **_ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("reconciliation:supply-items")}

    def perform(self, form: SupplyItemForm, **_ids: Any) -> Outcome:
        """Add it."""
        given = form.cleaned_data
        add_supply_item(
            code=given["code"],
            names=form.names(),
            kind=given["kind"],
            has_numbers=given["has_numbers"],
            price_minor=given["price"],
            valid_from=given["valid_from"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("reconciliation:supply-items"), message=_("The item is added."))


class SetSupplyPrice(FormPage):
    """What an item costs from a day on."""

    permission = "reconciliation.set_supply_price"
    title = gettext_lazy("Set a price")
    form_class = SupplyPriceForm

    def more(self, *_args: Any, item_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Name the item, and lead back."""
        item = SupplyItem.objects.filter(pk=item_id).first()
        if item is None:
            raise Http404
        return {"intro": item.code, "back_url": reverse("reconciliation:supply-items")}

    def perform(self, form: SupplyPriceForm, *_args: Any, item_id: int, **_ids: Any) -> Outcome:
        """Set it."""
        given = form.cleaned_data
        set_supply_price(
            item_id=item_id, price_minor=given["price"], valid_from=given["valid_from"], actor=self.request.user
        )
        return Outcome(url=reverse("reconciliation:supply-items"), message=_("The price is set."))


def _day_of(filters: Mapping[str, Any]) -> date:
    """Return the day asked for, or yesterday, which is looked at in the morning."""
    day: date | None = filters.get("day")
    return day or clock.today() - timedelta(days=1)
