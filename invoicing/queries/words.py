"""Words of accounts that a bill run sets aside or leaves out."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Word = str | Promise

REASONS: Mapping[str, Word] = {
    "ZERO_BILL": _("A bill of nothing"),
    "NEGATIVE_BILL": _("A bill that gives money back"),
    "UNUSUALLY_HIGH": _("Many times the account's usual bill"),
    "OTHER_CURRENCY": _("Kept in another currency"),
    "UNKNOWN_ITEM": _("Something without a price"),
    "OLD_USAGE": _("Usage older than may be billed without a word"),
    "NO_TAX_RATE": _("No tax rate"),
    "PAYER_PARKED": _("Paid for by an account that was set aside"),
    "DEFECT": _("It could not be calculated"),
    "NOTHING_TO_BILL": _("Nothing to bill"),
    "BILLED_BEFORE": _("Billed by another run of the period"),
    "HAD_FINAL_BILL": _("Had its final bill"),
}


def reason_word(code: str) -> Word:
    """Return why an account is set aside or left out; the code where it has no words."""
    return REASONS.get(code, code)
