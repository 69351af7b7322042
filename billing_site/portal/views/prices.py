"""What a call costs, for everybody; from one's own number for who is signed in."""

from datetime import datetime

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.portal.access import own_lines
from billing_site.portal.forms import PriceForm
from billing_site.portal.http import PortalRequest, browser_of
from billing_site.portal.operations.tries import HOUR, TryLimit, check_tries
from billing_site.portal.views.base import PortalPage
from billing_site.web.views import UNPROCESSABLE
from rating.queries.price_answers import PriceQuestion, answer_price
from subscribers.models import NumberAssignment

ASKED_AN_HOUR = 300
TOO_MANY = 429


class Prices(PortalPage):
    """The price of one call with its rule in words; a question is an address, so it can be sent on."""

    is_public = True
    title = _("What does a call cost?")
    template_name = "portal/prices.html"
    section = "prices"

    def get(self, request: PortalRequest) -> HttpResponse:
        """Show the question, and the answer once it was asked."""
        now = clock.now().astimezone(clock.operator_zone())
        numbers = self._numbers(now)
        if "called" not in request.GET:
            first = {"day": now.date(), "time": now.time().replace(microsecond=0)}
            return self.show({"form": PriceForm(initial=first, numbers=numbers)})
        form = PriceForm(request.GET, numbers=numbers)
        if not form.is_valid():
            return self.show({"form": form}, status=UNPROCESSABLE)
        try:
            address = browser_of(request).address
            limit = TryLimit(scope="prices", subject=address, most=ASKED_AN_HOUR, within=HOUR)
            check_tries(limits=[limit], at=clock.now())
        except BillingError as refusal:
            return self.show({"form": form, "refusal": refusal}, status=TOO_MANY)
        asked = form.cleaned_data
        plan = asked["plan"]
        question = PriceQuestion(
            calling="" if plan else asked["calling"],
            called=asked["called"],
            at=datetime.combine(asked["day"], asked["time"], tzinfo=clock.operator_zone()),
            duration_seconds=asked["length"],
            plan_code=plan.code if plan else None,
        )
        return self.show({"form": form, "answer": answer_price(question).asked})

    def _numbers(self, now: datetime) -> list[str]:
        """Return the numbers of who is signed in."""
        if self.session is None:
            return []
        held = NumberAssignment.objects.filter(subscription__in=own_lines(self.login), during__contains=now)
        return list(held.order_by("number").values_list("number", flat=True))
