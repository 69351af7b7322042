"""The list of tills, where they are set up and changed."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from payments.forms.till import ChangeTillForm, CreateTillForm, typed_amount
from payments.models import Till
from payments.operations.tills import change_till, create_till
from payments.queries.till_words import FISCAL_DEVICES
from payments.views.till_scope import centre_scope


class TillList(ListPage[Till]):
    """Every till, by code."""

    permission = "payments.view_tills"
    title = _("Tills")
    template_name = "payments/till_list.html"
    order = ("code",)
    columns = (
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Name"), value="name"),
        Column(label=_("Service centre"), value="centre.names", kind=Kind.NAME),
        Column(label=_("Fiscal device"), value=lambda row: FISCAL_DEVICES[row.fiscal_device]),
        Column(label=_("Width of the receipt"), value="paper_mm", kind=Kind.NUM),
        Column(label=_("In use"), value=lambda row: __("yes") if row.is_active else __("no")),
    )
    empty = _("No till yet. A billing specialist sets them up.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Till]:
        """Return them."""
        scope = centre_scope(self.request.user)
        tills = Till.objects.select_related("centre")
        return tills if scope is None else tills.filter(centre_id=scope)

    def row_href(self, row: Till) -> str:
        """Lead to where it is changed."""
        return reverse("payments:change-till", args=[row.pk]) if self.request.user.may("payments.change_till") else ""


class CreateTill(FormPage):
    """A new till of a centre."""

    permission = "payments.create_till"
    title = _("Set up a till")
    form_class = CreateTillForm

    def initial(self) -> Mapping[str, Any]:
        """Offer the usual."""
        return {"large": typed_amount(500_000)}

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:tills")}

    def perform(self, form: Any) -> Outcome:
        """Set it up."""
        given = form.cleaned_data
        create_till(
            code=given["code"],
            name=given["name"],
            centre_id=given["centre"].pk,
            paper_mm=given["paper_mm"],
            fiscal_device=given["fiscal_device"],
            large_minor=given["large"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:tills"), message=__("The till is set up."))


class ChangeTill(FormPage):
    """A till's printer, device and use."""

    permission = "payments.change_till"
    title = _("Change a till")
    form_class = ChangeTillForm

    def till(self, till_id: int) -> Till:
        """Return it, or raise ``Http404``."""
        found = Till.objects.filter(pk=till_id).first()
        if found is None:
            raise Http404
        return found

    def initial(self, till_id: int) -> Mapping[str, Any]:
        """Show how it is."""
        till = self.till(till_id)
        same = ("name", "paper_mm", "fiscal_device", "is_active")
        return {**{name: getattr(till, name) for name in same}, "large": typed_amount(till.large_minor)}

    def more(self, till_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:tills")}

    def perform(self, form: Any, till_id: int) -> Outcome:
        """Change it."""
        given = form.cleaned_data
        change_till(
            till_id=self.till(till_id).pk,
            name=given["name"],
            paper_mm=given["paper_mm"],
            fiscal_device=given["fiscal_device"],
            large_minor=given["large"],
            is_active=given["is_active"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:tills"), message=__("The till is changed."))
