"""The extra bill of an account that left, for what would have come onto its next bill."""

from typing import ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.views import ActionView, Outcome, Text
from billing_site.web.wrapping import code_html, micro_html
from invoicing.operations.left_charges import bill_left_charges
from invoicing.queries.left_charges import FREED, left_charges, waiting_micro
from invoicing.views.final_bills import due_today
from subscribers.views.accounts import card_url, get_account


class BillLeftCharges(ActionView):
    """Charge, or give back, what waits of an account that had its final bill."""

    permission: ClassVar[str] = "invoicing.bill_left_charges"
    title = _("Bill what waits")
    button = _("Post the extra bill")
    is_dangerous = True

    def question(self, account_id: int) -> Text:
        """Say what is charged, and to whom."""
        account = get_account(account_id)
        left = left_charges(account_number=account.number)
        if not left:
            raise Http404
        amount = micro_html(waiting_micro(left), currency=account.currency)
        words = __(
            "An extra bill of {amount} without tax is posted to account {account}, which had its final bill. Below zero"
            " it is a credit, which can be paid out. This is irrevocable."
        )
        asked = format_html(words, amount=amount, account=code_html(account.number))
        if all(one.kind != FREED for one in left):
            return asked
        anew = __("What a bill that was taken back had charged is billed at what is right by now, which may differ.")
        return format_html("{} {}", asked, anew)

    def back_url(self, account_id: int) -> str:
        """Return the account's card."""
        return card_url(get_account(account_id).pk)

    def perform(self, account_id: int) -> Outcome:
        """Post it, due as a final bill is."""
        at, today = clock.now(), clock.today()
        made = bill_left_charges(account_id=account_id, due_on=due_today(today), at=at, actor=self.request.user)
        if made is None:
            words = __("By now it comes to nothing: nothing is charged, and nothing waits any more.")
            return Outcome(url=self.back_url(account_id), message=words)
        return Outcome(url=reverse("invoicing:invoice", args=[made.pk]), message=__("The extra bill is posted."))
