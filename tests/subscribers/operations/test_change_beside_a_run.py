"""A change of a line and the planning of a bill run at one moment: the run sees it, or it is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from django.db import connection, transaction

from subscribers.models import BillCycle
from subscribers.operations.accounts import hold_open_from
from tests.factories.subscribers import make_account, make_cycle


def cut(cycle_id):
    """Cut the next period as a run does; wait a moment for whoever changes a line, no longer."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
            cycle = BillCycle.objects.select_for_update().get(pk=cycle_id)
            cycle.open_from = date(2026, 3, 1)
            cycle.save(update_fields=["open_from"])
    except Exception as error:  # noqa: BLE001 - its name is what is asked
        return type(error).__name__
    finally:
        connection.close()
    return "cut"


def test_period_is_not_cut_while_a_line_changes_in_it(fresh_database):
    """Reliability 2d: no run bills a period without a change that was let through for it."""
    account = make_account(cycle=make_cycle())
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert hold_open_from(account) == date(2026, 2, 1)
            assert pool.submit(cut, account.cycle_id).result() == "OperationalError"
        assert pool.submit(cut, account.cycle_id).result() == "cut"
    with transaction.atomic():
        assert hold_open_from(account) == date(2026, 3, 1)
