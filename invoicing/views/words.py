"""Words of bill runs that people read: kinds, rules, details."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.sentences import plain_sentence
from billing_site.web.wrapping import current_language
from invoicing.forms import SEGMENTS
from invoicing.models import BillRun, ParkedAccount
from invoicing.queries.previews import AccountChange
from invoicing.queries.words import Word
from subscribers.queries.words import CATEGORIES

KINDS: Mapping[str, Word] = {
    BillRun.Kind.FULL.value: pgettext_lazy("bill run", "Everybody"),
    BillRun.Kind.PILOT.value: pgettext_lazy("bill run", "Pilot"),
    BillRun.Kind.CATCH_UP.value: pgettext_lazy("bill run", "Catching up"),
    BillRun.Kind.FINAL.value: pgettext_lazy("bill run", "Final bill"),
    BillRun.Kind.REPLACEMENT.value: pgettext_lazy("bill run", "Bill calculated again"),
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


def detail_word(row: ParkedAccount | AccountChange) -> str:
    """Return what is known besides why an account is set aside, in the reader's language where it is a sentence."""
    if not row.told:
        return row.detail
    return plain_sentence(row.told["msgid"], row.told["params"], language=current_language())


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
