"""What is in force while something is priced: the prices, the bill cycles, and who may write beside whom."""

import gc
from dataclasses import dataclass
from typing import Any

from django.db import connection

from rating.engine.charging import Cycle
from rating.engine.pricing import PriceTables
from rating.queries.account_cuts import account_cuts
from tariffs.queries.price_books import bill_items_by_zone, dated_bill_items, get_price_book

_BOOKS = "rating.books"


@dataclass(slots=True)
class _Tables:
    """The price tables of the run under work: published versions never change, so a run reads them once a worker."""

    scope: tuple[Any, ...] = ()
    tables: PriceTables | None = None


_tables = _Tables()


def share_books() -> None:
    """Write records beside others who do, never beside who takes some back; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [_BOOKS])


def hold_books() -> None:
    """Wait until nobody writes records, and keep it so until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_BOOKS])


def share_cycles() -> dict[int, Cycle]:
    """Return the bill cycles, held so that planning a bill run waits until the records of an open period are in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, bill_day, open_from FROM subscribers_billcycle ORDER BY id FOR SHARE")
        rows = cursor.fetchall()
    # Read once the rows are held: who cuts an account holds its cycle.
    cuts = account_cuts()
    return {
        pk: Cycle(bill_day=bill_day, open_from=open_from, cuts=cuts.get(pk, {})) for pk, bill_day, open_from in rows
    }


def price_tables(*, job_id: int) -> PriceTables:
    """Return the prices that a job goes by, read once in each process that works on it."""
    scope = (str(connection.settings_dict["NAME"]), job_id)
    if _tables.scope != scope or _tables.tables is None:
        # Tens of thousands of prices stay for the whole run: the collector need not walk them, least of all while they
        # come.
        gc.collect()
        gc.disable()
        try:
            _tables.tables = PriceTables.of(get_price_book(), bill_items_by_zone(), dated_bill_items())
        finally:
            gc.freeze()
            gc.enable()
        _tables.scope = scope
    return _tables.tables
