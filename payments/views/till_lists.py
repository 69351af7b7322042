"""A list of calls to the customer's e-mail, ordered at the till: the clerk serves the next person at once."""

from typing import ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import add_months
from billing_site.web.refusals import sentence_html
from billing_site.web.views import ActionView, Outcome
from billing_site.web.wrapping import code_html
from rating.models import CallListOrder
from rating.operations.call_list_orders import order_call_list
from rating.queries.call_lists import Criteria
from subscribers.views.accounts import get_account

MONTHS = 6
ON_ITS_WAY = gettext_noop(
    "The list of calls of account %(account)s is made and sent to %(address)s. Serve the next person."
)


class MailCallList(ActionView):
    """One question, one key; the file is made in the background, with masked numbers, in the customer's language."""

    permission: ClassVar[str] = "rating.order_call_list"
    title = _("Detail of calls to e-mail")
    button = _("Send")

    def question(self, account_id: int) -> str:
        """Name the address: the customer hears it."""
        account = get_account(account_id)
        if not account.subscriber.email:
            raise Http404
        words = {"address": account.subscriber.email, "account": account.number}
        return __("Send the calls of the last six months of account %(account)s to %(address)s?") % words

    def back_url(self, account_id: int) -> str:
        """Return the account at the till."""
        return f"{reverse('payments:take-till-payment')}?account={get_account(account_id).number}"

    def perform(self, account_id: int) -> Outcome:
        """Order it, and go back to an empty till."""
        account, today = get_account(account_id), clock.today()
        order = order_call_list(
            account_id=account.pk,
            criteria=Criteria(first=add_months(today, -MONTHS), last=today),
            form=CallListOrder.Form.WORKBOOK,
            delivery=CallListOrder.Delivery.MAIL,
            actor=self.request.user,
        )
        said = sentence_html(ON_ITS_WAY, {"account": code_html(account.number), "address": order.mail_to})
        return Outcome(url=reverse("payments:take-till-payment"), message=said)
