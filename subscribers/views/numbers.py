"""Numbers at the counter: which are free, and one of them held for the customer for a quarter of an hour."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, ListPage, Outcome
from billing_site.web.wrapping import phone_html
from subscribers.forms import USES
from subscribers.forms.numbers import OfferFilter
from subscribers.models import NumberHold, PhoneNumber
from subscribers.operations.numbers import drop_hold, hold_number
from subscribers.queries.numbers import offered_numbers_for

HOLD = "subscribers.hold_number"


def _hold_of(row: PhoneNumber) -> NumberHold | None:
    """Return the promise that holds now: one that has run out is none."""
    hold: NumberHold | None = getattr(row, "hold", None)
    return hold if hold is not None and hold.held_until > clock.now() else None


class FreeNumbers(ListPage[PhoneNumber]):
    """Free numbers of the ranges that a person sees, with who holds one and until when."""

    permission: ClassVar[str] = "subscribers.view_number_ranges"
    title = _("Free numbers")
    intro = _("Open a number to hold it for a customer: nobody else can have it for a quarter of an hour.")
    filter_form = OfferFilter
    order = ("number",)
    empty = _("No number of your ranges is free.")
    columns = (
        Column(label=_("Number"), value="number", kind=Kind.PHONE),
        Column(label=_("Area"), value="range.area", kind=Kind.CODE),
        Column(label=_("Use"), value=lambda row: str(USES[row.range.use])),
        Column(label=_("Held by"), value=lambda row: str(hold.held_by) if (hold := _hold_of(row)) else ""),
        Column(
            label=_("Held until"),
            value=lambda row: hold.held_until if (hold := _hold_of(row)) else None,
            kind=Kind.INSTANT,
        ),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[PhoneNumber]":
        """Return them."""
        return offered_numbers_for(
            user=self.request.user, use=filters.get("use") or "", digits=filters.get("digits") or ""
        )

    def row_href(self, row: PhoneNumber) -> str:
        """Hold a number that nobody holds, give up one's own."""
        hold = _hold_of(row)
        if not self.request.user.may(HOLD) or (hold is not None and hold.held_by_id != self.request.user.pk):
            return ""
        return reverse("subscribers:drop-hold" if hold else "subscribers:hold-number", args=[row.number])


class _NumberAction(ActionView):
    """Something done with a number of the list; it leads back to the list, where the number is in sight."""

    permission: ClassVar[str] = HOLD
    asked: ClassVar[str]

    def question(self, number: str) -> str:
        """Name the number, if it is one that this person sees."""
        if not offered_numbers_for(user=self.request.user).filter(number=number).exists():
            raise Http404
        return sentence_html(self.asked, {"number": phone_html(number)})

    def back_url(self, number: str) -> str:
        """Return the list of the number."""
        return f"{reverse('subscribers:free-numbers')}?digits={number}"


class HoldNumber(_NumberAction):
    """Promise a number to the customer at the counter."""

    title = _("Hold the number")
    button = _("Hold")
    asked = gettext_noop("%(number)s is held for a quarter of an hour. Nobody else can have it meanwhile.")

    def perform(self, number: str) -> Outcome:
        """Hold it; a few seconds long there is a way back."""
        hold_number(number=number, at=clock.now(), actor=self.request.user)
        message = sentence_html(gettext_noop("%(number)s is held for you."), {"number": phone_html(number)})
        undo = reverse("subscribers:drop-hold", args=[number])
        return Outcome(url=self.back_url(number), message=message, undo_url=undo)


class DropHold(_NumberAction):
    """Give up the promise."""

    title = _("Give the number up")
    button = _("Give up")
    asked = gettext_noop("%(number)s is held by you. Given up, anybody can have it.")

    def perform(self, number: str) -> Outcome:
        """Give it up; of one that ran out meanwhile nothing is left to give up."""
        drop_hold(number=number, actor=self.request.user)
        message = sentence_html(gettext_noop("You hold %(number)s no longer."), {"number": phone_html(number)})
        return Outcome(url=self.back_url(number), message=message)
