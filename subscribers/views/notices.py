"""Notices to subscribers: what waits to be told, what was sent, what did not arrive."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.sentences import plain_sentence
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, ListPage, Outcome
from subscribers.forms import NoticeFilter
from subscribers.models import DeliveryChannel, Notice
from subscribers.operations.notices import ENDED, resend_notice, tell_notice
from subscribers.queries.delivery import letter_ways
from subscribers.queries.restrictions import notices_for
from subscribers.views.accounts import account_column, card_url


def sentence_of(notice: Notice, *, language: str = "") -> str:
    """Return what a notice says, in a language (the reader's when none is named)."""
    chosen = language or get_language() or settings.LANGUAGE_CODE
    msgid = notice.msgid_in(chosen)
    return plain_sentence(msgid, notice.params, language=chosen, currency=notice.account.currency)


class NoticeList(ListPage[Notice]):
    """Notices, the latest first."""

    permission: ClassVar[str] = "subscribers.view_notices"
    title = _("Notices to subscribers")
    is_wide = True
    columns = (
        Column(label=_("Written"), value="created_at", kind=Kind.INSTANT),
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Notice"), value=sentence_of, kind=Kind.SENTENCE),
        Column(label=_("Way"), value="get_channel_display"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Sent or told"), value="done_at", kind=Kind.INSTANT),
    )
    filter_form = NoticeFilter
    empty = _("No notice yet. Limits, fraud rules and the like write them.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Notice]:
        """Return the notices."""
        return notices_for(**{name: filters.get(name) or None for name in ("state", "channel")})

    def row_href(self, row: Notice) -> str:
        """Open the notice."""
        return reverse("subscribers:notice", args=[row.pk])


class NoticePage(DetailPage[Notice]):
    """One notice: what the subscriber reads, and whether he has it."""

    permission: ClassVar[str] = "subscribers.view_notices"
    title = _("Notice")
    template_name = "subscribers/notice_detail.html"

    def subject(self, notice_id: int) -> Notice:
        """Return the notice."""
        return get_notice_or_404(notice_id)

    def more(self, subject: Notice) -> Mapping[str, Any]:
        """Return the sentence in the subscriber's language and the reader's, and what may be done."""
        is_done = subject.state in ENDED
        return {
            "sentence": sentence_of(subject),
            "original": sentence_of(subject, language=subject.language),
            "account_url": card_url(subject.account_id),
            "may_resend": subject.state != Notice.State.WITHDRAWN
            and (subject.channel not in Notice.Channel.by_word() or bool(subject.account.subscriber.email))
            and self.request.user.may("subscribers.resend_notice"),
            "may_tell": not is_done and self.request.user.may("subscribers.tell_notice"),
        }


class NoticeAction(ActionView):
    """Something done with a notice."""

    def back_url(self, *_: Any, notice_id: int, **ids: Any) -> str:
        """Return the page of the notice."""
        return reverse("subscribers:notice", args=[get_notice_or_404(notice_id).pk])


class ResendNotice(NoticeAction):
    """Send it again."""

    permission = "subscribers.resend_notice"
    title = _("Send the notice again")
    button = _("Send again")

    def question(self, *_: Any, notice_id: int, **ids: Any) -> str:
        """Say how it goes."""
        notice = get_notice_or_404(notice_id)
        ways = {} if notice.channel in Notice.Channel.by_word() else letter_ways(account_ids=[notice.account_id])
        way = ways.get(notice.account_id)
        if way is not None and way.kind == DeliveryChannel.Kind.PRINT:
            return __("The notice goes on paper, with the next letters.")
        address = (way.address if way is not None else "") or notice.account.subscriber.email
        return __("The notice is sent to %(address)s.") % {"address": address}

    def perform(self, *_: Any, notice_id: int, **ids: Any) -> Outcome:
        """Send it."""
        notice = resend_notice(notice_id=get_notice_or_404(notice_id).pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(notice_id=notice.pk), message=__("The notice is being sent."))


class TellNotice(NoticeAction):
    """The subscriber was told."""

    permission = "subscribers.tell_notice"
    title = _("The subscriber was told")
    button = _("Told")

    def question(self, *_: Any, notice_id: int, **ids: Any) -> str:
        """Say what he was told."""
        return sentence_of(get_notice_or_404(notice_id))

    def perform(self, *_: Any, notice_id: int, **ids: Any) -> Outcome:
        """Write it down."""
        notice = tell_notice(notice_id=get_notice_or_404(notice_id).pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(notice_id=notice.pk), message=__("It is written down who told it and when."))


def get_notice_or_404(notice_id: int) -> Notice:
    """Return a notice, or raise ``Http404``."""
    notice = notices_for().filter(pk=notice_id).first()
    if notice is None:
        raise Http404
    return notice
