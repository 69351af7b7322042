"""The letter that a credit note goes out with; the note itself is attached."""

import re

from django.template.loader import render_to_string
from django.utils import translation

from billing_site.documents.mail_styles import with_inline_styles
from invoicing.operations.bill_mails import Letter
from invoicing.operations.credit_papers import render_credit_note
from invoicing.operations.invoice_mails import plain_text
from invoicing.operations.invoice_papers import RIGHT_TO_LEFT
from invoicing.queries.credit_notes import get_credit_case

PAGE, TEXT = "documents/credit_note_mail.html", "documents/credit_note_mail.txt"
SUBJECT = "documents/credit_note_mail_subject.txt"
_SPACES = re.compile(r"[ \n]+")


def letter_of_credit_note(*, credit_note_id: int, language: str) -> Letter:
    """
    Return the mail that carries a credit note and its PDF, in a language.

    :raises CreditNote.DoesNotExist: if there is none
    """
    case = get_credit_case(credit_note_id=credit_note_id, language=language)
    context = {
        "case": case,
        "note": case.note,
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
    }
    with translation.override(language):
        return Letter(
            subject=_SPACES.sub(" ", plain_text(SUBJECT, context)).strip(),
            html=with_inline_styles(render_to_string(PAGE, context)),
            text=plain_text(TEXT, context),
            attachment=(f"{case.note.number}.pdf", render_credit_note(case=case, language=language)),
        )
