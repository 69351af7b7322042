"""Lines restricted, stopped and restored by hand."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import Http404
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.addresses import url_or_empty
from billing_site.web.views import FormPage, Outcome
from subscribers.forms import ReasonForm, RestoreForm, RestrictForm
from subscribers.models import Subscription
from subscribers.operations.restrictions import restore_subscription, restrict_subscription, stop_subscription
from subscribers.queries.restrictions import find_line, find_restriction


def limits_url(account_id: int) -> str:
    """Return the page of the limits of an account, which stands above this app; the home page where it is not there."""
    return url_or_empty("rating:account-limits", account_id) or "/"


class LinePage(FormPage):
    """A form about one line."""

    form_class: ClassVar[type[forms.Form]] = ReasonForm

    def line(self, subscription_id: int) -> Subscription:
        """Return the line."""
        found = find_line(subscription_id)
        if found is None:
            raise Http404
        return found

    def more(self, *_: Any, subscription_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the account."""
        account = self.line(subscription_id).account
        url = limits_url(account.pk)
        return {"back_url": url, "crumb": {"url": url, "label": account.number}}

    def done(self, subscription_id: int, message: str) -> Outcome:
        """Go back and say it."""
        return Outcome(url=limits_url(self.line(subscription_id).account_id), message=message)


class RestrictSubscription(LinePage):
    """Bar the outgoing calls of a line."""

    permission = "subscribers.restrict_subscription"
    title = _("Restrict the line")
    form_class = RestrictForm
    submit_label = _("Restrict")
    intro = _("Outgoing calls are barred; incoming calls and calls to emergency numbers stay possible.")

    def perform(self, form: Any, *_: Any, subscription_id: int, **ids: Any) -> Outcome:
        """Restrict it."""
        given = form.cleaned_data
        restrict_subscription(
            subscription_id=subscription_id,
            cause=given["cause"],
            reason=given["reason"],
            at=clock.now(),
            actor=self.request.user,
        )
        return self.done(subscription_id, __("Outgoing calls are barred; the exchange is told."))


class StopSubscription(LinePage):
    """Bar the incoming calls of a restricted line, too."""

    permission = "subscribers.stop_subscription"
    title = _("Stop the line")
    submit_label = _("Stop")
    intro = _("All calls are barred but those to emergency numbers.")

    def perform(self, form: Any, *_: Any, subscription_id: int, **ids: Any) -> Outcome:
        """Stop it."""
        reason = form.cleaned_data["reason"]
        stop_subscription(subscription_id=subscription_id, reason=reason, at=clock.now(), actor=self.request.user)
        return self.done(subscription_id, __("All calls are barred; the exchange is told."))


class RestoreSubscription(LinePage):
    """End a cause of a restriction."""

    permission = "subscribers.restore_subscription"
    title = _("Restore the line")
    form_class = RestoreForm
    submit_label = _("Restore")
    intro = _("The line is free when no cause holds any more. A bar for the limit ends with the limit: lift that.")

    def initial(self, *_: Any, subscription_id: int, **ids: Any) -> Mapping[str, Any]:
        """Give the causes that hold."""
        held = find_restriction(subscription_id=subscription_id)
        return {"causes": tuple(held.causes) if held else ()}

    def perform(self, form: Any, *_: Any, subscription_id: int, **ids: Any) -> Outcome:
        """Restore it."""
        given = form.cleaned_data
        made = restore_subscription(
            subscription_id=subscription_id,
            cause=given["cause"],
            reason=given["reason"],
            at=clock.now(),
            actor=self.request.user,
        )
        if made.causes:
            return self.done(subscription_id, __("The cause has ended; the line stays barred for another one."))
        return self.done(subscription_id, __("The line is free; the exchange is told."))
