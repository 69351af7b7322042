"""Notices: in the subscriber's language, by mail where there is an address, told where there is none; sent again."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.db import transaction

from billing_site.jobs.work import drain
from billing_site.web.sentences import plain_sentence
from subscribers.models import Notice
from subscribers.operations.notices import (
    SEND_NOTICE,
    NewNotice,
    NoticeAlreadyTold,
    NoticeNotByMail,
    resend_notice,
    tell_notice,
    write_notices,
)
from tests.factories.subscribers import make_account

AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def write(account, *, key: str = "tests.one/1") -> Notice:
    new = NewNotice(key=key, account_id=account.pk, subject="Your limit", msgid="%(n)s calls.", params={"n": 1200})
    with transaction.atomic():
        write_notices(notices=[new], at=AT)
    return Notice.objects.get(key=key)


def test_notice_is_written_and_sent_once():
    account = make_account(email="mary@example.com")
    notice = write(account)
    write(account)
    assert (drain(SEND_NOTICE), drain(SEND_NOTICE)) == (1, 0)

    notice.refresh_from_db()
    assert (notice.state, notice.send_count) == ("SENT", 1)
    assert [(one.to, one.subject, one.body) for one in mail.outbox] == [
        (["mary@example.com"], "Your limit", "1,200 calls.")
    ]


def test_notice_that_the_mail_server_refuses_is_kept_and_sent_again(settings, specialist):
    account = make_account(email="mary@example.com")
    notice = write(account)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        9,
    )
    drain(SEND_NOTICE)
    notice.refresh_from_db()
    assert notice.state == "FAILED"
    assert notice.error
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    resend_notice(notice_id=notice.pk, at=AT, actor=specialist)
    drain(SEND_NOTICE)
    notice.refresh_from_db()

    assert (notice.state, notice.error, notice.send_count, len(mail.outbox)) == ("SENT", "", 2, 1)


def test_notice_without_address_is_told(clerk):
    notice = write(make_account())
    assert (drain(SEND_NOTICE), notice.channel) == (0, "TELL")
    with pytest.raises(NoticeNotByMail):
        resend_notice(notice_id=notice.pk, at=AT, actor=clerk)
    tell_notice(notice_id=notice.pk, at=AT, actor=clerk)
    with pytest.raises(NoticeAlreadyTold):
        tell_notice(notice_id=notice.pk, at=AT, actor=clerk)

    notice.refresh_from_db()
    assert (notice.state, notice.told_by, notice.done_at) == ("TOLD", clerk, AT)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "AMD: 12,500 AMD 2026-03-01 +999 10 200 000"),
        ("ru", "AMD: 12\u202f500 AMD 01.03.2026 +999 10 200 000"),
        ("ar", "AMD: \u206612,500 AMD\u2069 \u20662026-03-01\u2069 \u2066+999 10 200 000\u2069"),
    ],
)
def test_values_of_a_sentence_are_written_as_the_language_wants(language, text):
    params = {"sum_minor": 12500, "day_on": "2026-03-01", "line_number": "99910200000"}
    sentence = "AMD: %(sum_minor)s %(day_on)s %(line_number)s"
    assert plain_sentence(sentence, params, language=language, currency="AMD") == text
