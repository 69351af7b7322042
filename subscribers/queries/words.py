"""The words of subscribers that people read."""

from django.utils.translation import pgettext_lazy

from subscribers.models import Account, CustomerGroup

CATEGORIES = {
    Account.Category.HOME.value: pgettext_lazy("customer category", "Home"),
    Account.Category.BUSINESS.value: pgettext_lazy("customer category", "Business"),
    Account.Category.STATE.value: pgettext_lazy("customer category", "State body"),
}
GROUP_KINDS = {
    CustomerGroup.Kind.FIRM.value: pgettext_lazy("customer group", "Firm"),
    CustomerGroup.Kind.FAMILY.value: pgettext_lazy("customer group", "Family"),
    CustomerGroup.Kind.MINISTRY.value: pgettext_lazy("customer group", "Ministry"),
}
