"""A feature more for a line, with what it costs on the next bill and later said before it is added."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.digits import to_ascii_digits
from billing_site.core.messages import gettext_noop
from billing_site.web.refusals import sentence_html
from billing_site.web.views import FormPage, Outcome
from billing_site.web.wrapping import amount_html, date_html, minor_html, name_html
from invoicing.forms.features import MOST_DAYS, AddFeatureForm
from invoicing.queries.feature_costs import FeatureCost, feature_costs
from subscribers.models import Subscription
from subscribers.operations.subscriptions import add_feature
from subscribers.queries.restrictions import find_line
from subscribers.views.accounts import card_url

ADDED = gettext_noop("%(feature)s is added from %(day)s. It costs %(part)s until %(until)s and %(amount)s afterwards.")


class AddFeature(FormPage):
    """Add a feature to a line; ``?from_on=`` shows what it costs from another day than today on."""

    permission: ClassVar[str] = "subscribers.add_feature"
    template_name = "invoicing/add_feature.html"
    title = _("Add a feature")
    form_class = AddFeatureForm
    submit_label = _("Add")

    def initial(self, subscription_id: int) -> Mapping[str, Any]:
        """Offer the features that the line does not have, from today on."""
        day = self._day()
        return {"features": [one.feature_id for one in self._costs(subscription_id, day)], "from_on": day}

    def more(self, subscription_id: int) -> Mapping[str, Any]:
        """Say what each costs, name the account, and lead back to its card."""
        line, day = self._line(subscription_id), self._day()
        url = card_url(line.account_id)
        return {
            "back_url": url,
            "crumb": {"url": url, "label": line.account.number},
            "costs": self._costs(subscription_id, day),
            "currency": line.account.currency,
            "day": day,
        }

    def perform(self, form: AddFeatureForm, subscription_id: int) -> Outcome:
        """Add it, and say what to tell the subscriber."""
        feature, day = form.cleaned_data["feature"], form.cleaned_data["from_on"]
        line = self._line(subscription_id)
        cost = next((one for one in self._costs(subscription_id, day) if one.feature_id == feature.pk), None)
        add_feature(subscription_id=subscription_id, feature_id=feature.pk, from_on=day, actor=self.request.user)
        assert cost is not None, "what could be added has a price"
        said = {
            "feature": name_html(feature.names),
            "day": date_html(day),
            "part": minor_html(cost.part_minor, currency=line.account.currency),
            "until": date_html(cost.until_on),
            "amount": amount_html(cost.amount, currency=line.account.currency),
        }
        return Outcome(url=card_url(line.account_id), message=sentence_html(ADDED, said))

    def _day(self) -> date:
        """Return the day that is asked for, if it is near enough to be meant; else today."""
        today = clock.today()
        try:
            asked = date.fromisoformat(to_ascii_digits(self.request.GET.get("from_on", "")))
        except ValueError:
            return today
        return asked if abs((asked - today).days) <= MOST_DAYS else today

    def _costs(self, subscription_id: int, day: date) -> tuple[FeatureCost, ...]:
        return feature_costs(line=self._line(subscription_id), on=day)

    def _line(self, subscription_id: int) -> Subscription:
        line = find_line(subscription_id)
        if line is None:
            raise Http404
        return line
