"""
Revenue is handed over to accounting: prepared by one person, sent by another under a number without gaps, once.

A set covers the entries of the ledger after those of the set before it, up to a cut that is made while nobody posts.
What is corrected in the period later is the next number's.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits
from billing_site.core.names import name_in
from billing_site.db.constraints import constraint_errors
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, take_time, transaction_required
from billing_site.documents.files import store_file
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from billing_site.ledger.closing import PeriodNotOver
from billing_site.ledger.models import AccountingPeriod, LedgerEntry
from billing_site.ledger.periods import hold_books
from invoicing.models import BillRun
from invoicing.queries.periods import UNFINISHED_RUN
from reconciliation.domain.revenue_entries import (
    ClassKey,
    ClassUnknown,
    Earned,
    EntryPair,
    exchange_text,
    make_pairs,
    owed_minor,
)
from reconciliation.models import ClassSource, RevenueTransfer, RevenueTransferLine
from tariffs.models import BillItem, TaxCategory

# The language in which 1C is kept.
FILE_LANGUAGE = "ru"


class RunNotPosted(BillingError):
    """Bills of the period are not in the books yet."""

    default_message = gettext_noop(
        "%(count)s bill runs of %(period)s are not posted: their revenue is not in the books. Nothing was prepared."
    )
    default_code = "RUN_NOT_POSTED"


class NothingToTransfer(BillingError):
    """Everything was sent."""

    default_message = gettext_noop(
        "Nothing of %(period)s is left to be handed over; what there was is sent as %(numbers)s."
    )
    default_code = "NOTHING_TO_TRANSFER"


class BooksDisagree(BillingError):
    """Bills and books do not earn the same."""

    default_message = gettext_noop(
        "The bills of %(period)s earn %(bills)s on account %(code)s, the books say %(books)s (minor units). Check the"
        " books; nothing was prepared."
    )
    default_code = "BOOKS_DISAGREE"


class TransferByOnePerson(BillingError):
    """Two names."""

    default_message = gettext_noop("Who prepared a set of entries does not send it. Ask a second person.")
    default_code = "TRANSFER_BY_ONE_PERSON"


@durable
def prepare_revenue_transfer(
    *, period_id: int, section: str, on: date, prepared_at: datetime, actor: User
) -> RevenueTransfer:
    """
    Make the set of entries of an accounting period and section, or make it anew while it is not sent.

    :param section: one of ``Section``
    :param on: today: the period must be over
    :raises PeriodNotOver: if its last day is today or later
    :raises RunNotPosted: if bills of the period are not in the books yet
    :raises NothingToTransfer: if there is nothing after what was sent
    :raises ClassUnknown: if no accounting class holds something that was earned
    :raises BooksDisagree: if bills and books do not earn the same; nothing is written
    """
    take_time()
    hold_books()
    period = AccountingPeriod.objects.get(pk=period_id)
    _refuse_unready(period, on)
    transfers = RevenueTransfer.objects.filter(period=period, section=section)
    prepared = transfers.filter(state=RevenueTransfer.State.PREPARED)
    RevenueTransferLine.objects.filter(transfer__in=prepared).delete()
    prepared.delete()
    sent = transfers.aggregate(n=Max("n"), through=Max("through_entry_id"))
    after, through = sent["through"] or 0, LedgerEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    rows = _earned_rows(period, after, through)
    _refuse_disagreement(period, rows)
    classes = _classes()
    earned = [Earned(row[2], row[3], row[4], row[6]) for row in rows if row[0] in {"LINE", "TAX"} and row[1] == section]
    pairs = make_pairs(earned, classes)
    if not pairs:
        numbers = ", ".join(number or "" for number in transfers.order_by("n").values_list("number", flat=True))
        raise NothingToTransfer(context={"period": period.code, "numbers": numbers or "–"})
    tax = sum(one.amount_minor for one in earned if one.role == "TAX")
    gross = owed_minor(pairs, classes)
    moved = sum(pair.amount_minor for pair in pairs)
    transfer = RevenueTransfer.objects.create(
        period=period,
        section=section,
        n=(sent["n"] or 0) + 1,
        currency=settings.SALDO_CURRENCY,
        after_entry_id=after,
        through_entry_id=through,
        bill_count=sum(row[7] for row in rows if row[0] == "BILLS" and row[1] == section),
        debit_minor=moved,
        credit_minor=moved,
        net_minor=gross - tax,
        tax_minor=tax,
        gross_minor=gross,
        prepared_by=actor,
        prepared_at=prepared_at,
    )
    _write_lines(transfer, pairs)
    told = {"period": period.code, "section": section, "n": transfer.n, "gross_minor": gross}
    record("reconciliation.prepare_revenue_transfer", actor=actor, subject=transfer, changes=told)
    return transfer


@durable
def send_revenue_transfer(*, transfer_id: int, sent_at: datetime, actor: User) -> RevenueTransfer:
    """
    Give a prepared set its number and its file, as the second person; one that is sent stays as it was sent.

    :raises TransferByOnePerson: if the actor prepared it
    """
    transfer = RevenueTransfer.objects.select_for_update(of=("self",)).select_related("period").get(pk=transfer_id)
    if transfer.state == RevenueTransfer.State.SENT:
        return transfer
    if transfer.prepared_by_id == actor.pk:
        raise TransferByOnePerson
    series = f"REV-{transfer.period.first_on:%Y}"
    (transfer.number,) = take_numbers(series=series, prefix=f"{series}-", count=1, digits=4)
    transfer.content = store_file(_file_of(transfer, transfer.number), content_type="text/plain")
    transfer.state, transfer.sent_by, transfer.sent_at = RevenueTransfer.State.SENT, actor, sent_at
    with constraint_errors({"reconciliation_revenuetransfer_second_person": TransferByOnePerson}):
        transfer.save(update_fields=["number", "content", "state", "sent_by", "sent_at"])
    told = {"number": transfer.number, "gross_minor": transfer.gross_minor}
    record("reconciliation.send_revenue_transfer", actor=actor, subject=transfer, changes=told)
    return transfer


def _refuse_unready(period: AccountingPeriod, on: date) -> None:
    if on < period.until_on:
        raise PeriodNotOver(context={"through": period.until_on - timedelta(days=1)})
    waiting = BillRun.objects.filter(
        state__in=UNFINISHED_RUN, issued_on__gte=period.first_on, issued_on__lt=period.until_on
    ).count()
    if waiting:
        raise RunNotPosted(context={"count": waiting, "period": period.code})


def _earned_rows(
    period: AccountingPeriod, after: int, through: int
) -> list[tuple[str, str, str, str, str, str, int, int]]:
    wish = {"first_on": period.first_on, "until_on": period.until_on, "after": after, "through": through}
    return [tuple(row) for row in fetch_sql("reconciliation", "sum_revenue", wish)]


def _refuse_disagreement(
    period: AccountingPeriod, rows: Sequence[tuple[str, str, str, str, str, str, int, int]]
) -> None:
    """Compare what the lines of bills earn with what the books say, account by account, both sections together."""
    bills: dict[str, int] = defaultdict(int)
    books: dict[str, int] = defaultdict(int)
    for what, section, role, kind, item, code, minor, _count in rows:
        if what == "BOOKS":
            books[code] += minor
        elif what in {"LINE", "TAX"}:
            bills[code] += minor
            if not section and minor:
                raise ClassUnknown(context={"what": f"RECEIVABLE {kind} ({role} {item})"})
    for code in sorted(bills.keys() | books.keys()):
        if bills[code] != books[code]:
            told = {"period": period.code, "code": code, "bills": bills[code], "books": books[code]}
            raise BooksDisagree(context=told)


def _classes() -> dict[ClassKey, str]:
    sources = ClassSource.objects.values_list("measure", "kind", "item", "accounting_class__code")
    return {(measure, kind, item): code for measure, kind, item, code in sources}


@transaction_required
def _write_lines(transfer: RevenueTransfer, pairs: Sequence[EntryPair]) -> None:
    RevenueTransferLine.objects.bulk_create(
        RevenueTransferLine(transfer=transfer, n=n, **pair._asdict()) for n, pair in enumerate(pairs, start=1)
    )


def _file_of(transfer: RevenueTransfer, number: str) -> bytes:
    """Return the exchange file of a set, dated on the last day of its period."""
    named = {item.code: item.names for item in BillItem.objects.all()}
    named |= {category.code: category.names for category in TaxCategory.objects.all()}
    lines = [
        (
            line.n,
            EntryPair(line.role, line.kind, line.item, line.debit_code, line.credit_code, line.amount_minor),
            name_in(named.get(line.item, {}), FILE_LANGUAGE) or line.item,
        )
        for line in transfer.lines.order_by("n")
    ]
    return exchange_text(
        number=number,
        dated=f"{transfer.period.until_on - timedelta(days=1):%d.%m.%Y}",
        currency=transfer.currency,
        digits=currency_digits(transfer.currency),
        lines=lines,
    )
