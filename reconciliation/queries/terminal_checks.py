"""Reading the daily terminal check: days, cases, alarms, and the pairs that agree."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from billing_site.db.sql import fetch_sql, read_sql
from payments.models import Payment, PaymentReversal
from reconciliation.models import LIVE_STATES, Discrepancy, RefusedRegister, TerminalCheck, TerminalRegister

# How far back a day that was never compared is taken up again.
DAYS_BACK = 7
# Few enough to take no room worth speaking of, enough for the way to the database not to count.
ROWS_AT_A_TIME = 1000


class MatchedPair(NamedTuple):
    """A payment of ours and the register line that agrees with it; amounts in minor units."""

    txn_id: str
    account_number: str
    payment_id: int
    received_at: datetime
    line_number: int
    our_minor: int
    their_minor: int


def checks_between(
    *, first: date | None = None, last: date | None = None, network_id: int | None = None, state: str = ""
) -> QuerySet[TerminalCheck]:
    """Return checks with ``open_count`` (cases not resolved); both days included, what is left out filters nothing."""
    wishes = {"day__gte": first, "day__lte": last, "network_id": network_id, "state": state or None}
    asked = {name: value for name, value in wishes.items() if value is not None}
    is_open = Count("discrepancies", filter=Q(discrepancies__state__in=LIVE_STATES))
    return (
        TerminalCheck.objects.select_related("network", "register", "signed_by")
        # Nobody who looks at checks needs the network's keys: they stay sealed.
        .defer("network__secret", "network__next_secret")
        .filter(**asked)
        .annotate(open_count=is_open)
    )


def find_check(*, network_code: str, day: date) -> TerminalCheck | None:
    """Return the check of a network and day, or ``None``."""
    return checks_between(first=day, last=day).filter(network__code=network_code).first()


def discrepancies_of(check_id: int) -> QuerySet[Discrepancy]:
    """Return the differences of a check, those gone by themselves left out, by kind and transaction."""
    return (
        Discrepancy.objects.filter(check_run_id=check_id)
        .exclude(state=Discrepancy.State.GONE)
        .select_related("check_run", "payment", "owner", "resolved_by")
        .order_by("kind", "txn_id", "id")
    )


def alarms() -> tuple[TerminalCheck, ...]:
    """Return the days whose register did not come in time and has not come since, the latest first."""
    missing = TerminalCheck.objects.filter(state=TerminalCheck.State.MISSING, network__is_active=True)
    return tuple(missing.select_related("network").order_by("-day", "network__code"))


def refused_registers() -> QuerySet[RefusedRegister]:
    """Return the files of the networks' folders that were refused, for days that have no register since."""
    came = TerminalRegister.objects.filter(network_id=OuterRef("network_id"), day=OuterRef("day"))
    return RefusedRegister.objects.filter(~Exists(came)).select_related("network").order_by("-day", "-pk")


def count_open_cases() -> int:
    """Return how many differences wait for somebody."""
    return Discrepancy.objects.filter(state__in=LIVE_STATES).count()


def exchanged_payments(*, network_id: int, day: date) -> QuerySet[Payment]:
    """
    Return our payments of a network's online exchange of a day: what a register should have.

    What was cancelled the same day is none of them, nor what the act of a case took in; what was taken back later is.
    """
    cancelled = PaymentReversal.objects.filter(kind=PaymentReversal.Kind.CANCELLED, posted_on=day)
    made_by_case = Discrepancy.objects.filter(new_payment__isnull=False)
    return Payment.objects.filter(network_id=network_id, posted_on=day).exclude(
        Q(pk__in=cancelled.values("payment_id")) | Q(pk__in=made_by_case.values("new_payment_id"))
    )


def left_out_of_exchange(*, network_id: int, day: date) -> list[int]:
    """Return the ids of our payments of a network and day that ``exchanged_payments`` leaves out; there are few."""
    cancelled = PaymentReversal.objects.filter(
        kind=PaymentReversal.Kind.CANCELLED, posted_on=day, payment__network_id=network_id, payment__posted_on=day
    )
    made_by_case = Discrepancy.objects.filter(new_payment__network_id=network_id, new_payment__posted_on=day)
    return [*cancelled.values_list("payment_id", flat=True), *made_by_case.values_list("new_payment_id", flat=True)]


def days_to_check(*, yesterday: date) -> tuple[tuple[str, date], ...]:
    """Return (network code, day) of the last week that no register was compared for, the oldest first."""
    days = {"first_day": yesterday - timedelta(days=DAYS_BACK - 1), "last_day": yesterday}
    return tuple((str(code), day) for code, day in fetch_sql("reconciliation", "terminal_days_to_check", days))


def matched_pairs(check: TerminalCheck) -> Iterator[MatchedPair]:
    """Yield the pairs of a check that agree, in the order of our payments, holding a few thousand at a time."""
    if check.register_id is None:
        return
    parameters: dict[str, int | date] = {
        "network_id": check.network_id,
        "day": check.day,
        "register_id": check.register_id,
    }
    # A cursor of the server lives as long as its transaction.
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(read_sql("reconciliation", "matched_of_terminal_day"), parameters)
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            yield from map(MatchedPair._make, rows)


def corrections_taken_in(*, network_id: int, day: date) -> QuerySet[Payment]:
    """Return the payments of a network and day of the books that are none of its online exchange, or were cancelled."""
    exchanged = exchanged_payments(network_id=network_id, day=day)
    of_the_day = Payment.objects.filter(network_id=network_id, posted_on=day)
    return of_the_day.exclude(pk__in=exchanged.values("pk")).order_by("pk")


def reversals_of(*, network_id: int, day: date) -> QuerySet[PaymentReversal]:
    """Return what was taken back of a network's payments on a day of the books."""
    found = PaymentReversal.objects.filter(payment__network_id=network_id, posted_on=day)
    return found.select_related("payment").order_by("pk")
