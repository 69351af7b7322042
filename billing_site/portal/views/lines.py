"""Plans and favourite numbers: what a subscriber has, and what he changes himself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.core.names import name_in
from billing_site.portal.access import own_accounts, own_favourite, own_line
from billing_site.portal.forms import FavouriteForm, PlanForm
from billing_site.portal.http import PortalRequest
from billing_site.portal.queries.lines import get_own_lines, next_period_of, plan_offers
from billing_site.portal.views.base import PortalFormPage, PortalPage, page_language
from billing_site.web.refusals import sentence_html
from billing_site.web.views import Outcome
from billing_site.web.wrapping import amount_html
from subscribers.models import Subscription
from subscribers.operations.relations import add_favourite_number, remove_favourite_number
from subscribers.operations.subscriptions import change_plan

ONE_DAY = timedelta(days=1)
BEGINS = gettext_noop("The new plan begins on %(day)s.")
OFFER = gettext_noop("%(plan)s: %(fee)s a period, before tax")


class Lines(PortalPage):
    """Every line with its plan."""

    title = _("My plans")
    template_name = "portal/lines.html"
    section = "lines"

    def get(self, request: PortalRequest) -> HttpResponse:
        """Show them."""
        accounts = own_accounts(self.login)
        groups = [get_own_lines(account=account, at=clock.now(), today=clock.today()) for account in accounts]
        return self.show({"groups": groups})


class LinePage(PortalFormPage):
    """A form about one of one's lines."""

    section = "lines"

    def line(self, subscription_id: int) -> Subscription:
        """Return the line, if it is his."""
        return own_line(self.login, subscription_id)

    def more(self, subscription_id: int) -> Mapping[str, Any]:
        """Lead back."""
        self.line(subscription_id)
        return {"back_url": reverse("my:lines")}


class ChangePlan(LinePage):
    """Another plan, from the next bill period on."""

    title = _("Another plan")
    template_name = "portal/change_plan.html"
    form_class = PlanForm
    submit_label = _("Take this plan")

    def make_form(self, data: Any = None, **ids: Any) -> PlanForm:
        """Offer the plans that the line can take then, with what they cost."""
        line = self.line(ids["subscription_id"])
        language = page_language()
        offers = plan_offers(kind=line.kind, on=next_period_of(line.account, today=clock.today()), language=language)
        choices = [
            (
                offer.plan.pk,
                sentence_html(
                    OFFER,
                    {
                        "plan": name_in(offer.plan.names, language),
                        "fee": amount_html(offer.fee, currency=line.account.currency),
                    },
                ),
            )
            for offer in offers
        ]
        return PlanForm(data, choices=choices)

    def more(self, subscription_id: int) -> Mapping[str, Any]:
        """Say from when on."""
        line = self.line(subscription_id)
        first = next_period_of(line.account, today=clock.today())
        return {"back_url": reverse("my:lines"), "first_on": first}

    def perform(self, form: Any, subscription_id: int) -> Outcome:
        """Change it."""
        line = self.line(subscription_id)
        first = next_period_of(line.account, today=clock.today())
        change_plan(subscription_id=line.pk, plan_id=int(form.cleaned_data["plan"]), changed_on=first, actor=None)
        return Outcome(url=reverse("my:lines"), message=sentence_html(BEGINS, {"day": first}))


class AddFavourite(LinePage):
    """A number that is called at the price of favourites, from today on."""

    title = _("Add a favourite number")
    form_class = FavouriteForm
    submit_label = _("Add it")

    def perform(self, form: Any, subscription_id: int) -> Outcome:
        """Add it."""
        add_favourite_number(
            subscription_id=self.line(subscription_id).pk,
            number=form.cleaned_data["number"],
            from_on=clock.today(),
            actor=None,
        )
        return Outcome(url=reverse("my:lines"), message=__("The favourite number is added."))


class RemoveFavourite(PortalFormPage):
    """Take a favourite number away, from tomorrow on."""

    title = _("Remove a favourite number")
    section = "lines"
    form_class = forms.Form
    submit_label = _("Remove it")
    intro = _("From tomorrow on, calls to it cost what others cost.")

    def more(self, favourite_id: int) -> Mapping[str, Any]:
        """Lead back."""
        own_favourite(self.login, favourite_id)
        return {"back_url": reverse("my:lines")}

    def perform(self, form: Any, favourite_id: int) -> Outcome:
        """Remove it."""
        held = own_favourite(self.login, favourite_id)
        remove_favourite_number(
            subscription_id=held.subscription_id,
            number=held.number,
            until_on=clock.today() + ONE_DAY,
            actor=None,
        )
        return Outcome(url=reverse("my:lines"), message=__("The favourite number is removed."))
