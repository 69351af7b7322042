"""The words of differences between billing and accounting that people read."""

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from reconciliation.models import BookCase

CASE_KINDS = {
    "MISSING_THERE": _("Missing in accounting"),
    "MISSING_HERE": _("Missing in billing"),
    "OTHER_AMOUNT": _("Another amount"),
    "ADVANCE_AS_REVENUE": _("An advance booked as revenue"),
    "OTHER_SUBSCRIBER": _("Booked to another subscriber"),
}
CASE_STATES = {
    "OPEN": pgettext_lazy("state", "Open"),
    "CORRECTED": pgettext_lazy("state", "Corrected"),
    "CONFIRMED": pgettext_lazy("state", "Confirmed"),
    "GONE": pgettext_lazy("state", "No longer there"),
}

assert CASE_KINDS.keys() == set(BookCase.Kind.values), "every kind has its words"
assert CASE_STATES.keys() == set(BookCase.State.values), "every state has its word"
