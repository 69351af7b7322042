"""
What a subscriber is told at each step: whole sentences, translated with the rest of the house's words.

Their values are those of a notice: what is overdue, since which day, of which account.
"""

from collections.abc import Mapping
from typing import NamedTuple

from billing_site.core.messages import gettext_noop

# How the keys of dunning's notices begin; the step's id follows.
NOTICE_PREFIX = "payments.dunning/"


class StepText(NamedTuple):
    """Subject line and sentence, English msgids."""

    subject: str
    msgid: str


# How the kinds of its letters are called; the text's code follows.
LETTER_PREFIX = "payments.dunning/"
# What the operator's own words may name in the place of the values: both are said in every letter.
LETTER_PLACES: Mapping[str, str] = {"account": "account", "amount": "overdue_minor", "due": "oldest_due_on"}
LETTER_NEEDS = frozenset({"account", "amount"})

# How the keys of what is told of its fees begin, and the kinds of these letters; the charge's id or the fee's code
# follows.
FEE_PREFIX = "payments.dunning_fee/"
# What the operator's own words may name of a fee: what is asked for is said, and for which bill.
FEE_PLACES: Mapping[str, str] = {"account": "account", "bill": "invoice", "fee": "fee_minor"}
FEE_NEEDS = frozenset({"bill", "fee"})
LATE, RECONNECTION = "LATE", "RECONNECTION"
FEE_TEXTS: Mapping[str, StepText] = {
    LATE: StepText(
        gettext_noop("A late fee"),
        gettext_noop(
            "Bill %(invoice)s was not paid in time: a fee of %(fee_minor)s, before tax, comes with your next bill."
        ),
    ),
    RECONNECTION: StepText(
        gettext_noop("Your lines are free again"),
        gettext_noop(
            "Bill %(invoice)s is paid and your lines are free again. A fee of %(fee_minor)s, before tax, comes with"
            " your next bill."
        ),
    ),
}

STEP_TEXTS: Mapping[str, StepText] = {
    "FRIENDLY": StepText(
        gettext_noop("A bill may have slipped your mind"),
        gettext_noop(
            "Your account %(account)s has %(overdue_minor)s to pay that was due on %(oldest_due_on)s."
            " If you have paid in the meantime, please take no notice of this message."
        ),
    ),
    "FIRM": StepText(
        gettext_noop("Please pay what is due"),
        gettext_noop(
            "Your account %(account)s still has %(overdue_minor)s to pay that was due on %(oldest_due_on)s."
            " Please pay it now, or tell us by when you can."
        ),
    ),
    "WARNING": StepText(
        gettext_noop("Your calls will be barred"),
        gettext_noop(
            "Your account %(account)s has %(overdue_minor)s to pay that was due on %(oldest_due_on)s."
            " If it stays unpaid, your outgoing calls will be barred. Calls to emergency numbers stay possible."
        ),
    ),
    "BARRED": StepText(
        gettext_noop("Your outgoing calls are barred"),
        gettext_noop(
            "Your outgoing calls are barred because account %(account)s has %(overdue_minor)s to pay that was due on"
            " %(oldest_due_on)s. Calls to emergency numbers stay possible. The bar ends by itself when you pay."
        ),
    ),
    "STOPPED": StepText(
        gettext_noop("All your calls are barred"),
        gettext_noop(
            "All your calls are barred because account %(account)s has %(overdue_minor)s to pay that was due on"
            " %(oldest_due_on)s. Calls to emergency numbers stay possible. The bar ends by itself when you pay."
        ),
    ),
    "HANDED_OVER": StepText(
        gettext_noop("Your debt is handed over to collection"),
        gettext_noop(
            "Account %(account)s has %(overdue_minor)s to pay that was due on %(oldest_due_on)s."
            " We have handed the debt over to collection. You can still pay it to us."
        ),
    ),
}
