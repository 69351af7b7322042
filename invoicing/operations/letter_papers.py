"""The paper of a letter: what a notice says, in the style of the bill, with the address where the window is."""

from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from invoicing.operations.invoice_papers import RIGHT_TO_LEFT
from invoicing.queries.operators import operator_facts
from subscribers.models import Notice

LETTER_PAPER = "documents/letter.html"


def freeze_letter(notice: Notice, *, on: date) -> dict[str, Any]:
    """Return all that the paper of a notice says, as JSON; ``notice`` comes with account, subscriber and text."""
    account, operator = notice.account, operator_facts()
    return {
        "account": account.number,
        "name": account.subscriber.name,
        "address": account.address,
        "currency": account.currency,
        "operator": operator["name"],
        "seller": operator["seller"],
        "on": on.isoformat(),
        "subject": notice.subject_in(notice.language),
        "msgid": notice.msgid_in(notice.language),
        "params": notice.params,
    }


def letter_html(*, frozen: dict[str, Any], language: str, page_count: int = 1) -> str:
    """
    Return the page of a letter in a language.

    :param page_count: what the footer says after the stroke
    """
    with translation.override(language):
        return render_to_string(
            LETTER_PAPER,
            {
                **frozen,
                "on": date.fromisoformat(frozen["on"]),
                "language": language,
                "page_count": page_count,
                "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            },
        )
