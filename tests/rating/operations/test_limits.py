"""Money thresholds: the lower holds, notices at 50, 80 and 100 %, barred before the next file."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection, transaction

from billing_site.audit.models import AuditEntry
from billing_site.core.money import MICRO_PER_MAJOR
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import do_next, drain
from rating.models import LimitNotice, UsageLimit, UsageTotal
from rating.operations.limit_checks import check_all_limits
from rating.operations.limits import (
    LimitNotHigher,
    LimitNotPositive,
    LimitReasonMissing,
    LineOfAnotherAccount,
    NoLimitToLift,
    lift_usage_limit,
    set_default_limit,
    set_usage_limit,
)
from rating.operations.rating_runs import rate_usage, work_on_run
from rating.queries.open_runs import CHECK_RUN
from subscribers.models import NetworkOrder, Notice, SubscriptionRestriction
from subscribers.operations.subscriptions import change_plan
from tests.factories.quarantine import recycle
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.rerating import propose, run
from tests.factories.subscribers import make_line, make_range
from tests.factories.tariffs import make_draft, make_plan, make_zone, publish

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 4, 1, 0, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def march():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def source(ani):
    """Calls cost 5.00 a minute."""
    make_zone(prefixes=["99910"])
    return make_source()


def limit(person, amount: int, kind="SUBSCRIBER", **fields) -> UsageLimit:
    made = set_usage_limit(
        account_id=person.account.pk,
        kind=kind,
        amount_micro=amount * MICRO_PER_MAJOR,
        at=NOW,
        actor=fields.pop("actor", None),
        **fields,
    )
    assert made is not None
    return made


def use(source, person, minutes: int, *, hour: int) -> None:
    """Let a file with one call be rated and checked; 5.00 a minute."""
    line = f"{person.number},99910555555,2026-03-05 {hour:02d}:00:00,{minutes * 60}"
    load_lines(source, line, name=f"X07-20260305-{hour}.csv")
    rate_all()


def percents() -> list[int]:
    return list(LimitNotice.objects.order_by("pk").values_list("percent", flat=True))


def states(person) -> list[tuple[str, list[str]]]:
    rows = SubscriptionRestriction.objects.filter(subscription=person.line).order_by("during")
    return [(row.state, row.causes) for row in rows]


def test_usage_limit_002_12_the_lower_one_holds(ani, specialist, source):
    """002-12: the subscriber's 30.00 against the operator's 50.00; 80 % is told, 100 % bars before the next file."""
    limit(ani, 50, kind="OPERATOR", actor=specialist)
    limit(ani, 30, actor=specialist)

    use(source, ani, 4, hour=8)
    assert percents() == [50]
    use(source, ani, 1, hour=9)
    assert percents() == [50, 80]
    assert states(ani) == []
    load_lines(source, f"{ani.number},99910555555,2026-03-05 10:00:00,60", name="X07-20260305-10.csv")
    load_lines(source, f"{ani.number},99910555555,2026-03-05 11:00:00,60", name="X07-20260305-11.csv")
    first, second = sorted(load.pk for load in source.files.filter(state="STAGED"))
    run = rate_usage(file_ids=[first])
    assert run is not None
    while not WorkItem.objects.filter(job=run, kind=CHECK_RUN).exists():
        work_on_run(job_id=run.pk)
    assert rate_usage(file_ids=[second]) == run
    assert work_on_run(job_id=run.pk)
    run.refresh_from_db()

    assert run.state == Job.State.DONE
    assert percents() == [50, 80, 100]
    assert states(ani) == [("RESTRICTED", ["LIMIT"])]
    assert NetworkOrder.objects.get().kind == "BAR_OUTGOING"
    assert NetworkOrder.objects.get().open_numbers == ["101", "102", "103", "112"]
    assert source.files.get(pk=second).state == "STAGED"
    given = LimitNotice.objects.get(percent=100)
    assert given.used_micro == UsageTotal.objects.get(account_id=ani.account.pk).amount_micro
    acts = AuditEntry.objects.filter(action="rating.set_usage_limit").order_by("pk")
    assert [(act.actor, act.changes["kind"], act.changes["after"]) for act in acts] == [
        (specialist, "OPERATOR", "50.000000"),
        (specialist, "SUBSCRIBER", "30.000000"),
    ]


def test_usage_limit_every_change_is_in_the_journal(ani, specialist):
    """002-12: what was before and after, and who changed it."""
    limit(ani, 30)
    limit(ani, 40, actor=specialist)
    set_usage_limit(account_id=ani.account.pk, kind="SUBSCRIBER", amount_micro=None, at=NOW, actor=specialist)

    acts = AuditEntry.objects.filter(action="rating.set_usage_limit").order_by("pk")
    assert [(act.actor_name, act.changes["before"], act.changes["after"]) for act in acts] == [
        ("system", "", "30.000000"),
        ("Specialist", "30.000000", "40.000000"),
        ("Specialist", "40.000000", ""),
    ]
    assert UsageLimit.objects.filter(during__upper_inf=True).count() == 0


def test_usage_limit_jumped_over_gives_all_notices_at_once_and_only_once(ani, source):
    limit(ani, 10)
    use(source, ani, 3, hour=8)
    assert percents() == [50, 80, 100]
    use(source, ani, 1, hour=9)
    check_all_limits(at=NOW)

    assert percents() == [50, 80, 100]
    assert states(ani) == [("RESTRICTED", ["LIMIT"])]
    assert Notice.objects.count() == 3
    assert set(Notice.objects.values_list("channel", "state", "language")) == {("TELL", "WAITING", "hy")}


def test_usage_limit_notice_is_mailed_in_the_language_of_the_subscriber(ani, source):
    ani.account.subscriber.email = "ani@example.am"
    ani.account.subscriber.save()
    limit(ani, 10)
    use(source, ani, 1, hour=8)

    assert drain("subscribers.send_notice") == 1
    assert (mail.outbox[0].to, mail.outbox[0].extra_headers["Message-ID"][:8]) == (["ani@example.am"], "<notice-")
    assert "5" in mail.outbox[0].body
    assert Notice.objects.get().state == "SENT"


def test_lift_usage_limit_frees_until_the_period_ends(ani, specialist, source):
    """Scenario 16: lifted once with a reason; the line is free at once, and the old limit holds again next month."""
    limit(ani, 10)
    use(source, ani, 2, hour=8)
    assert states(ani)[-1] == ("RESTRICTED", ["LIMIT"])
    lifted = lift_usage_limit(
        account_id=ani.account.pk, amount_micro=20 * MICRO_PER_MAJOR, reason="asked by phone", at=NOW, actor=specialist
    )

    assert states(ani)[-1] == ("RESTORED", [])
    assert lifted.during.upper == datetime(2026, 3, 31, 20, tzinfo=UTC)
    assert list(NetworkOrder.objects.order_by("pk").values_list("kind", flat=True)) == ["BAR_OUTGOING", "UNBAR"]
    act = AuditEntry.objects.get(action="rating.lift_usage_limit")
    assert (act.actor, act.changes["reason"], act.changes["before"]) == (specialist, "asked by phone", "10.000000")
    use(source, ani, 2, hour=9)
    assert states(ani)[-1] == ("RESTRICTED", ["LIMIT"])
    check_all_limits(at=NEXT_MONTH)
    assert states(ani)[-1] == ("RESTORED", [])


def test_lower_limit_than_used_bars_at_once(ani, source):
    use(source, ani, 3, hour=8)
    assert percents() == []
    limit(ani, 15)

    assert percents() == [50, 80, 100]
    assert states(ani) == [("RESTRICTED", ["LIMIT"])]


def test_limit_of_a_line_bars_this_line_alone(ani, source):
    limit(ani, 10, subscription_id=ani.line.pk)
    limit(ani, 1000)
    use(source, ani, 2, hour=8)

    given = LimitNotice.objects.order_by("pk")
    assert [(one.subscription_id, one.percent) for one in given] == [(ani.line.pk, p) for p in (50, 80, 100)]
    assert states(ani) == [("RESTRICTED", ["LIMIT"])]


def test_default_limit_holds_for_accounts_without_their_own(ani, najla, source):
    set_default_limit(category="HOME", amount_micro=10 * MICRO_PER_MAJOR, at=NOW, actor=None)
    limit(najla, 50, kind="OPERATOR")
    use(source, ani, 2, hour=8)

    assert set(LimitNotice.objects.values_list("account_id", "limit__category")) == {(ani.account.pk, "HOME")}
    assert states(ani) == [("RESTRICTED", ["LIMIT"])]


@pytest.mark.parametrize(
    ("refusal", "fields"),
    [
        (LimitReasonMissing, {"reason": " "}),
        (NoLimitToLift, {}),
        (LimitNotPositive, {"amount_micro": 0}),
        (LineOfAnotherAccount, {"subscription_id": 987654}),
    ],
)
def test_lift_usage_limit_refused(ani, specialist, refusal, fields):
    wanted = {"amount_micro": MICRO_PER_MAJOR, "reason": "x", "account_id": ani.account.pk, **fields}
    with pytest.raises(refusal):
        lift_usage_limit(at=NOW, actor=specialist, **wanted)
    assert not UsageLimit.objects.exists()
    assert not AuditEntry.objects.filter(action="rating.lift_usage_limit").exists()


def test_lift_usage_limit_below_what_holds_refused(ani, specialist):
    limit(ani, 10)
    with pytest.raises(LimitNotHigher):
        lift_usage_limit(
            account_id=ani.account.pk, amount_micro=10 * MICRO_PER_MAJOR, reason="x", at=NOW, actor=specialist
        )
    assert UsageLimit.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rating_usagelimit SET amount_micro = amount_micro + 1",
        "UPDATE rating_usagelimit SET during = tstzrange(lower(during), NULL)",
        "UPDATE rating_limitnotice SET percent = 50",
        (
            "INSERT INTO rating_usagelimit (account_id, category, kind, amount_micro, during, reason)"
            " SELECT account_id, category, kind, 1, during, '' FROM rating_usagelimit"
        ),
        (
            "INSERT INTO rating_limitnotice (limit_id, account_id, bill_period, percent, used_micro, limit_micro,"
            " is_running, given_at) SELECT id, account_id, '2026-03-01', 80, 7, 10, true, now() FROM rating_usagelimit"
        ),
    ],
)
def test_limits_and_notices_are_never_edited(ani, statement):
    limit(ani, 10)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_check_of_a_run_is_done_once(ani, source):
    """An item done again (its process died after the commit of another) finds nothing to do."""
    limit(ani, 10)
    use(source, ani, 2, hour=8)
    before = (LimitNotice.objects.count(), Notice.objects.count(), NetworkOrder.objects.count())
    WorkItem.objects.filter(kind=CHECK_RUN).update(state="TODO", attempt=0)
    Job.objects.update(state=Job.State.RUNNING)
    assert do_next(CHECK_RUN)

    assert (LimitNotice.objects.count(), Notice.objects.count(), NetworkOrder.objects.count()) == before
    assert Job.objects.get(kind="rating.rate_usage").state == Job.State.DONE


def test_usage_taken_up_from_quarantine_reaches_the_limit_at_once(ani, source):
    """002-12: calls that had no subscriber yesterday are his today, and so is his limit."""
    limit(ani, 30)
    other = "99910300001"
    make_range(first="99910300000")
    load_lines(source, f"{other},99910555555,2026-03-05 06:00:00,360", name="X07-20260305-6.csv")
    rate_all()
    assert percents() == []
    make_line(account=ani.account, plan=make_plan(), number=other, active_from=date(2026, 1, 1))

    recycle(reason="NO_SUBSCRIBER")

    assert percents() == [50, 80, 100]
    assert set(SubscriptionRestriction.objects.values_list("state", flat=True)) == {"RESTRICTED"}


def test_usage_priced_again_reaches_the_limit_at_once(ani, source):
    """002-12: what another price makes of days that are past is told when it is written."""
    limit(ani, 30)
    use(source, ani, 2, hour=8)
    assert percents() == []
    dear = make_plan(is_published=False)
    publish(make_draft(plan=dear, price=Decimal(20)))
    change_plan(subscription_id=ani.line.pk, plan_id=dear.pk, changed_on=date(2026, 3, 2), actor=None)

    run(propose(today=NOW.date()))

    assert percents() == [50, 80, 100]
