"""The words of subscribers that people read."""

from django.utils.translation import pgettext_lazy

from subscribers.models import Account

CATEGORIES = {
    Account.Category.HOME.value: pgettext_lazy("customer category", "Home"),
    Account.Category.BUSINESS.value: pgettext_lazy("customer category", "Business"),
    Account.Category.STATE.value: pgettext_lazy("customer category", "State body"),
}
