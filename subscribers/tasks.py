"""Nightly work on the stock of numbers; notices sent."""

from typing import Any

from celery import shared_task

from billing_site.core import clock
from billing_site.jobs.work import handles
from billing_site.web.sentences import plain_sentence
from subscribers.operations.daily_counts import merge_daily_counts
from subscribers.operations.notices import SEND_NOTICE, prepare_notice, send_notice
from subscribers.operations.numbers import free_quarantined_numbers


@shared_task(name="subscribers.free_numbers")
def free_numbers(**_: Any) -> None:
    """Return numbers whose rest is over to the stock."""
    free_quarantined_numbers(on=clock.today())


@shared_task(name="subscribers.merge_daily_counts")
def merge_daily_counts_task(**_: Any) -> None:
    """Keep the daily counts short, and the months up to them."""
    merge_daily_counts(today=clock.today())


@handles(SEND_NOTICE)
def send(payload: dict[str, Any]) -> None:
    """Write a notice out in its language and send it, unless there is nothing to say any more."""
    notice = prepare_notice(notice_id=int(payload["notice_id"]), at=clock.now())
    if notice is None:
        return
    currency = notice.account.currency
    language = notice.language
    text = plain_sentence(notice.msgid_in(language), notice.params, language=language, currency=currency)
    subject = plain_sentence(notice.subject_in(language), {}, language=language)
    send_notice(notice_id=notice.pk, subject=subject, text=text, at=clock.now())
