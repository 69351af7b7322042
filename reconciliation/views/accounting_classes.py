"""What accounting calls things: its classes, its files' columns, the causes of differences."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from reconciliation.forms.books import LAYOUTS, CauseForm, ClassForm, MapForm
from reconciliation.models import AccountingClass, AccountingMap, BookCause
from reconciliation.operations.accounting_classes import set_accounting_class, set_accounting_map, set_book_cause
from reconciliation.queries.accounting_files import accounting_classes, accounting_maps
from reconciliation.queries.book_comparisons import active_causes
from tariffs.queries.words import SERVICE_KINDS

_LANGUAGES = (("name_en", "en"), ("name_hy", "hy"), ("name_ru", "ru"), ("name_zh", "zh-hans"), ("name_ar", "ar"))


class _SettingsList(ListPage[Any]):
    """A list whose rows are changed and added by a form."""

    template_name = "reconciliation/settings_list.html"
    url_name: ClassVar[str]
    add_label: ClassVar[Any]
    permission_to_set: ClassVar[str]

    def row_href(self, row: Any) -> str:
        """Lead to the form, for who may change it."""
        may = self.request.user.may(self.permission_to_set)
        return f"{reverse(self.url_name)}?code={row.code}" if may else ""

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say what the person may do."""
        may = self.request.user.may(self.permission_to_set)
        return {"add_url": reverse(self.url_name) if may else "", "add_label": self.add_label}


class AccountingClassList(_SettingsList):
    """The classes of the accounting ledger and what of ours each holds."""

    permission: ClassVar[str] = "reconciliation.view_accounting_classes"
    title = _("Classes of the accounting ledger")
    intro = _("An account is fixed or mobile by the kind of its first line, revenue by that of its bill item.")
    url_name = "reconciliation:set-accounting-class"
    permission_to_set = "reconciliation.set_accounting_class"
    add_label = _("Add a class")
    columns = (
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Title"), value="title"),
        Column(label=_("Holds"), value=lambda row: row.get_measure_display()),
        Column(label=_("Fixed or mobile"), value=lambda row: row.get_section_display()),
        Column(
            label=_("Kinds of service"),
            value=lambda row: ", ".join(str(SERVICE_KINDS.get(kind, kind)) for kind in _kinds(row)),
        ),
        Column(label=_("Bill items"), value=lambda row: " ".join(_items(row)), kind=Kind.CODE),
    )
    empty = _("No class yet. Add those in which accounting keeps what subscribers owe and what they bring in.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[AccountingClass]:
        """Return all classes."""
        return list(accounting_classes())


class SetAccountingClass(FormPage):
    """Add a class, or change it."""

    permission: ClassVar[str] = "reconciliation.set_accounting_class"
    title = _("Class of the accounting ledger")
    form_class = ClassForm

    def initial(self, *_args: Any, **_ids: Any) -> Mapping[str, Any]:
        """Show the class that the address names."""
        held = accounting_classes().filter(code=self.request.GET.get("code", "")).first()
        if held is None:
            return {}
        plain = {name: getattr(held, name) for name in ("code", "title", "measure", "section")}
        return {**plain, "kinds": _kinds(held), "items": " ".join(_items(held))}

    def perform(self, form: ClassForm, *_args: Any, **_ids: Any) -> Outcome:
        """Set it."""
        given = form.cleaned_data
        set_accounting_class(
            code=given["code"],
            title=given["title"],
            measure=given["measure"],
            section=given["section"],
            kinds=given["kinds"],
            items=given["items"].split(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("reconciliation:accounting-classes"), message=__("The class is saved."))


class AccountingMapList(_SettingsList):
    """The column maps: how accounting programs write their files."""

    permission: ClassVar[str] = "reconciliation.view_accounting_classes"
    title = _("Column maps of accounting files")
    url_name = "reconciliation:set-accounting-map"
    permission_to_set = "reconciliation.set_accounting_map"
    add_label = _("Add a column map")
    columns = (
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Name"), value="names", kind=Kind.NAME),
        Column(label=_("Layout"), value=lambda row: dict(LAYOUTS).get(row.plan.get("layout", "TABLE"))),
        Column(label=_("Columns"), value=lambda row: ", ".join(row.plan.get("columns", {}).values())),
    )
    order = ("code",)
    empty = _("No column map yet. Add one for the accounting program.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[AccountingMap]:
        """Return all maps."""
        return accounting_maps()


class SetAccountingMap(FormPage):
    """Add a column map, or change it."""

    permission: ClassVar[str] = "reconciliation.set_accounting_map"
    title = _("Column map of accounting files")
    form_class = MapForm
    intro = _("Columns are found by their headings, wherever they stand. Of a balance give one column or two.")

    def initial(self, *_args: Any, **_ids: Any) -> Mapping[str, Any]:
        """Show the map that the address names."""
        layout = accounting_maps().filter(code=self.request.GET.get("code", "")).first()
        if layout is None:
            return {}
        plan = dict(layout.plan)
        columns = {f"column_{name}": heading for name, heading in plan.pop("columns", {}).items()}
        delimiter = "TAB" if plan.get("delimiter") == "\t" else plan.get("delimiter", ";")
        return {"code": layout.code, **_named(layout.names), **plan, "delimiter": delimiter, **columns}

    def perform(self, form: MapForm, *_args: Any, **_ids: Any) -> Outcome:
        """Set it."""
        code = form.cleaned_data["code"]
        set_accounting_map(code=code, names=form.names(), plan=form.plan(), actor=self.request.user)
        return Outcome(url=reverse("reconciliation:accounting-maps"), message=__("The column map is saved."))


class BookCauseList(_SettingsList):
    """The causes of differences."""

    permission: ClassVar[str] = "reconciliation.view_accounting_classes"
    title = _("Causes of differences from accounting")
    url_name = "reconciliation:set-book-cause"
    permission_to_set = "reconciliation.set_book_cause"
    add_label = _("Add a cause")
    columns = (
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Name"), value="names", kind=Kind.NAME),
        Column(label=_("Position"), value="position", kind=Kind.NUM),
        Column(label=_("Offered"), value=lambda row: __("yes") if row.is_active else __("no")),
    )
    order = ("position", "code")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BookCause]:
        """Return all causes."""
        return active_causes()


class SetBookCause(FormPage):
    """Add a cause, or change it."""

    permission: ClassVar[str] = "reconciliation.set_book_cause"
    title = _("Cause of differences from accounting")
    form_class = CauseForm

    def initial(self, *_args: Any, **_ids: Any) -> Mapping[str, Any]:
        """Show the cause that the address names."""
        cause = active_causes().filter(code=self.request.GET.get("code", "")).first()
        if cause is None:
            return {}
        plain = {"code": cause.code, "position": cause.position, "is_active": cause.is_active}
        return {**plain, **_named(cause.names)}

    def perform(self, form: CauseForm, *_args: Any, **_ids: Any) -> Outcome:
        """Set it."""
        given = form.cleaned_data
        set_book_cause(
            code=given["code"],
            names=form.names(),
            position=given["position"],
            is_active=given["is_active"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("reconciliation:book-causes"), message=__("The cause is saved."))


def _named(names: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of names as the form has them."""
    return {field: names.get(language, "") for field, language in _LANGUAGES}


def _kinds(held: AccountingClass) -> list[str]:
    return sorted({source.kind for source in held.sources.all() if source.kind})


def _items(held: AccountingClass) -> list[str]:
    return sorted({source.item for source in held.sources.all() if source.item})
