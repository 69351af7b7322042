"""
The accounting ledger of 1 to 4 March, when the bills of February were issued and paid, with five planted faults; it is
loaded and compared, and the revenue of February is handed over.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import CHECKED_DAY, MONTH_END, MONTH_START, TODAY, moment
from billing_site.console.demo.words import five
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.ledger.models import AccountingPeriod, LedgerPosting
from reconciliation.models import AccountingFile, AccountingMap, BookCase, RevenueTransfer
from reconciliation.operations.accounting_classes import set_accounting_class, set_accounting_map
from reconciliation.operations.accounting_files import load_accounting_file
from reconciliation.operations.book_comparisons import compare_books
from reconciliation.operations.revenue_transfers import (
    NothingToTransfer,
    prepare_revenue_transfer,
    send_revenue_transfer,
)
from subscribers.models import Account, Subscription

FIRST, LAST = MONTH_END, CHECKED_DAY
MAP_CODE = "LEDGER"
HEADINGS = {
    "class": "Account class",
    "account": "Customer",
    "opening": "Opening",
    "debit": "Debit",
    "credit": "Credit",
    "closing": "Closing",
}
KINDS = {"FIXED": ("FIXED", "INTERNET", "OTHER"), "MOBILE": ("MOBILE",)}
# Code, title, what it holds, fixed or mobile.
CLASSES = (
    ("221.1", "Receivables, fixed", "RECEIVABLE", "FIXED"),
    ("221.2", "Receivables, mobile", "RECEIVABLE", "MOBILE"),
    ("251.1", "Money received, fixed", "PAYMENTS", "FIXED"),
    ("251.2", "Money received, mobile", "PAYMENTS", "MOBILE"),
    ("523.1", "Advances received, fixed", "ADVANCE", "FIXED"),
    ("523.2", "Advances received, mobile", "ADVANCE", "MOBILE"),
    ("611.1", "Revenue, fixed", "REVENUE", "FIXED"),
    ("611.2", "Revenue, mobile", "REVENUE", "MOBILE"),
    ("524.1", "Value added tax", "TAX", ""),
    ("521.9", "Money collected for providers", "PROVIDER", ""),
    ("619.9", "Differences of rounding", "ROUNDING", ""),
)
# A customer that billing has never heard of.
STRANGER = "99999991"

Amounts = tuple[int, int, int]
Ledger = dict[tuple[str, str], Amounts]


@dataclass(slots=True)
class Moved:
    """What moved on an account in the days, in minor units: its opening, revenue by section, money received."""

    section: str
    opening: int = 0
    turnover: int = 0
    received: int = 0
    revenue: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def agree_books() -> Mapping[str, Any]:
    """Keep accounting's classes, load its ledger, compare, and hand the revenue of February over."""
    _keep_classes()
    path = accounting_folder() / f"ledger-{FIRST:%Y%m%d}-{LAST:%Y%m%d}.csv"
    if not AccountingFile.objects.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text_of(with_faults(dict(_lines()))), encoding="utf-8")
        content = path.read_bytes()
        load_accounting_file(
            map_code=MAP_CODE,
            name=path.name,
            content=content,
            first_on=FIRST,
            last_on=LAST,
            actor=staff("accountant"),
        )
        compare_books(first_on=FIRST, last_on=LAST, compared_at=moment(TODAY, 10), actor=staff("accountant"))
    _hand_over()
    sent = RevenueTransfer.objects.filter(state=RevenueTransfer.State.SENT).count()
    return {"cases": BookCase.objects.count(), "transfers": sent}


def accounting_folder() -> Path:
    """Return where accounting leaves its ledger."""
    return Path(settings.SALDO_FILES_ROOT) / "demo" / "accounting"


def with_faults(ledger: Ledger) -> Ledger:
    """Forget a bill, invent one, mistype one, book an advance as revenue and a payment to somebody else."""
    rich = account_of("in credit").number
    advance = next(code for code, number in ledger if number == rich and code.startswith("523"))
    revenue = advance.replace("523", "611")
    opening, debit, credit = ledger.pop((advance, rich))
    _add(ledger, revenue, rich, credit=credit - debit - opening)
    fixed = [number for code, number in sorted(ledger) if code == "611.1" and number != rich]
    mobile = [number for code, number in sorted(ledger) if code == "611.2" and number != rich]
    del ledger["611.1", fixed[0]]
    ledger["611.1", STRANGER] = (0, 0, 7_700)
    _add(ledger, "611.2", mobile[0], credit=100)
    code, payer = next((code, number) for code, number in sorted(ledger) if code.startswith("251") and number != rich)
    other = next(number for number in sorted({number for _code, number in ledger}) if (code, number) not in ledger)
    ledger[code, other] = ledger.pop((code, payer))
    return ledger


def _add(ledger: Ledger, code: str, number: str, *, credit: int) -> None:
    before = ledger.get((code, number), (0, 0, 0))
    ledger[code, number] = (before[0], before[1], before[2] + credit)


def _keep_classes() -> None:
    if AccountingMap.objects.filter(code=MAP_CODE).exists():
        return
    actor = staff("accountant")
    for code, title, measure, section in CLASSES:
        kinds = KINDS.get(section, ())
        set_accounting_class(
            code=code, title=title, measure=measure, section=section, kinds=kinds, items=(), actor=actor
        )
    names = five("Ledger as CSV", "Գլխավոր գիրք՝ CSV", "Главная книга в CSV", "总账 CSV", "دفتر الأستاذ CSV")
    set_accounting_map(code=MAP_CODE, names=names, plan={"layout": "TABLE", "columns": HEADINGS}, actor=actor)
    sheet = five(
        "1C turnover sheet", "1C շրջանառության տեղեկագիր", "Оборотная ведомость 1С", "1C 发生额表", "كشف حركة 1C"
    )
    plan = {"layout": "SHEET_1C", "encoding": "cp1251", "delimiter": "\t", "decimal_mark": ","}
    set_accounting_map(code="SHEET-1C", names=sheet, plan=plan, actor=actor)


def _lines() -> Iterator[tuple[tuple[str, str], Amounts]]:
    """Give what a careful accountant has: class and customer, and opening, debit and credit."""
    for number, moved in sorted(_moved().items()):
        n = 1 if moved.section == "FIXED" else 2
        closing = moved.opening + moved.turnover
        for code, before, after in (
            (f"221.{n}", max(moved.opening, 0), max(closing, 0)),
            (f"523.{n}", min(moved.opening, 0), min(closing, 0)),
        ):
            if before or after:
                yield (code, number), (before, max(after - before, 0), max(before - after, 0))
        if moved.received:
            yield (f"251.{n}", number), (0, moved.received, 0)
        for section, minor in sorted(moved.revenue.items()):
            if minor:
                yield (f"611.{1 if section == 'FIXED' else 2}", number), (0, max(-minor, 0), max(minor, 0))


def _moved() -> dict[str, Moved]:
    """Read the books of the subscribers' accounts through the last day."""
    kinds = dict(Subscription.objects.order_by("-account_id", "-id").values_list("account_id", "kind"))
    numbers = {}
    found: dict[str, Moved] = {}
    for pk, number, ledger_id in Account.objects.values_list("pk", "number", "ledger_account_id"):
        numbers[ledger_id] = number
        found[number] = Moved(section=_section(kinds.get(pk, "OTHER")))
    postings = LedgerPosting.objects.filter(entry__posted_on__lte=LAST).values_list(
        "debit_id",
        "credit_id",
        "amount_minor",
        "entry__posted_on",
        "debit__kind",
        "credit__kind",
        "debit__code",
        "credit__code",
    )
    for debit_id, credit_id, minor, day, debit_kind, credit_kind, debit_code, credit_code in postings:
        if debit_id in numbers:
            _note(found[numbers[debit_id]], minor, day, kind=credit_kind, code=credit_code)
        if credit_id in numbers:
            _note(found[numbers[credit_id]], -minor, day, kind=debit_kind, code=debit_code)
    return found


def _note(moved: Moved, minor: int, day: date, *, kind: str, code: str) -> None:
    """Add one side of a posting: ``kind`` and ``code`` are the other account's."""
    if day < FIRST:
        moved.opening += minor
        return
    moved.turnover += minor
    if kind in {"CLEARING", "SUSPENSE"}:
        moved.received -= minor
    elif code.startswith("REVENUE:"):
        moved.revenue[_section(code.split(":")[1])] += minor


def _section(kind: str) -> str:
    return "MOBILE" if kind in KINDS["MOBILE"] else "FIXED"


def _text_of(ledger: Ledger) -> str:
    digits = currency_digits(settings.SALDO_CURRENCY)
    rows = [";".join(HEADINGS.values())]
    for (code, number), (opening, debit, credit) in sorted(ledger.items()):
        amounts = (opening, debit, credit, opening + debit - credit)
        shown = (str(minor_to_decimal(minor, digits=digits)) for minor in amounts)
        rows.append(";".join((code, number, *shown)))
    return "\n".join(rows) + "\n"


def _hand_over() -> None:
    """Send what February earned, fixed and mobile: the accountant prepares, the specialist sends."""
    february = AccountingPeriod.objects.filter(first_on=MONTH_START).first()
    if february is None:
        return
    for section in KINDS:
        if RevenueTransfer.objects.filter(period=february, section=section).exists():
            continue
        try:
            made = prepare_revenue_transfer(
                period_id=february.pk,
                section=section,
                on=TODAY,
                prepared_at=moment(TODAY, 10),
                actor=staff("accountant"),
            )
        except NothingToTransfer:
            continue
        send_revenue_transfer(transfer_id=made.pk, sent_at=moment(TODAY, 11), actor=staff("specialist"))
