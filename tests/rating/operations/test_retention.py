"""Retention: old days are detached once billed and under no hold; the books stay clean."""

import json
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection

from billing_site.audit.models import AuditEntry
from billing_site.console.books import check_books
from invoicing.queries.unbilled_usage import first_unbilled_period
from rating.models import DetachedPartition, LegalHold, RatedUsage, UsagePartition, UsageTotal
from rating.operations.retention import (
    HoldIsLifted,
    HoldIsOwn,
    HoldUnsound,
    UsageStillNeeded,
    detach_old_usage,
    detach_usage_of_day,
    lift_legal_hold,
    place_legal_hold,
)
from rating.queries.retention import first_whole_day, old_days, retention_limit
from subscribers.models import BillCycle
from tests.factories.small_book import DAY, SmallBook, make_small_book

NEXT = date(2026, 2, 11)


@pytest.fixture
def book(db, settings, tmp_path) -> SmallBook:
    settings.SALDO_FILES_ROOT = tmp_path / "files"
    return make_small_book()


def reasons() -> list[str]:
    return [str(one.reason) for one in old_days(before=NEXT) if one.reason is not None]


def test_billed_day_is_detached_and_the_books_stay_clean(book):
    kept = list(UsageTotal.objects.order_by("pk").values())
    done = detach_old_usage(before=NEXT, actor=None)

    assert (done.detached, done.kept) == ((DAY,), ())
    assert (RatedUsage.objects.count(), UsagePartition.objects.count()) == (0, 0)
    assert list(UsageTotal.objects.order_by("pk").values()) == kept
    detached = DetachedPartition.objects.get()
    assert (detached.record_count, detached.amount_micro) == (4, 2 * 60_700_000)
    assert [finding for finding in check_books() if finding.invariant.startswith(("rating.", "invoicing."))] == []
    assert first_whole_day() == date(2026, 2, 12)
    assert AuditEntry.objects.filter(action="rating.detach_usage_of_day").count() == 1


def test_detached_rows_are_out_of_the_applications_reach(book):
    detach_old_usage(before=NEXT, actor=None)
    name = DetachedPartition.objects.get().table_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'SELECT'), has_table_privilege(%s, 'INSERT')", [name, name])
        assert cursor.fetchone() == (False, False)
        cursor.execute("SELECT rating_make_partition(%s)", [DAY])
        assert cursor.fetchone() == (book.partition,)


def test_dry_run_detaches_nothing(book):
    assert detach_old_usage(before=NEXT, actor=None, is_dry=True).detached == (DAY,)
    assert RatedUsage.objects.count() == 4


def test_day_of_a_period_that_is_not_billed_stays(book):
    """A period that is open, and one of which a bill is not posted, keep their days."""
    BillCycle.objects.update(open_from=date(2026, 2, 1))
    assert reasons() == ["It has calls of the bill period from 2026-02-01, which is not billed to the end."]
    BillCycle.objects.update(open_from=date(2026, 3, 1))
    assert reasons() == []
    assert first_unbilled_period() is None
    UsageTotal.objects.filter(account_id=book.account_id).update(bill_period=date(2026, 3, 1))
    assert first_unbilled_period() == date(2026, 3, 1)


def test_day_under_a_hold_stays_until_another_person_lifts_it(book, specialist, approver):
    hold = place_legal_hold(first=DAY, last=DAY, reason="court order 7", actor=specialist)
    assert reasons() == ["Its days are under a legal hold: court order 7"]
    with pytest.raises(UsageStillNeeded, match="court order 7"):
        detach_usage_of_day(day=DAY, actor=specialist)
    assert RatedUsage.objects.count() == 4
    with pytest.raises(HoldIsOwn):
        lift_legal_hold(hold_id=hold.pk, at=hold.placed_at, actor=specialist)
    assert LegalHold.objects.get().lifted_at is None

    lift_legal_hold(hold_id=hold.pk, at=hold.placed_at, actor=approver)
    with pytest.raises(HoldIsLifted):
        lift_legal_hold(hold_id=hold.pk, at=hold.placed_at, actor=approver)
    assert detach_old_usage(before=NEXT, actor=None).detached == (DAY,)


def test_database_itself_refuses_a_day_under_a_hold(book, specialist):
    """The wall: whoever calls the function, a hold holds."""
    place_legal_hold(first=DAY, last=DAY, reason="court order 7", actor=specialist)
    with connection.cursor() as cursor, pytest.raises(Exception, match="legal hold"):
        cursor.execute("SELECT rating_detach_partition(%s)", [DAY])


def test_hold_needs_days_and_a_reason(db, specialist):
    for first, last, reason in ((DAY, DAY, " "), (NEXT, DAY, "x")):
        with pytest.raises(HoldUnsound):
            place_legal_hold(first=first, last=last, reason=reason, actor=specialist)
    assert not LegalHold.objects.exists()


def test_limit_is_a_number_of_months(settings):
    settings.SALDO_USAGE_RETENTION_MONTHS = 13
    assert retention_limit(today=date(2026, 3, 31)) == date(2025, 2, 28)


def test_command_says_what_goes_and_what_stays(book, specialist, capsys):
    call_command("detach_usage", "--before", "2026-02-11", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["detached"] == ["2026-02-10"]
    place_legal_hold(first=DAY, last=DAY, reason="court order 7", actor=specialist)
    with pytest.raises(SystemExit, match="4"):
        call_command("detach_usage", "--before", "2026-02-11")
    assert "court order 7" in capsys.readouterr().out
    assert RatedUsage.objects.count() == 4
