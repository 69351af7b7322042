"""Sentences that are kept with their values, in the language of the page."""

from django.utils.safestring import SafeString

from billing_site.web.sentences import plain_sentence
from billing_site.web.wrapping import ready_sentence_html
from subscribers.models import Notice


def notice_sentence(notice: Notice, language: str) -> SafeString:
    """Return what a notice says, its numbers in order in every direction of writing."""
    msgid = notice.msgid_in(language)
    return ready_sentence_html(
        plain_sentence(msgid, notice.params, language=language, currency=notice.account.currency)
    )
