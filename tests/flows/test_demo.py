"""The demo operator in small: twenty accounts live through two days, their bills, their payments and the check."""

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db.models import Count, Sum

from billing_site.console.demo.customers import CYCLE, STORIES, account_of
from billing_site.console.demo.places import PASSWORD, STAFF
from billing_site.console.demo.scale import CHECKED_DAY, TINY
from billing_site.console.demo.steps import KEY_PREFIX, Workforce, result_of
from billing_site.console.demo.story_line import steps_of
from billing_site.core import clock
from billing_site.identity.models import ServiceCentre, User
from billing_site.identity.roles import Role
from billing_site.jobs.models import Job
from invoicing.models import BillRun, Invoice, InvoiceRendering
from payments.models import (
    DunningAct,
    DunningExclusion,
    DunningRun,
    FiscalRegistration,
    Payment,
    PaymentPromise,
    TillCount,
    TillReceipt,
    TillSession,
    WriteOff,
)
from rating.models import KeyAccountDay, PremiumStation, PremiumTotal, RatedUsage, SetAsideLine, UsageFile
from reconciliation.models import BookCase, RevenueTransfer, TerminalCheck
from reconciliation.queries.supply import sales_faults, sales_lines
from subscribers.models import Account, NumberAssignment, Subscription
from subscribers.queries.search import search_subscribers
from tariffs.models import Allowance, Plan, PlanVersion, Rate, Zone
from tests.flows.demo_site import DemoWorld, demo, demo_world, fresh_database, run_demo

__all__ = ["demo", "demo_world", "fresh_database"]


def counts() -> dict[str, int]:
    models = (Account, Subscription, NumberAssignment, UsageFile, Invoice, Payment, TerminalCheck, User, Plan)
    return {model.__name__: model._default_manager.count() for model in models}


@pytest.fixture(scope="module")
def told(demo: DemoWorld) -> str:
    return demo.told.replace(str(demo.files), str(settings.SALDO_FILES_ROOT))


def test_everything_agrees(told):
    assert "DOES NOT AGREE" not in told
    assert told.count("(agrees)") == 3
    steps = steps_of(scale=TINY, workforce=Workforce(is_inline=True))
    assert Job.objects.filter(key__startswith=KEY_PREFIX, state="DONE").count() == len(steps)


def test_accounting_has_five_planted_faults_and_february_is_handed_over(told):
    kinds = list(BookCase.objects.order_by("kind").values_list("kind", flat=True))
    sent = RevenueTransfer.objects.filter(state="SENT")

    assert kinds == ["ADVANCE_AS_REVENUE", "MISSING_HERE", "MISSING_THERE", "OTHER_AMOUNT", "OTHER_SUBSCRIBER"]
    assert list(sent.values_list("number", "period__code")) == [("REV-2026-0001", "2026-02")]


def test_today_is_the_fifth_of_march(told):
    assert clock.today().isoformat() == "2026-03-05"


def test_places_staff_and_plans_are_there(told):
    assert ServiceCentre.objects.count() == 23
    assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
    assert PASSWORD in told
    assert [username for username, *_ in STAFF if username not in told] == []
    assert Plan.objects.count() == 14
    for names in Plan.objects.values_list("names", flat=True):
        assert set(names) == {"en", "hy", "ru", "zh-hans", "ar"}
    drafts = PlanVersion.objects.filter(state="DRAFT").values_list("plan__code", flat=True)
    assert list(drafts) == ["SPRING-2026"]
    later = PlanVersion.objects.filter(state="PUBLISHED", during__startswith__gt=clock.today())
    assert list(later.values_list("plan__code", "number")) == [("EVENING", 2)]


def test_every_line_of_usage_has_one_outcome(told):
    sums = UsageFile.objects.aggregate(
        lines=Sum("line_count"),
        rated=Sum("rated_count"),
        duplicate=Sum("duplicate_count"),
        quarantined=Sum("quarantined_count"),
        rejected=Sum("rejected_count"),
        joined=Sum("joined_count"),
    )

    assert sums.pop("lines") == sum(sums.values())
    assert sums["rated"] > 0
    assert sums["duplicate"] > 0
    assert set(UsageFile.objects.values_list("state", flat=True)) == {"CLOSED"}
    assert result_of("load")["refused as known"] == 1
    nobody = SetAsideLine.objects.filter(calling="99910299001").values_list("outcome", "reason").distinct()
    assert list(nobody) == [("QUARANTINED", "NO_SUBSCRIBER")]


def test_messages_data_and_relations_are_used_and_rated(told):
    zones = dict(Zone.objects.values_list("pk", "code"))
    used = {zones[pk] for pk in RatedUsage.objects.values_list("zone_id", flat=True).distinct()}
    rates = set(Rate.objects.filter(pk__in=RatedUsage.objects.values("rate_id")).values_list("code", flat=True))

    assert {"DATA", "DIAL-IN", "FAVOURITE", "GROUP", "FREE"} <= used
    assert {"FAVOURITE", "GROUP", "LOCAL-BUSINESS"} <= rates
    assert rates & {"HOURS-PEAK", "HOURS-QUIET"}
    assert set(RatedUsage.objects.values_list("service", flat=True).distinct()) == {0, 1, 2}
    assert not RatedUsage.objects.filter(zone_id=Zone.objects.get(code="FREE").pk, amount_micro__gt=0).exists()
    rolled = RatedUsage.objects.filter(allowance_id=Allowance.objects.get(rolls_over=True).pk)
    assert rolled.filter(allowance_units__gt=0).exists()


def test_stations_are_totalled_and_the_key_account_is_followed(told):
    assert set(PremiumStation.objects.values_list("code", flat=True)) == {"WEATHER", "LAW"}
    premium = Zone.objects.get(code="PREMIUM").pk
    calls = RatedUsage.objects.filter(zone_id=premium).exclude(service=0, duration_seconds=0).count()
    assert sum(PremiumTotal.objects.values_list("call_count", flat=True)) == calls
    followed = KeyAccountDay.objects.values_list("account_id", flat=True).distinct()
    assert list(followed) == [account_of("huge bill").pk]


def test_calls_of_another_day_are_set_aside(told):
    late = SetAsideLine.objects.filter(reason="WRONG_DAY").values_list("file_id", flat=True)

    assert [UsageFile.objects.get(pk=file_id).source.code for file_id in late] == ["X03", "X03"]
    waiting = SetAsideLine.objects.filter(outcome="QUARANTINED").values_list("reason", flat=True)
    assert set(waiting) == {"NO_SUBSCRIBER", "WRONG_DAY"}


def test_bills_were_run_by_one_person_and_posted_by_another(told):
    runs = BillRun.objects.values_list("started_by__username", "posted_by__username", "parked_count")

    assert list(runs.filter(cycle__code=CYCLE)) == [("specialist", "approver", 0)]
    assert set(runs) == {("specialist", "approver", 0)}
    languages = Invoice.objects.filter(pk__in=InvoiceRendering.objects.values("invoice_id")).values_list("language")
    assert {language for (language,) in languages} == {"hy", "ru", "zh-hans", "ar", "en"}


def test_stories_are_told(told):
    bills = {key: Invoice.objects.filter(account_id=account_of(key).pk).first() for key in (s.key for s in STORIES)}

    assert bills["closed"] is None
    assert account_of("closed").is_closed
    assert bills["zero bill"] is None or bills["zero bill"].gross_minor == 0
    largest = Invoice.objects.order_by("-gross_minor").first()
    assert largest == bills["huge bill"]
    owned = search_subscribers(
        text=NumberAssignment.objects.values("number").annotate(n=Count("pk")).get(n=2)["number"],
        country_code="999",
        at=clock.now(),
    )
    assert [hit.holds_number_now for hit in owned] == [True, False]
    assert Payment.objects.get(channel="TERMINAL", state="SUSPENSE").account_number == account_of("closed").number


def test_debtors_are_dunned_step_by_step(told):
    actions = DunningAct.objects.values_list("step__action", flat=True)

    assert set(actions) == {"REMINDER", "RESTRICTION"}
    assert [run.state for run in DunningRun.objects.all()] == ["DONE"] * 4
    assert PaymentPromise.objects.get().state == "OPEN"
    assert WriteOff.objects.get().state == "PROPOSED"
    assert not DunningAct.objects.filter(account=DunningExclusion.objects.get().account).exists()


def test_sales_are_in_the_till_and_one_was_sold_at_an_old_price(told):
    """000-14: what was booked is what the till has; the price of the year before is named."""
    (centre,) = [line for line in sales_lines(day=CHECKED_DAY) if line.booked_minor]
    (fault,) = sales_faults(day=CHECKED_DAY)

    assert (centre.till_difference_minor, centre.price_difference_minor) == (0, -200)
    assert (fault.fault, fault.taken_minor) == ("OTHER_PRICE", 800)


def test_tills_are_open_one_is_short_and_a_device_is_silent(told):
    """Scenario 3 begins with a till that is 500 short; ruling 20 with a receipt that waits for its device."""
    states = set(TillSession.objects.values_list("till__code", "opened_on__day", "state"))
    cash = TillCount.objects.filter(method="CASH").select_related("session__till")
    short = {count.session.till.code: count.difference_minor for count in cash}
    kinds = dict(TillReceipt.objects.filter(till__code="A-1").values_list("kind").annotate(count=Count("pk")))

    assert states == {("A-1", 4, "CLOSED"), ("A-1", 5, "OPEN"), ("R-1", 5, "OPEN"), ("Y-1", 4, "COUNTED")}
    assert (short, kinds["REVERSAL"]) == ({"A-1": 0, "Y-1": -500}, 1)
    assert FiscalRegistration.objects.filter(state="WAITING", receipt__till__code="R-1").exists()


def test_check_names_the_planted_differences(told):
    checks = {check.network.code: check for check in TerminalCheck.objects.filter(day="2026-03-04")}

    assert {code: check.state for code, check in checks.items()} == {
        "kiosk": "DIFFERENT",
        "riverside": "AGREED",
        "quickpay": "MISSING",
    }
    kinds = checks["kiosk"].discrepancies.order_by("txn_id").values_list("kind", "txn_id")
    assert list(kinds) == [
        ("ONLY_OURS", "19101"),
        ("DOUBLED", "19102"),
        ("AMOUNT_DIFFERS", "19103"),
        ("ONLY_THEIRS", "19999"),
    ]


def test_again_it_sees_what_is_done(told):
    before = counts()

    assert run_demo() == told

    assert counts() == before


def test_step_that_was_interrupted_goes_on(told):
    """As if the process had died at each step's very end, before it was marked done."""
    before = counts()
    Job.objects.filter(key__startswith=KEY_PREFIX).update(state="RUNNING", result={})

    assert run_demo() == told

    assert counts() == before


def test_production_refuses_it(told, settings):
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="refused in production"):
        run_demo()
