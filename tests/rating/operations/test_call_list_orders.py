"""001-17, 004-11: call lists as files, made in the background, masked, in the subscriber's language."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core import mail
from openpyxl import load_workbook
from pypdf import PdfReader

from billing_site.audit.models import AuditEntry
from billing_site.core.money import micro_to_decimal
from billing_site.documents.files import path_of
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import drain, due_kinds
from rating.models import CallListOrder
from rating.operations.call_list_orders import (
    CallListNotMade,
    CallListOfAnother,
    CallListPeriodUnsound,
    NoMailAddress,
    download_call_list,
    order_call_list,
    retry_call_list,
)
from rating.queries.call_lists import Criteria, list_calls, sum_calls
from subscribers.models import Subscriber
from tariffs.models import Zone
from tests.factories.records import Call, every_minute, make_records

MARCH = Criteria(first=date(2026, 3, 1), last=date(2026, 3, 31))


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def order(person, actor, **fields) -> CallListOrder:
    asked = {"criteria": MARCH, "form": "WORKBOOK", "delivery": "DOWNLOAD", **fields}
    return order_call_list(account_id=person.account.pk, actor=actor, **asked)


def made(person, actor, **fields) -> CallListOrder:
    found = order(person, actor, **fields)
    drain("rating.make_call_list")
    found.refresh_from_db()
    return found


def content_of(found: CallListOrder) -> bytes:
    assert found.content is not None
    return path_of(found.content.sha256).read_bytes()


def test_order_returns_at_once_and_leaves_the_work_to_a_kind_of_its_own(ani, clerk):
    """001-17: the queue at the counter does not wait."""
    make_records([Call(line=ani.line)])
    found = order(ani, clerk)

    assert (found.state, found.content) == ("ORDERED", None)
    assert due_kinds() == ["rating.make_call_list"]
    with pytest.raises(CallListNotMade):
        download_call_list(order_id=found.pk, actor=clerk)
    drain("rating.make_call_list")
    found.refresh_from_db()
    assert (found.state, found.record_count, found.job.state) == ("MADE", 1, Job.State.DONE)


def test_workbook_has_formulas_that_tie_to_the_page_and_no_hidden_digit(ani, clerk):
    """001-17: totals of the file, of the order and of the page are one."""
    make_records(every_minute(ani.line, 300))
    found = made(ani, clerk, language="en")
    book = load_workbook(io.BytesIO(content_of(found)))
    sheet = book["Calls"]
    sums = sum_calls(list_calls(subscription_ids=[ani.line.pk], criteria=MARCH))

    assert sheet.max_row == 302
    assert [sheet[f"{column}302"].value for column in "EI"] == ["=SUM(E2:E301)", "=SUM(I2:I301)"]
    amounts = [Decimal(str(row[8].value)) for row in sheet.iter_rows(min_row=2, max_row=301)]
    assert sum(amounts) == micro_to_decimal(sums.amount_micro)
    assert (found.record_count, found.duration_seconds, found.amount_micro) == (
        300,
        sums.duration_seconds,
        sums.amount_micro,
    )
    called = [row[2].value for row in sheet.iter_rows(min_row=2, max_row=301)]
    assert all(str(number).endswith("XXX") for number in called)
    assert book["Criteria"]["B2"].value == ani.account.number


def test_files_of_an_arab_subscriber_run_from_right_to_left(najla, clerk):
    """004-11: in the subscriber's language."""
    make_records(every_minute(najla.line, 90))
    workbook = load_workbook(io.BytesIO(content_of(made(najla, clerk))))
    paper = made(najla, clerk, form="PAPER")

    assert workbook.worksheets[0].sheet_view.rightToLeft
    pages = PdfReader(io.BytesIO(content_of(paper))).pages
    text = "".join(page.extract_text() for page in pages)
    assert len(pages) == 3
    assert text.count("XXX") == 90
    assert "3/3" in text
    assert paper.language == "ar"


def test_words_stand_in_the_row_of_their_call(najla, clerk):
    """001-17: Arab letters are taller than figures; row by row the zones would leave their calls behind."""
    make_records(every_minute(najla.line, 30))
    Zone.objects.update(names={"en": "Local", "ar": "بلدان أخرى"})
    page = PdfReader(io.BytesIO(content_of(made(najla, clerk, form="PAPER")))).pages[0]
    rows: list[float] = []
    words: list[float] = []

    def take(text, matrix, text_matrix, _font, _size):
        height = matrix[5] + matrix[3] * text_matrix[5]
        if "2026-03-02" in text:
            rows.append(height)
        elif text.strip()[:1] > "\u0620":
            words.append(height)

    page.extract_text(visitor_text=take)
    assert len(rows) == 30
    assert all(min(abs(row - word) for word in words) < 2 for row in rows)


def test_list_goes_by_mail_on_request_and_only_to_an_address(ani, clerk):
    """001-17: by e-mail on request; its state is shown."""
    make_records(every_minute(ani.line, 3))
    with pytest.raises(NoMailAddress, match=ani.account.number):
        order(ani, clerk, delivery="MAIL")
    assert not CallListOrder.objects.exists()
    assert not WorkItem.objects.exists()
    Subscriber.objects.filter(pk=ani.account.subscriber_id).update(email="ani@example.org")

    found = made(ani, clerk, delivery="MAIL", form="PAPER")
    assert (found.state, mail.outbox) == ("MADE", [])
    drain("rating.send_call_list")
    found.refresh_from_db()
    assert (found.state, found.job.state) == ("SENT", Job.State.DONE)
    (letter,) = mail.outbox
    assert letter.to == ["ani@example.org"]
    assert letter.attachments[0][0].endswith(".pdf")


def test_mail_that_cannot_be_sent_is_given_up_and_tried_again_by_hand(ani, clerk, settings):
    make_records([Call(line=ani.line)])
    Subscriber.objects.filter(pk=ani.account.subscriber_id).update(email="ani@example.org")
    found = made(ani, clerk, delivery="MAIL")
    settings.EMAIL_BACKEND = "django.core.mail.backends.nothing.EmailBackend"
    drain("rating.send_call_list")
    assert WorkItem.objects.get(kind="rating.send_call_list").state == WorkItem.State.PARKED

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    retry_call_list(order_id=found.pk, actor=clerk)
    drain("rating.send_call_list")
    found.refresh_from_db()
    assert (found.state, len(mail.outbox)) == ("SENT", 1)


def test_file_is_for_who_ordered_it_and_each_time_is_written_down(ani, clerk, specialist):
    """001-17: access is audited."""
    make_records([Call(line=ani.line)])
    found = made(ani, clerk)
    with pytest.raises(CallListOfAnother):
        download_call_list(order_id=found.pk, actor=specialist)
    assert not AuditEntry.objects.filter(action="rating.download_call_list").exists()

    for _time in range(2):
        download_call_list(order_id=found.pk, actor=clerk)
    acts = AuditEntry.objects.filter(action="rating.download_call_list", actor=clerk)
    assert [act.changes["order"] for act in acts] == [found.pk, found.pk]


def test_period_the_wrong_way_round_is_refused(ani, clerk):
    backwards = Criteria(first=date(2026, 3, 2), last=date(2026, 3, 1))
    with pytest.raises(CallListPeriodUnsound):
        order(ani, clerk, criteria=backwards)
    assert not CallListOrder.objects.exists()


def test_list_of_twenty_thousand_calls_is_whole(ani, clerk):
    """001-17, 004-11: 20 000 calls as a workbook; the page has them by pages (see the queries)."""
    make_records(every_minute(ani.line, 20_000, begin=datetime(2026, 3, 1, tzinfo=UTC)))
    found = made(ani, clerk, language="en")
    sheet = load_workbook(io.BytesIO(content_of(found)), read_only=True)["Calls"]

    assert found.record_count == 20_000
    assert sum(1 for _row in sheet.iter_rows(values_only=True)) == 20_002
