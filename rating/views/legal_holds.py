"""Legal holds: days whose records stay whatever their age."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, FormPage, ListPage, Outcome
from rating.forms.call_lists import LegalHoldForm
from rating.models import LegalHold
from rating.operations.retention import lift_legal_hold, place_legal_hold
from rating.queries.retention import ONE_DAY


class LegalHolds(ListPage[LegalHold]):
    """All holds, the latest first."""

    permission: ClassVar[str] = "rating.view_legal_holds"
    template_name = "rating/legal_hold_list.html"
    title = _("Legal holds")
    intro = _("Records of these days are not detached when their time is over.")
    columns = (
        Column(label=_("From"), value=lambda hold: hold.days.lower, kind=Kind.DATE),
        Column(label=_("To"), value=lambda hold: hold.days.upper - ONE_DAY, kind=Kind.DATE),
        Column(label=_("Reason"), value="reason"),
        Column(label=_("Placed by"), value="placed_by"),
        Column(label=_("Placed"), value="placed_at", kind=Kind.INSTANT),
        Column(label=_("Lifted"), value="lifted_at", kind=Kind.INSTANT),
    )
    empty = _("No hold: records are detached when their time is over.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[LegalHold]:
        """Return the holds."""
        return LegalHold.objects.select_related("placed_by")

    def row_href(self, row: LegalHold) -> str:
        """Lead to the lifting, for who may."""
        may = self.request.user.may("rating.lift_legal_hold") and row.lifted_at is None
        return reverse("rating:lift-legal-hold", args=[row.pk]) if may else ""

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Offer to place one."""
        may = self.request.user.may("rating.place_legal_hold")
        return {"place_url": reverse("rating:place-legal-hold") if may else ""}


class PlaceLegalHold(FormPage):
    """Keep the records of some days."""

    permission: ClassVar[str] = "rating.place_legal_hold"
    title = _("Place a hold")
    form_class = LegalHoldForm

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("rating:legal-holds")}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Place it."""
        place_legal_hold(**form.cleaned_data, actor=self.request.user)
        return Outcome(url=reverse("rating:legal-holds"), message=__("The records of these days stay."))


class LiftLegalHold(ActionView):
    """Let the days go with the others of their age."""

    permission: ClassVar[str] = "rating.lift_legal_hold"
    title = _("Lift the hold")
    button = _("Lift")
    is_dangerous = True

    def back_url(self, hold_id: int) -> str:
        """Return the list."""
        if not LegalHold.objects.filter(pk=hold_id).exists():
            raise Http404
        return reverse("rating:legal-holds")

    def perform(self, hold_id: int) -> Outcome:
        """Lift it."""
        url = self.back_url(hold_id)
        lift_legal_hold(hold_id=hold_id, at=clock.now(), actor=self.request.user)
        return Outcome(url=url, message=__("The hold is lifted."))
