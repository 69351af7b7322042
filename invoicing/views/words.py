"""Words of bill runs that people read: kinds, rules, reasons."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from invoicing.forms import SEGMENTS
from invoicing.models import BillRun, ParkedAccount
from subscribers.queries.words import CATEGORIES

Word = str | Promise

KINDS: Mapping[str, Word] = {
    BillRun.Kind.FULL.value: pgettext_lazy("bill run", "Everybody"),
    BillRun.Kind.PILOT.value: pgettext_lazy("bill run", "Pilot"),
    BillRun.Kind.CATCH_UP.value: pgettext_lazy("bill run", "Catching up"),
    BillRun.Kind.FINAL.value: pgettext_lazy("bill run", "Final bill"),
    BillRun.Kind.REPLACEMENT.value: pgettext_lazy("bill run", "Bill calculated again"),
}
REASONS: Mapping[str, Word] = {
    "ZERO_BILL": _("A bill of nothing"),
    "NEGATIVE_BILL": _("A bill that gives money back"),
    "UNUSUALLY_HIGH": _("Many times the account's usual bill"),
    "OTHER_CURRENCY": _("Kept in another currency"),
    "UNKNOWN_ITEM": _("Something without a price"),
    "OLD_USAGE": _("Usage older than may be billed without a word"),
    "NO_TAX_RATE": _("No tax rate"),
    "DEFECT": _("It could not be calculated"),
    "NOTHING_TO_BILL": _("Nothing to bill"),
    "BILLED_BEFORE": _("Billed by another run of the period"),
    "HAD_FINAL_BILL": _("Had its final bill"),
}
OUTCOMES: Mapping[str, Word] = {
    ParkedAccount.Outcome.OPEN.value: pgettext_lazy("account set aside", "To be decided"),
    ParkedAccount.Outcome.ACCEPTED.value: pgettext_lazy("account set aside", "Billed as it is"),
    ParkedAccount.Outcome.MENDED.value: pgettext_lazy("account set aside", "Billed after mending"),
    ParkedAccount.Outcome.NOTHING.value: pgettext_lazy("account set aside", "Nothing to bill"),
}


def kind_word(kind: str) -> Word:
    """Return what a kind of run is called."""
    return KINDS[kind]


def reason_word(code: str) -> Word:
    """Return why an account is set aside or left out; the code where it has no words."""
    return REASONS.get(code, code)


def words_of_rule(rule: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return the parts of a pilot's rule with their labels."""
    parts: Sequence[tuple[str, Word, Mapping[str, Word]]] = (
        ("departments", _("Departments"), {}),
        ("categories", _("Customer categories"), CATEGORIES),
        ("segments", _("Segments"), SEGMENTS),
    )
    found: list[dict[str, Any]] = [
        {"label": label, "words": ", ".join(str(names.get(word, word)) for word in rule[part])}
        for part, label, names in parts
        if part in rule
    ]
    if "accounts" in rule:
        found.append({"label": _("Accounts of a list"), "words": len(rule["accounts"])})
    return found
