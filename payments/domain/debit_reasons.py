"""
Why a bank did not pay a direct debit, or sent money back, in plain words, and what follows from it.

The codes are those of ISO 20022 (external return and status reasons). What a bank calls otherwise is brought to them by
the creditor's own list; a code that nobody knows is shown as "other".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from billing_site.core.messages import gettext_noop

OTHER = "OTHER"


class NextStep(StrEnum):
    """What is to be done about a failure."""

    # Tried again by itself, on the day that the policy gives.
    RETRY = "RETRY"
    # The mandate ends: with another account, or a new signature, a new one begins.
    NEW_MANDATE = "NEW_MANDATE"
    # The subscriber objects: he is asked, nothing is tried by itself.
    ASK = "ASK"
    # The fault is ours or the bank's.
    OURS = "OURS"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitReason:
    """A reason: what the subscriber and the hall are told, and what follows."""

    code: str
    sentence: str
    next_step: NextStep

    @property
    def ends_mandate(self) -> bool:
        """Whether nothing can be collected by this mandate any more."""
        return self.next_step is NextStep.NEW_MANDATE


NEXT_STEPS: Mapping[NextStep, str] = {
    NextStep.RETRY: gettext_noop("We try once more. Until then nothing else needs to be done."),
    NextStep.NEW_MANDATE: gettext_noop("Pay in another way, and give us a new mandate for another bank account."),
    NextStep.ASK: gettext_noop("Pay in another way, or tell us why the bank was told not to pay."),
    NextStep.OURS: gettext_noop("We clear this up with the bank. Pay in another way if you do not want to wait."),
}
# Where a reason would be tried again, but the policy has no further day.
NO_MORE_TRIES = gettext_noop("We do not try again. Please pay in another way.")

_NO_MONEY = gettext_noop("There was not enough money in the bank account.")
_CLOSED = gettext_noop("The bank account is closed.")
_BLOCKED = gettext_noop("The bank account is blocked.")
_WRONG_NUMBER = gettext_noop("The bank account number is wrong.")
_NOT_ALLOWED = gettext_noop("No direct debit may be taken from this kind of bank account.")
_NO_MANDATE = gettext_noop("The bank has no valid mandate for this direct debit.")
_OBJECTED = gettext_noop("The account holder objected to the direct debit.")
_DECEASED = gettext_noop("The account holder has died.")
_UNNAMED = gettext_noop("The bank gave no reason.")
_FORMAL = gettext_noop("The order to the bank had a formal fault.")
_TWICE = gettext_noop("The bank took the direct debit for a repetition.")
_LATE = gettext_noop("The order reached the bank too late.")
_RULES = gettext_noop("The bank may not carry out the direct debit for legal reasons.")
_OTHER = gettext_noop("The bank did not pay for another reason.")

_TABLE: Mapping[NextStep, Mapping[str, str]] = {
    NextStep.RETRY: {"AM04": _NO_MONEY, "MS03": _UNNAMED, "AM09": _UNNAMED, "TM01": _LATE},
    NextStep.NEW_MANDATE: {
        "AC01": _WRONG_NUMBER,
        "AC04": _CLOSED,
        "AC06": _BLOCKED,
        "AC13": _NOT_ALLOWED,
        "AG01": _NOT_ALLOWED,
        "MD01": _NO_MANDATE,
        "MD02": _NO_MANDATE,
        "MD07": _DECEASED,
        "BE01": _WRONG_NUMBER,
        "RC01": _WRONG_NUMBER,
    },
    NextStep.ASK: {"MD06": _OBJECTED, "MS02": _OBJECTED, "SL01": _OBJECTED, "SL11": _OBJECTED, "SL12": _OBJECTED},
    NextStep.OURS: {
        "AG02": _FORMAL,
        "AM05": _TWICE,
        "BE05": _FORMAL,
        "CNOR": _FORMAL,
        "DNOR": _FORMAL,
        "DT01": _FORMAL,
        "ED05": _FORMAL,
        "FF01": _FORMAL,
        "FF05": _FORMAL,
        "RR01": _RULES,
        "RR02": _RULES,
        "RR03": _RULES,
        "RR04": _RULES,
        OTHER: _OTHER,
    },
}
REASONS: Mapping[str, DebitReason] = {
    code: DebitReason(code=code, sentence=sentence, next_step=step)
    for step, sentences in _TABLE.items()
    for code, sentence in sentences.items()
}


# Of a transfer that a payer sent, and that his bank asks back: no mandate stands behind it, so the words differ.
_RETURNS: Mapping[str, str] = {
    "AM05": gettext_noop("It was paid twice."),
    "BE04": gettext_noop("The payer's address is missing."),
    "CUST": gettext_noop("The payer asked for it back."),
    "DUPL": gettext_noop("It was paid twice."),
    "FOCR": gettext_noop("The payer's bank asked for it back."),
    "FRAD": gettext_noop("The payer's bank suspects a fraud."),
    "MD06": gettext_noop("The payer asked for it back."),
    "MS02": gettext_noop("The payer gave no reason."),
    "TECH": gettext_noop("Something failed at the bank."),
}


def return_words(code: str) -> str:
    """Return why money came back, as a sentence to be translated; an unknown code means no more than itself."""
    known = code.upper()
    if known in _RETURNS:
        return _RETURNS[known]
    return REASONS[known].sentence if known in REASONS else _UNNAMED


def reason_of(code: str) -> DebitReason:
    """Return what a code means; one that nobody knows is the reason "other"."""
    return REASONS.get(code, REASONS[OTHER])
