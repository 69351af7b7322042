"""How a subscriber wants his bills: how much they list, in which letters, and which ways they take."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.portal.access import own_account
from billing_site.portal.forms import OwnBillForm, OwnDeliveryForm
from billing_site.portal.views.base import PortalFormPage
from billing_site.web.views import Outcome
from subscribers.models import DeliveryChannel
from subscribers.operations.bill_settings import set_bill_setting
from subscribers.operations.delivery import change_bill_delivery
from subscribers.queries.bill_settings import find_bill_wishes
from subscribers.queries.delivery import delivery_of_account


class BillWishesForm(PortalFormPage):
    """A form about the bills of one account."""

    template_name = "portal/bill_wishes.html"
    section = "profile"

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Name the account and lead back."""
        return {"account": own_account(self.login, account_id), "back_url": reverse("my:profile")}


class OwnBillWishes(BillWishesForm):
    """How much the bills list, whether called numbers are whole, and the size of letters."""

    title = _("How your bills are made")
    form_class = OwnBillForm
    intro = _("It holds from the next bill on; bills that are made already stay as they are.")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Show how it is now."""
        wishes = find_bill_wishes(account_id=own_account(self.login, account_id).pk)
        return {
            "itemisation": wishes.itemisation,
            "has_whole_numbers": wishes.has_whole_numbers,
            "is_large_print": wishes.is_large_print,
        }

    def perform(self, form: Any, account_id: int) -> Outcome:
        """Write it down."""
        set_bill_setting(account_id=own_account(self.login, account_id).pk, actor=None, **form.cleaned_data)
        return Outcome(url=reverse("my:profile"), message=__("Your next bill is made like this."))


class OwnBillDelivery(BillWishesForm):
    """Which ways the bills take: mail to an address that is confirmed, these pages, paper."""

    title = _("How your bills reach you")
    form_class = OwnDeliveryForm
    intro = _("From the next bill on. Mail goes to the e-mail address that you confirmed under “My data”.")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Show the ways of today."""
        account = own_account(self.login, account_id)
        ways = delivery_of_account(account_id=account.pk).ways
        languages = set(self._chosen(account.pk).values_list("language", flat=True))
        return {
            "ways": [way.kind for way in ways],
            "language": languages.pop() if len(languages) == 1 else "",
        }

    def perform(self, form: Any, account_id: int) -> Outcome:
        """Change it; an address that staff wrote down for the bills stays."""
        account = own_account(self.login, account_id)
        mail = self._chosen(account.pk).filter(kind=DeliveryChannel.Kind.E_MAIL).first()
        ways = form.chosen(mail_address=mail.address if mail else "")
        change_bill_delivery(account_id=account.pk, ways=ways, actor=None)
        return Outcome(url=reverse("my:profile"), message=__("It is changed how your bills reach you."))

    def _chosen(self, account_id: int) -> Any:
        return DeliveryChannel.objects.filter(account_id=account_id)
