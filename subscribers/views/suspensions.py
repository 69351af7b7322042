"""A line without service for a while: suspended and put back, with what its fees cost meanwhile."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.views import Outcome
from subscribers.forms import ResumeForm, SuspendForm
from subscribers.operations.subscriptions import resume_subscription, suspend_subscription
from subscribers.queries.line_fees import fees_of_line
from subscribers.views.accounts import card_url
from subscribers.views.restrictions import LinePage


class _SuspensionPage(LinePage):
    """A form with the fees of the line beside it; it leads back to the account's card."""

    template_name = "subscribers/suspend_subscription.html"

    def initial(self, *_: Any, subscription_id: int, **ids: Any) -> Mapping[str, Any]:
        """Offer today."""
        self.line(subscription_id)
        return {"on": clock.today()}

    def more(self, *_: Any, subscription_id: int, **ids: Any) -> Mapping[str, Any]:
        """Show what is charged."""
        line = self.line(subscription_id)
        url = card_url(line.account_id)
        return {
            "back_url": url,
            "crumb": {"url": url, "label": line.account.number},
            "fees": fees_of_line(subscription=line, on=clock.today()),
            "currency": line.account.currency,
        }

    def done(self, subscription_id: int, message: str) -> Outcome:
        """Go back to the card and say it."""
        return Outcome(url=card_url(self.line(subscription_id).account_id), message=message)


class SuspendSubscription(_SuspensionPage):
    """Take a line out of service from a day on."""

    permission: ClassVar[str] = "subscribers.suspend_subscription"
    title = _("Suspend the line")
    form_class = SuspendForm
    submit_label = _("Suspend")
    intro = _("From that day on the line has no service. It keeps its number, and its fees cost what stands below.")

    def perform(self, form: Any, *_: Any, subscription_id: int, **ids: Any) -> Outcome:
        """Suspend it."""
        day: date = form.cleaned_data["on"]
        reason = form.cleaned_data["reason"]
        suspend_subscription(subscription_id=subscription_id, suspended_on=day, actor=self.request.user, reason=reason)
        return self.done(subscription_id, __("The line is suspended."))


class ResumeSubscription(_SuspensionPage):
    """Put a suspended line back into service."""

    permission: ClassVar[str] = "subscribers.resume_subscription"
    title = _("Put the line back into service")
    form_class = ResumeForm
    submit_label = _("Put back")
    intro = _("The day is one with service: from it on the fees cost what they cost in service.")

    def perform(self, form: Any, *_: Any, subscription_id: int, **ids: Any) -> Outcome:
        """Resume it."""
        day: date = form.cleaned_data["on"]
        resume_subscription(subscription_id=subscription_id, resumed_on=day, actor=self.request.user)
        return self.done(subscription_id, __("The line is in service again."))
