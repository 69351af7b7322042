"""The form on the account card that says how the subscriber wants the bill."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.views import FormPage, Outcome
from subscribers.forms.bill_settings import BillSettingForm
from subscribers.operations.bill_settings import set_bill_setting
from subscribers.queries.bill_settings import find_bill_wishes
from subscribers.views.accounts import card_url, get_account


class SetBillSetting(FormPage):
    """Say how the bill is made."""

    permission: ClassVar[str] = "subscribers.set_bill_setting"
    title = _("How the bill is made")
    form_class = BillSettingForm
    intro = _("It holds from the next bill run on; bills that are made already stay as they are.")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Show how it is now."""
        wishes = find_bill_wishes(account_id=get_account(account_id).pk)
        return {
            "itemisation": wishes.itemisation,
            "has_whole_numbers": wishes.has_whole_numbers,
            "is_large_print": wishes.is_large_print,
        }

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(account_id)}

    def perform(self, form: BillSettingForm, account_id: int) -> Outcome:
        """Write it down."""
        set_bill_setting(account_id=account_id, actor=self.request.user, **form.cleaned_data)
        return Outcome(url=card_url(account_id), message=__("The next bill is made like this."))
