"""What is at stake: each line in quarantine gets an estimate, where one can be made."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection

from billing_site.core import clock
from billing_site.core.quantities import Unit
from billing_site.db.transactions import durable
from rating.domain.placing import place_usage
from rating.domain.pricing import NoPrice, price_usage
from rating.domain.services import Service
from rating.models import SetAsideLine
from subscribers.queries.numbers import usual_plans
from tariffs.domain.price_book import PriceBook
from tariffs.queries.price_books import get_price_book

LINES_AT_ONCE = 10_000


@durable
def estimate_lines(*, now: datetime, most: int = LINES_AT_ONCE) -> int:
    """
    Say of lines in quarantine what they would cost, and return how many were looked at.

    The estimate is the price before allowances, on the day of the call, by the plan that most lines of the calling
    number's range have (else most lines of the range's kind of service). A line without a time, a zone or a range has
    none.

    :param now: today's holders of the range decide which plan is the usual one
    :param most: lines looked at in one call
    """
    lines = _unestimated(most)
    if not lines:
        return 0
    today = now.astimezone(clock.operator_zone()).date()
    plans = usual_plans(sorted({line.calling for line in lines}), on=today)
    book = get_price_book()
    _write(lines, [_estimate(line, plans=plans, book=book) for line in lines], now=now)
    return len(lines)


def _unestimated(most: int) -> Sequence[SetAsideLine]:
    lines = SetAsideLine.objects.filter(outcome=SetAsideLine.Outcome.QUARANTINED, estimated_at=None)
    return list(lines.order_by("file_id", "line_number").select_for_update(skip_locked=True)[:most])


def _estimate(line: SetAsideLine, *, plans: dict[str, int], book: PriceBook) -> int | None:
    plan_id = plans.get(line.calling)
    if plan_id is None or line.start_at is None or line.duration_seconds is None:
        return None
    on: date = line.start_at.astimezone(clock.operator_zone()).date()
    prices = book.plan_on(plan_id=plan_id, on=on)
    if prices is None:
        return None
    # What was called by a name is a point of the data network: numbers have no zone there.
    service = Service.VOICE if line.called.isdigit() else Service.DATA
    used = {Unit.SECONDS: line.duration_seconds, Unit.BYTES: line.volume_bytes or 0, Unit.EVENTS: 1}
    try:
        placed = place_usage(book=book, prices=prices, service=service, called=line.called, on=on, quantities=used)
        if placed is None:
            return None
        charge = price_usage(
            prices=prices,
            zone_id=placed.found.zone_id,
            unit=placed.unit,
            started_at=line.start_at,
            quantity=placed.quantity,
        )
    except NoPrice:
        return None
    return charge.amount_micro


def _write(lines: Iterable[SetAsideLine], estimates: Sequence[int | None], *, now: datetime) -> None:
    keys = [(line.file_id, line.line_number) for line in lines]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rating_setasideline s SET estimate_micro = e.micro, estimated_at = %s"
            " FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS e (file_id, line, micro)"
            " WHERE (s.file_id, s.line_number) = (e.file_id, e.line)",
            [now, [file_id for file_id, _ in keys], [line for _, line in keys], list(estimates)],
        )
