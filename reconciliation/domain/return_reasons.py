"""Why money came back, in words: the reasons of ISO 20022 that banks give for returns."""

from billing_site.core.messages import gettext_noop

RETURN_WORDS = {
    "AC01": gettext_noop("The account number is wrong."),
    "AC04": gettext_noop("The account is closed."),
    "AC06": gettext_noop("The account is blocked."),
    "AG01": gettext_noop("The account does not allow this kind of payment."),
    "AM04": gettext_noop("There is not enough money in the account."),
    "AM05": gettext_noop("It was paid twice."),
    "BE04": gettext_noop("The payer's address is missing."),
    "CUST": gettext_noop("The payer asked for it back."),
    "DUPL": gettext_noop("It was paid twice."),
    "FOCR": gettext_noop("The payer's bank asked for it back."),
    "FRAD": gettext_noop("The payer's bank suspects a fraud."),
    "MD01": gettext_noop("The payer gave no order for it."),
    "MD06": gettext_noop("The payer asked for it back."),
    "MD07": gettext_noop("The payer has died."),
    "MS02": gettext_noop("The payer gave no reason."),
    "MS03": gettext_noop("The bank gave no reason."),
    "RR04": gettext_noop("The authorities did not allow it."),
    "TECH": gettext_noop("Something failed at the bank."),
}
NO_REASON = gettext_noop("The bank gave no reason.")


def return_words(code: str) -> str:
    """Return what a reason code means, as a sentence to be translated; an unknown code means no more than itself."""
    return RETURN_WORDS.get(code.upper(), NO_REASON)
