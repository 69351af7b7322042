"""Adding up: what came since the last time goes into the daily summaries, once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable, transaction_required
from payments.models import SummaryMark

# A transaction that is older has ended: tasks are stopped after eleven minutes. So no id below the new mark is to come.
SETTLE_SECONDS = 900
FACTS: Mapping[str, str] = {
    SummaryMark.Code.BOOKS: "ledger_entry",
    SummaryMark.Code.PAYMENTS: "payments_payment",
    SummaryMark.Code.REVERSALS: "payments_paymentreversal",
}
STATEMENTS: Mapping[str, str] = {
    SummaryMark.Code.BOOKS: "total_books",
    SummaryMark.Code.PAYMENTS: "total_receipts",
    SummaryMark.Code.REVERSALS: "total_receipts",
}


@durable
def total_books(*, at: datetime, settle_seconds: int = SETTLE_SECONDS) -> dict[str, int]:
    """
    Add what was posted, received and taken back since the last time to the summaries; return the new marks.

    Done again it adds nothing.

    :param at: now, by the operator's clock: the summaries are as of then
    :param settle_seconds: what is younger waits for the next time
    """
    return {code: _total(code, at, settle_seconds) for code in SummaryMark.Code.values}


@transaction_required
def _total(code: str, at: datetime, settle_seconds: int) -> int:
    mark = SummaryMark.objects.select_for_update().get(pk=code)
    through = _settled(FACTS[code], mark.last_id, settle_seconds)
    if through > mark.last_id:
        places: dict[str, Any] = {"code": code, "after_id": mark.last_id, "through_id": through}
        run_sql("payments", STATEMENTS[code], {**places, "zone": settings.SALDO_TIME_ZONE})
        SummaryMark.objects.filter(pk=code).update(last_id=through, totalled_at=at)
    return through


def _settled(table: str, after_id: int, settle_seconds: int) -> int:
    """Return the last id below which nothing can come any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(id) FROM {table} WHERE id > %s"  # noqa: S608 - one of our own tables
            " AND recorded_at <= clock_timestamp() - make_interval(secs => %s)",
            [after_id, settle_seconds],
        )
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] is not None else after_id
