"""The codes of the intake in words: why a line is no record, and what the figures of a held file mean."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: Mapping[str, Promise] = {
    "TWICE_IN_FILE": _("Twice in the same file"),
    "IN_OTHER_FILE": _("Already in another file"),
    "RATED_BEFORE": _("Already rated"),
    "SAME_CALL": _("Further part of a call already counted"),
    "NO_SUBSCRIBER": _("Nobody held the number"),
    "OUTLASTS_SUBSCRIPTION": _("Went on after the subscription had ended"),
    "NO_PLAN": _("The subscription had no plan"),
    "NO_ZONE": _("The plan has no price for this destination"),
    "NO_BILL_ITEM": _("The destination belongs to no bill item"),
    "NO_PRICE": _("The price list gives no price"),
    "PRICE_TOO_LARGE": _("More than any usage costs"),
    "TEST_NUMBER": _("Call of a test number"),
    "WRONG_DAY": _("Not a call of the file's day"),
    "EMPTY_LINE": _("Empty line"),
    "LINE_TOO_LONG": _("Line too long"),
    "NOT_DECODABLE": _("Not text of the source's encoding"),
    "NUL_BYTE": _("Damaged bytes"),
    "BAD_QUOTES": _("Quotes not closed"),
    "FIELD_COUNT": _("Wrong number of fields"),
    "BAD_TIME": _("Not a time"),
    "AMBIGUOUS_TIME": _("A time that came twice when the clock went back"),
    "NONEXISTENT_TIME": _("A time that was skipped when the clock went forward"),
    "IN_FUTURE": _("A time that has not come yet"),
    "TOO_OLD": _("Older than the source may send"),
    "BAD_SECONDS": _("Not a duration"),
    "BAD_LENGTH": _("Not a duration in the form of the source"),
    "TOO_LONG": _("An unusually long call"),
    "LONGER_THAN_CALL": _("More seconds charged than the call lasted"),
    "UNANSWERED_WITH_SECONDS": _("Not answered, yet with seconds"),
    "UNKNOWN_SERVICE": _("An unknown kind of usage"),
    "BAD_VOLUME": _("Not a number of bytes"),
    "BAD_AMOUNT": _("Not an amount"),
    "BAD_STRUCTURE": _("A damaged record"),
    "NOT_A_RECORD": _("Something between the records"),
    "FIELD_MISSING": _("A record without a field that it needs"),
    "RECORD_LENGTH": _("Wrong length of the line"),
    "NO_EXCHANGE_RATE": _("A currency without a rate"),
    "NOT_USAGE": _("A record that is no usage"),
    "SESSION_PART": _("A report of a session that went on"),
    "SESSION_OPEN": _("A session whose end was never reported"),
    "NUMBER_EMPTY": _("Number empty or withheld"),
    "NUMBER_NOT_DIGITS": _("Not a number"),
    "NUMBER_TOO_SHORT": _("Number too short"),
    "NUMBER_TOO_LONG": _("Number too long"),
    "NUMBER_LENGTH": _("A length that no number has"),
}
# Faults that people may judge, after asking: a second person lets such a line pass, and it is rated.
RELEASABLE = frozenset(
    {
        "WRONG_DAY",
        "TEST_NUMBER",
        "OUTLASTS_SUBSCRIPTION",
        "TOO_OLD",
        "TOO_LONG",
        "LONGER_THAN_CALL",
        "UNANSWERED_WITH_SECONDS",
        "SESSION_OPEN",
    }
)
# What a change of prices, zones or plans may mend.
TARIFF_REASONS = ("NO_PLAN", "NO_ZONE", "NO_BILL_ITEM", "NO_PRICE")


def reason_label(code: str) -> str | Promise:
    """Return a reason in words; one without words stands as its code."""
    return REASONS.get(code, code)


def reason_choices(*, empty: str | Promise) -> list[tuple[str, str | Promise]]:
    """Return the reasons as a filter offers them."""
    return [("", empty), *REASONS.items()]
