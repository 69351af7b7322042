"""The words of subscribers that people read."""

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from subscribers.models import Account

CATEGORIES = {
    Account.Category.HOME.value: pgettext_lazy("customer category", "Home"),
    Account.Category.BUSINESS.value: _("Business"),
    Account.Category.STATE.value: _("State body"),
}
