"""How an account's bills go out, and where its letters are carried: changed from the card."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.views import FormPage, Outcome
from subscribers.forms.delivery import BillDeliveryForm, PostalAddressForm
from subscribers.models import DeliveryChannel
from subscribers.operations.delivery import change_bill_delivery, change_postal_address
from subscribers.queries.delivery import delivery_of_account
from subscribers.views.accounts import card_url, get_account


class ChangeBillDelivery(FormPage):
    """Choose the ways."""

    permission: ClassVar[str] = "subscribers.change_bill_delivery"
    title = _("Change how the bills go out")
    form_class = BillDeliveryForm
    intro = _("From the next bill on. Bills that are on their way stay as they are.")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Show the ways of today."""
        get_account(account_id)
        chosen = {row.kind: row for row in DeliveryChannel.objects.filter(account_id=account_id)}
        mail = chosen.get(DeliveryChannel.Kind.E_MAIL)
        languages = {row.language for row in chosen.values()}
        return {
            "ways": list(chosen) or [way.kind for way in delivery_of_account(account_id=account_id).ways],
            "address": mail.address if mail else "",
            "language": languages.pop() if len(languages) == 1 else "",
        }

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(account_id)}

    def perform(self, form: BillDeliveryForm, account_id: int) -> Outcome:
        """Change it."""
        change_bill_delivery(account_id=account_id, ways=form.chosen(), actor=self.request.user)
        return Outcome(url=card_url(account_id), message=__("It is changed how the bills go out."))


class ChangePostalAddress(FormPage):
    """Change where letters are carried."""

    permission: ClassVar[str] = "subscribers.change_postal_address"
    title = _("Change the postal address")
    form_class = PostalAddressForm

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Show where they are carried today."""
        account = get_account(account_id)
        return {"address": account.address, "post_code": account.post_code, "route": account.route}

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(account_id)}

    def perform(self, form: PostalAddressForm, account_id: int) -> Outcome:
        """Change it."""
        change_postal_address(account_id=account_id, **form.cleaned_data, actor=self.request.user)
        return Outcome(url=card_url(account_id), message=__("The postal address is changed."))
