"""Reports of money: receivable and received, settlements by hour, revenue, debts."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from billing_site.core.periods import add_months, month_of
from billing_site.ledger.models import LedgerAccount
from payments.queries.collection import Collected, collected_by_agent, collected_in
from payments.queries.daily_summaries import (
    OWN_ACCOUNTS,
    BooksMove,
    Received,
    Step,
    books_moves,
    received_in,
    totalled_last,
)
from reports.domain.definition import Answer, Control, Question
from reports.queries.places import (
    NOBODY,
    drill_behind,
    drill_of_month,
    drill_of_payments,
    drill_of_postings,
    places_of,
)

HOURS = range(24)
MONTHS = 13
# Before anybody kept books here.
LONG_AGO = date(1990, 1, 1)
# What is earned, and what it costs.
EARNING_KINDS = (LedgerAccount.Kind.REVENUE, LedgerAccount.Kind.BAD_DEBT, LedgerAccount.Kind.EXPENSE)
BILLED, CREDITED, PAID, WRITTEN_OFF = "INVOICE", "CREDIT_NOTE", "PAYMENT", "WRITE_OFF"
ONE_PAYMENT_ELSEWHERE = "SUSPENSE"
NOTHING_COLLECTED = Collected(receivable_minor=0, received_minor=0)


def read_collection(question: Question) -> Answer:
    """
    Return receivable, received and their share by department and service centre of a month, and what was owed before,
    else moved and is owed at its end.
    """
    places = places_of(question)
    owed: dict[int, list[int]] = {}
    for move in books_moves(first=LONG_AGO, last=question.first - date.resolution):
        owed.setdefault(move.centre_id, [0, 0])[0] += move.net_minor
    moves = books_moves(first=question.first, last=question.last)
    for move in moves:
        owed.setdefault(move.centre_id, [0, 0])[1] += move.net_minor
    found = collected_in(moves)
    shown = [pk for pk in places if pk != NOBODY and pk in owed]
    rows: list[tuple[Any, ...]] = [
        (places[pk].department, places[pk].centre, *_collected(found.get(pk, NOTHING_COLLECTED), *owed[pk]))
        for pk in shown
    ]
    received = sum(
        one.amount_minor - one.reversed_minor
        for one in received_in(first=question.first, last=question.last)
        if one.centre_id != NOBODY and one.centre_id in places
    )
    control = Control(
        label=gettext_noop("Received, and the payments less those taken back"),
        ours=sum(row[3] for row in rows),
        theirs=received,
    )
    drills = [drill_behind("money-behind", question, centre=pk) for pk in shown]
    return Answer(rows=rows, drills=drills, controls=(control,), as_of=totalled_last())


def read_agents(question: Question) -> Answer:
    """
    Return what each network of terminals took for us and handed over in a month, and what it still had before and has
    at the end.
    """
    before: Counter[int] = Counter()
    for move in books_moves(first=LONG_AGO, last=question.first - date.resolution, centre_ids=[OWN_ACCOUNTS]):
        before[move.ledger_account_id] += move.net_minor
    found = collected_by_agent(first=question.first, last=question.last)
    rows = []
    for network, one in found:
        had = before[network.clearing_account_id]
        has = had + one.receivable_minor - one.received_minor
        rows.append((network.name, one.receivable_minor, one.received_minor, None, had, has))
    drills = [drill_of_postings(question, network.clearing_account_id) for network, _one in found]
    return Answer(rows=rows, drills=drills, as_of=totalled_last())


def _collected(one: Collected, before_minor: int, moved_minor: int) -> tuple[int | None, ...]:
    """Return the figures of a centre; opening + receivable - received + other = closing."""
    other = moved_minor - one.receivable_minor + one.received_minor
    closing = before_minor + one.receivable_minor - one.received_minor + other
    return one.receivable_minor, one.received_minor, None, before_minor, other, closing


def read_settlements(question: Question) -> Answer:
    """
    Return count and sum of payments by service centre and local hour, and what was taken back in it: of a till's money
    the centre is the till's, of all other money the account's.
    """
    places = places_of(question)
    sums: dict[tuple[int, int], Counter[str]] = {}
    for one in _money_in(received_in(first=question.first, last=question.last, step=Step.HOUR)):
        place_id = one.till_centre_id or one.centre_id
        if place_id in places:
            found = sums.setdefault((place_id, one.hour or 0), Counter())
            for name in ("payment_count", "amount_minor", "reversal_count", "reversed_minor"):
                found[name] += getattr(one, name)
    open_places = {centre_id for centre_id, _hour in sums}
    rows = [
        (place.centre, f"{hour:02d}:00", *_settled(sums.get((pk, hour), Counter())))
        for pk, place in places.items()
        if pk in open_places
        for hour in HOURS
    ]
    drills = [
        drill_of_payments(question, taken_at=pk, hour=hour) if pk != NOBODY else None
        for pk in places
        if pk in open_places
        for hour in HOURS
    ]
    return Answer(rows=rows, drills=drills, controls=_books_of(question, rows), as_of=totalled_last())


def read_revenue(question: Question) -> Answer:
    """Return thirteen months of revenue by kind of service, losses on bad debts, expenses, and what is left."""
    first = add_months(question.month, 1 - MONTHS)
    kinds = _own_accounts()
    sums: dict[date | None, Counter[str]] = {}
    last = month_of(question.last).last_day
    for move in books_moves(first=first, last=last, step=Step.MONTH, centre_ids=[OWN_ACCOUNTS]):
        kind, code = kinds.get(move.ledger_account_id, ("", ""))
        if kind == LedgerAccount.Kind.REVENUE:
            sums.setdefault(move.step, Counter())[code] -= move.net_minor
        elif kind == LedgerAccount.Kind.BAD_DEBT:
            sums.setdefault(move.step, Counter())["LOSS"] += move.net_minor
        elif kind == LedgerAccount.Kind.EXPENSE:
            sums.setdefault(move.step, Counter())["EXPENSE"] += move.net_minor
    rows, drills = [], []
    for number in range(MONTHS):
        month = add_months(first, number)
        drills.append(drill_of_month("revenue-by-account", month, question))
        found = sums.get(month, Counter())
        parts = [found[kind] for kind in ("FIXED", "MOBILE", "INTERNET")]
        spent = found["LOSS"], found["EXPENSE"]
        other = sum(found.values()) - sum(parts) - sum(spent)
        revenue = sum(parts) + other
        rows.append((month.strftime("%Y-%m"), *parts, other, revenue, *spent, revenue - sum(spent)))
    return Answer(rows=rows, drills=drills, as_of=totalled_last())


def read_revenue_accounts(question: Question) -> Answer:
    """Return what each account of revenue, losses and expenses moved by in days; it leads to its postings."""
    accounts = LedgerAccount.objects.filter(kind__in=EARNING_KINDS)
    kinds = dict(accounts.values_list("pk", "kind"))
    codes = dict(accounts.values_list("pk", "code"))
    sums: dict[int, Counter[str]] = {}
    for move in books_moves(first=question.first, last=question.last, centre_ids=[OWN_ACCOUNTS]):
        if move.ledger_account_id in kinds:
            sums.setdefault(move.ledger_account_id, Counter())[kinds[move.ledger_account_id]] += move.net_minor
    shown = sorted(sums, key=lambda pk: codes[pk])
    return Answer(
        rows=[(codes[pk], -sums[pk]["REVENUE"], sums[pk]["BAD_DEBT"], sums[pk]["EXPENSE"]) for pk in shown],
        drills=[drill_of_postings(question, pk) for pk in shown],
        as_of=totalled_last(),
    )


def read_debts(question: Question) -> Answer:
    """Return thirteen months of what subscribers owe: opening, what moved it, closing."""
    centres = [pk for pk in places_of(question) if pk != NOBODY]
    first = add_months(question.month, 1 - MONTHS)
    last = month_of(question.last).last_day
    before = books_moves(first=LONG_AGO, last=first - date.resolution, centre_ids=centres, is_folded=True)
    opening = sum(move.net_minor for move in before)
    sums: dict[date | None, Counter[str]] = {}
    for move in books_moves(first=first, last=last, step=Step.MONTH, centre_ids=centres, is_folded=True):
        sums.setdefault(move.step, Counter())[_cause(move)] += move.net_minor
    rows, drills = [], []
    for number in range(MONTHS):
        month = add_months(first, number)
        found = sums.get(month, Counter())
        drills.append(drill_of_month("collection", month, question))
        known = [found[cause] for cause in (BILLED, CREDITED, PAID, "REVERSED", WRITTEN_OFF)]
        closing = opening + sum(found.values())
        rows.append((month.strftime("%Y-%m"), opening, *known, sum(found.values()) - sum(known), closing))
        opening = closing
    return Answer(rows=rows, drills=drills, as_of=totalled_last())


def _cause(move: BooksMove) -> str:
    return "REVERSED" if move.is_reversal and move.document == PAID else move.document


def _money_in(received: Iterable[Received]) -> Iterable[Received]:
    """Leave out money that came in before and was given to its owner now: it is in its first hour already."""
    return (one for one in received if one.channel != ONE_PAYMENT_ELSEWHERE)


def _settled(found: Counter[str]) -> tuple[int, int, int, int]:
    return found["payment_count"], found["amount_minor"], found["reversal_count"], found["reversed_minor"]


def _books_of(question: Question, rows: Iterable[tuple[Any, ...]]) -> tuple[Control, ...]:
    """Compare the sum of all payments with what the books debited to money on its way."""
    if question.department_id is not None or question.centre_id is not None:
        return ()
    clearing = {pk for pk, (kind, _code) in _own_accounts().items() if kind == LedgerAccount.Kind.CLEARING}
    theirs = sum(
        move.debit_minor
        for move in books_moves(first=question.first, last=question.last, centre_ids=[OWN_ACCOUNTS])
        if move.ledger_account_id in clearing and move.document == PAID and not move.is_reversal
    )
    label = gettext_noop("Payments, and what the books took to money on its way")
    return (Control(label=label, ours=sum(row[3] for row in rows), theirs=theirs),)


def _own_accounts() -> dict[int, tuple[str, str]]:
    """Return kind, and kind of service of revenue, of the operator's own accounts."""
    accounts = LedgerAccount.objects.exclude(kind=LedgerAccount.Kind.SUBSCRIBER).values_list("pk", "kind", "code")
    return {pk: (kind, code.split(":")[1] if code.count(":") else code) for pk, kind, code in accounts}
