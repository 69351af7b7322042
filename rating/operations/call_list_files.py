"""
The file of a call list: a workbook whose totals are formulas, or a paper; in the language of the order.

Both hold what the page shows, masked alike. Rows stream from the database; a paper is made page by page, because a
table of thousands of rows costs a layout engine far more than its pages one after the other.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _, pgettext

from billing_site.core.clock import operator_zone
from billing_site.core.money import micro_to_decimal
from billing_site.core.names import name_in
from billing_site.db.transactions import transaction_required
from billing_site.documents.files import path_of, store_stream
from billing_site.documents.models import StoredFile
from billing_site.documents.pdf import renderer
from billing_site.documents.workbooks import Column, ColumnKind, Sheet, Total, criteria_sheet, write_workbook
from rating.models import CallListOrder, RatedUsage
from rating.queries.call_lists import CallSums, Criteria, lines_of, list_calls, sum_calls
from rating.queries.remarks import remark_of, seconds_of
from tariffs.models import UsageCategory, Zone

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAPER_TYPE = "application/pdf"
MICRO_DIGITS = 6
CHUNK_ROWS = 2_000
BLOCK_BYTES = 1 << 20
# Rows of a page of the paper, the first with its head; and pages that are laid out together.
FIRST_PAGE_ROWS, PAGE_ROWS = 36, 46
PAGES_TOGETHER = 10
TEMPLATE, STYLE = "documents/call_list.html", "documents/call_list.css"
RIGHT_TO_LEFT = frozenset({"ar"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenList:
    """A file that is kept, and what it sums to."""

    content: StoredFile
    sums: CallSums


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPage:
    """A page of the paper: its number, and its rows."""

    number: int
    rows: Sequence[RatedUsage]


def calls_of_order(order: CallListOrder) -> QuerySet[RatedUsage]:
    """Return the calls of an order in the order of its file: by line, then by time, the earliest first."""
    lines = [order.subscription_id] if order.subscription_id else lines_of(order.account_id)
    calls = list_calls(subscription_ids=lines, criteria=Criteria.of(order.criteria))
    return calls.order_by("subscription_id", "start_at", "duplicate_key", "revision")


@transaction_required
def write_call_list(order: CallListOrder) -> WrittenList:
    """Make the file of an order and keep it."""
    calls = calls_of_order(order)
    sums = sum_calls(calls, most=None)
    with translation.override(order.language), tempfile.TemporaryFile() as stream:
        if order.form == CallListOrder.Form.WORKBOOK:
            write_workbook(stream, _sheets(order, calls), zone=operator_zone())
            content_type = WORKBOOK_TYPE
        else:
            stream.write(_paper(order, calls, sums))
            content_type = PAPER_TYPE
        stream.seek(0)
        return WrittenList(content=store_stream(_blocks(stream), content_type=content_type), sums=sums)


def mail_call_list(order: CallListOrder) -> None:
    """Send the file of an order to the address of the order, in its language."""
    assert order.content is not None, "a list is made before it is sent"
    with translation.override(order.language):
        places = {"account": order.account.number, **_days(order)}
        letter = EmailMessage(
            subject=_("Calls of account %(account)s, %(first)s to %(last)s") % places,
            body=_(
                "The list of calls that you asked for is attached.\n"
                "The last three digits of the called numbers are hidden, to protect those who call from your line.\n"
            ),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[order.mail_to],
        )
        content_type = WORKBOOK_TYPE if order.form == CallListOrder.Form.WORKBOOK else PAPER_TYPE
        letter.attach(order.file_name, path_of(order.content.sha256).read_bytes(), content_type)
        letter.send()


def facts_of(order: CallListOrder) -> Iterator[tuple[str, str]]:
    """Say what was asked for, in the language that is active."""
    criteria = Criteria.of(order.criteria)
    yield _("Account"), order.account.number
    yield _("From"), order.criteria["first"]
    yield _("To"), order.criteria["last"]
    if criteria.number:
        yield _("Called number"), criteria.number
    if criteria.usage_category_id:
        yield _("Kind of use"), _name(UsageCategory.objects.get(pk=criteria.usage_category_id).names)
    if criteria.zone_id:
        yield _("Zone"), _name(Zone.objects.get(pk=criteria.zone_id).names)
    if criteria.amount_from_micro is not None:
        yield _("Amount from"), str(micro_to_decimal(criteria.amount_from_micro))
    if criteria.only_late:
        yield _("Late"), _("yes")
    if criteria.only_corrections:
        yield _("Corrections"), _("yes")
    yield _("Called numbers"), _("The last three digits are hidden.")


def _sheets(order: CallListOrder, calls: QuerySet[RatedUsage]) -> list[Sheet]:
    is_mirrored = order.language in RIGHT_TO_LEFT
    columns = (
        Column(title=_("Began"), kind=ColumnKind.INSTANT, width=20),
        Column(title=_("Calling number"), width=18),
        Column(title=_("Called number"), width=18),
        Column(title=_("Zone"), width=28),
        Column(title=_("Duration"), kind=ColumnKind.DURATION),
        Column(title=_("Bytes"), kind=ColumnKind.INTEGER),
        Column(title=_("From allowance"), kind=ColumnKind.DURATION),
        Column(title=_("Charged"), kind=ColumnKind.DURATION),
        Column(title=_("Amount"), kind=ColumnKind.AMOUNT, width=18, digits=MICRO_DIGITS),
        Column(title=_("Remark"), width=28),
    )
    sheet = Sheet(
        title=pgettext("list", "Calls"),
        columns=columns,
        rows=(_cells(call) for call in calls.iterator(chunk_size=CHUNK_ROWS)),
        totals={4: Total.SUM, 5: Total.SUM, 6: Total.SUM, 7: Total.SUM, 8: Total.SUM},
        total_label=_("Total"),
        right_to_left=is_mirrored,
    )
    return [sheet, criteria_sheet(title=_("Criteria"), facts=facts_of(order), right_to_left=is_mirrored)]


def _cells(call: Any) -> list[Any]:
    remark = remark_of(call)
    return [
        call.start_at,
        call.calling,
        call.shown_called,
        _name(call.zone_names or {}),
        call.duration_seconds,
        call.volume_bytes,
        seconds_of(call, call.allowance_units),
        seconds_of(call, call.charged_units),
        micro_to_decimal(call.amount_micro),
        _(remark) if remark else None,
    ]


def _paper(order: CallListOrder, calls: QuerySet[RatedUsage], sums: CallSums) -> bytes:
    count = 1 + -(-max(sums.record_count - FIRST_PAGE_ROWS, 0) // PAGE_ROWS)
    context = {
        "order": order,
        "sums": sums,
        "page_count": count,
        "facts": list(facts_of(order)),
        "operator": settings.SALDO_OPERATOR_NAME,
        "currency": order.account.currency,
        "language": order.language,
        "direction": "rtl" if order.language in RIGHT_TO_LEFT else "ltr",
    }
    parts = (
        render_to_string(TEMPLATE, {**context, "pages": pages}) for pages in _groups(_pages(calls), PAGES_TOGETHER)
    )
    content, _made = renderer().render_parts(parts=parts, styles=(STYLE,))
    return content


def _pages(calls: QuerySet[RatedUsage]) -> Iterator[PaperPage]:
    """Yield the pages; there is always a first one."""
    rows = map(_with_remark, calls.iterator(chunk_size=CHUNK_ROWS))
    yield PaperPage(number=1, rows=list(islice(rows, FIRST_PAGE_ROWS)))
    number = 2
    while part := list(islice(rows, PAGE_ROWS)):
        yield PaperPage(number=number, rows=part)
        number += 1


def _with_remark(call: Any) -> Any:
    call.remark = remark_of(call)
    return call


def _groups(pages: Iterator[PaperPage], size: int) -> Iterator[list[PaperPage]]:
    while group := list(islice(pages, size)):
        yield group


def _days(order: CallListOrder) -> dict[str, str]:
    return {"first": order.criteria["first"], "last": order.criteria["last"]}


def _name(names: dict[str, str]) -> str:
    return name_in(names, translation.get_language() or settings.LANGUAGE_CODE)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(BLOCK_BYTES):
        yield block
