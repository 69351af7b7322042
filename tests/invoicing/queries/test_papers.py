"""What a paper says besides its lines: the calls, what changed, the months, what was used; by the subscriber's wish."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.html import strip_tags

from invoicing.models import BillRun
from invoicing.operations.invoice_papers import paper_html
from invoicing.queries import paper_calls as module
from invoicing.queries.papers import get_paper, make_paper, printing_of
from payments.models import DunningPolicy
from rating.models import AllowanceBucket
from subscribers.operations.bill_settings import set_bill_setting
from subscribers.operations.subscriptions import add_feature
from subscribers.queries.bill_settings import BillWishes
from tariffs.models import Allowance, BillItem
from tariffs.operations.draft_inputs import NewAllowance
from tests.factories.credit_notes import cancel
from tests.factories.dunning import make_policy
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.records import Call, make_records
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item, make_draft, make_feature, make_plan, make_zone, publish

MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def line(db):
    line = make_line(account=make_account(), plan=make_plan())
    make_usage_total(line, amount_micro=40_400_000)
    return line


def call(line, *, day, **more):
    return Call(line=line, start_at=datetime(2026, 2, day, 10, tzinfo=UTC), bill_period=date(2026, 2, 1), **more)


def wish(line, **changes):
    plain = {"itemisation": "ALL", "has_whole_numbers": False, "is_large_print": False, **changes}
    set_bill_setting(account_id=line.account_id, actor=None, **plain)


def paper_of(line):
    return get_paper(invoice_id=invoice_of(line, run=bill_cycle(make_cycle())).pk)


def test_every_call_is_listed_masked_by_number_and_kind_in_order_of_time(line):
    """001-17: the itemised part, late calls with it, calls of the next period not."""
    make_records(
        [
            call(line, day=5, called="99910555123", seconds=90),
            call(line, day=3, called="99910555124"),
            call(line, day=2, called="99910555125", more={"service": 1}),
            Call(line=line, start_at=datetime(2026, 1, 30, 10, tzinfo=UTC), bill_period=date(2026, 2, 1), is_late=True),
            Call(line=line, start_at=datetime(2026, 3, 1, 10, tzinfo=UTC), bill_period=MARCH),
        ]
    )
    wish(line)
    calls = paper_of(line).calls
    voice, *_ = calls.groups

    assert (voice.kind, voice.service) == ("VOICE", calls.groups[-1].service)
    starts = [row.start_at for item in voice.items for row in item.blocks[0]]
    assert starts == sorted(starts)
    assert sum(group.count for group in calls.groups) == 4
    items = [item for group in calls.groups for item in group.items]
    shown = [row.shown_called for item in items for block in item.blocks for row in block]
    assert all(number.endswith("XXX") for number in shown)


def test_calls_are_added_up_by_item_zone_and_day_of_the_operator(line):
    """001-17: sub-totals by category, country and day; the day is that of the operator's zone."""
    evening = datetime(2026, 2, 3, 22, tzinfo=UTC)
    late = Call(line=line, start_at=evening, bill_period=date(2026, 2, 1), seconds=30)
    abroad = make_zone(code="ABROAD", item=make_bill_item(code="CALLS"))
    far = call(line, day=4, seconds=90, called="4930123", zone=abroad)
    make_records([call(line, day=3, seconds=60), late, far])
    wish(line)
    paper = paper_of(line)

    (group,) = paper.calls.groups
    (item,) = group.items
    assert [(day.on.day, day.count, day.duration_seconds) for day in group.days] == [(3, 1, 60), (4, 2, 120)]
    assert (item.count, item.amount_micro) == (group.count, group.amount_micro) == (3, 15_000_000)
    assert [(zone.zone_names["en"], zone.count, zone.duration_seconds) for zone in item.zones] == [
        ("Local", 2, 90), ("Abroad", 1, 90),
    ]  # fmt: skip
    told = strip_tags(paper_html(paper=paper))
    assert "By day" in told
    assert told.count("Together: 3 entries") == 2
    assert item.name in told


@pytest.mark.parametrize("is_large", [False, True])
def test_bill_that_lists_no_calls_adds_them_up_by_zone(line, is_large):
    """001-17, 002-11: the summary form, in large print too, says what its use comes to by zone; NONE says nothing."""
    abroad = make_zone(code="ABROAD", item=make_bill_item(code="CALLS"))
    far = call(line, day=4, seconds=90, called="4930123", zone=abroad, micro=29_000_000)
    late = Call(line=line, start_at=datetime(2026, 1, 30, 10, tzinfo=UTC), bill_period=date(2026, 2, 1), is_late=True)
    later = Call(line=line, start_at=datetime(2026, 2, 20, 10, tzinfo=UTC), bill_period=MARCH, zone=abroad)
    make_records([call(line, day=3, seconds=60), late, far, later])
    if is_large:
        wish(line, itemisation="SUMMARY", is_large_print=True)
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    paper = get_paper(invoice_id=invoice.pk)

    (sums,) = paper.zones
    assert sums.kind == "VOICE"
    assert sums.service in {group.service for group in paper.groups}
    assert [(zone.zone_names["en"], zone.count, zone.amount_micro) for zone in sums.zones] == [
        ("Abroad", 1, 29_000_000), ("Local", 2, 10_000_000),
    ]  # fmt: skip
    told = strip_tags(paper_html(paper=paper))
    reference = BillRun.objects.get(pk=invoice.run_id).reference
    assert "Use by zone" in told
    assert "Abroad" in told
    for wanted in ("NONE", "ALL"):
        printing = replace(printing_of(invoice), wishes=BillWishes(itemisation=wanted))
        again = make_paper(invoice=invoice, reference=reference, language="en", printing=printing)
        assert again.zones == ()


def test_whole_numbers_are_listed_after_the_declaration(line):
    make_records([call(line, day=5, called="99910555123")])
    wish(line, has_whole_numbers=True, are_users_told=True)
    paper = paper_of(line)

    assert "10 555 123" in paper_html(paper=paper)
    assert not paper.calls.is_masked


def test_calls_are_listed_only_by_wish_and_counts_not_without_it(line):
    make_records([call(line, day=5)])
    wish(line, itemisation="NONE")
    paper = paper_of(line)

    assert paper.calls is None
    assert "2 calls" not in paper_html(paper=paper)


def test_wish_after_the_run_does_not_change_the_bill(line):
    make_records([call(line, day=5)])
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    before = paper_html(paper=get_paper(invoice_id=invoice.pk))
    wish(line, is_large_print=True)

    assert paper_html(paper=get_paper(invoice_id=invoice.pk)) == before


def test_too_many_calls_are_not_printed(line, monkeypatch):
    monkeypatch.setattr(module, "MOST_CALLS", 1)
    make_records([call(line, day=5), call(line, day=6)])
    wish(line)
    paper = paper_of(line)

    assert paper.calls.is_cut
    assert "too many calls for paper" in paper_html(paper=paper)


def test_second_bill_tells_what_changed_and_shows_both_months(line):
    bill_cycle(make_cycle())
    make_usage_total(line, amount_micro=250_400_000, bill_period=MARCH, duration_seconds=1020)
    run = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
    paper = get_paper(invoice_id=invoice_of(line, run=run).pk)

    assert sum(change.amount_minor for change in paper.changes) == paper.difference_minor
    assert [(change.wording, change.minutes) for change in paper.changes] == [("MORE_MINUTES", 14)]
    assert [month.first_on for month in paper.months] == [date(2026, 2, 1), MARCH]
    assert paper.months[-1].height == 40
    assert "14 more minutes" in strip_tags(paper_html(paper=paper))


def test_first_bill_has_nothing_to_compare_with(line):
    paper = paper_of(line)

    assert (paper.changes, paper.difference_minor) == ((), None)
    assert "no bill for the period before" in paper_html(paper=paper)


def test_allowance_is_shown_with_what_was_used_of_it(db):
    plan = make_plan(is_published=False)
    included = NewAllowance(code="FREE", names={"en": "Free calls"}, unit="SECONDS", quantity=30_000)
    version = publish(make_draft(plan=plan, allowances=[included]))
    line = make_line(account=make_account(), plan=plan)
    allowance_id = Allowance.objects.get(plan_version=version).pk
    AllowanceBucket.objects.create(
        holder_kind="S", holder_id=line.pk, allowance_id=allowance_id, period_start=date(2026, 2, 1), used_units=12_345
    )
    paper = paper_of(line)

    (use,) = paper.uses
    assert (use.used_minutes, use.whole_minutes, use.percent) == (206, 500, 41)
    assert "Free calls" in (html := paper_html(paper=paper))
    # What a call that comes late, or another price of the month, takes of it afterwards is not on the bill.
    AllowanceBucket.objects.update(used_units=20_000, carried_units=600)
    assert paper_html(paper=get_paper(invoice_id=paper.invoice_id)) == html


def test_allowance_shared_by_an_account_is_shown_once_with_what_came_from_before(db):
    plan = make_plan(is_published=False)
    included = NewAllowance(
        code="SHARED", names={"en": "Shared calls"}, unit="SECONDS", quantity=30_000, shared_by_account=True
    )
    version = publish(make_draft(plan=plan, allowances=[included]))
    account = make_account()
    lines = [make_line(account=account, plan=plan), make_line(account=account, plan=plan)]
    allowance_id = Allowance.objects.get(plan_version=version).pk
    AllowanceBucket.objects.create(
        holder_kind="A", holder_id=account.pk, allowance_id=allowance_id, period_start=date(2026, 2, 1),
        used_units=18_000, carried_units=6_000,
    )  # fmt: skip

    (use,) = paper_of(lines[0]).uses
    assert (use.service, use.used_minutes, use.whole_minutes, use.percent) == ("", 300, 600, 50)


def test_bill_says_what_happens_if_it_is_paid_late_as_the_ladder_was_when_it_was_made(line):
    """002-15: reminder, fee, bar and reconnection from the dunning policy, frozen with the run."""
    item = make_bill_item(code="LATE_FEE")
    policy = make_policy(late_fees={15: 300}, reconnection_fee_minor=500, fee_item_id=item.pk)
    paper = paper_of(line)
    DunningPolicy.objects.filter(pk=policy.pk).update(during=(date(2026, 1, 1), paper.due_on))
    again = get_paper(invoice_id=paper.invoice_id)

    assert paper.late == again.late
    late = paper.due_on
    assert (paper.late.remind_on, paper.late.bar_on) == (late + timedelta(days=5), late + timedelta(days=20))
    assert (paper.late.fee_on, paper.late.fee_minor) == (late + timedelta(days=15), 300)
    told = strip_tags(paper_html(paper=paper))
    assert "a late fee of" in told
    assert "emergency calls stay possible" in told


def test_debt_too_small_to_be_reminded_of_threatens_with_nothing(line):
    make_policy(minimum_minor=1_000_000)

    assert paper_of(line).late is None


def test_fee_that_is_new_or_costs_another_amount_is_marked(line):
    bill_cycle(make_cycle())
    feature = make_feature()
    add_feature(subscription_id=line.pk, feature_id=feature.pk, from_on=MARCH, actor=None)
    run = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
    paper = get_paper(invoice_id=invoice_of(line, run=run).pk)

    marks = [(one.name, one.mark) for group in paper.groups for one in group.lines if one.mark]
    assert [mark for _name, mark in marks] == ["NEW"]
    assert "new since the last bill" in paper_html(paper=paper)


def test_bill_says_the_same_after_the_one_before_it_was_taken_back(line, specialist):
    """002-11: the same hash when rendered again, whatever became of earlier bills since."""
    first = invoice_of(line, run=bill_cycle(make_cycle()))
    run = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
    second = invoice_of(line, run=run)
    before = paper_html(paper=get_paper(invoice_id=second.pk))
    # By a clock that stands behind the machine's: the order of the books counts, not that of instants.
    cancel(first, specialist, at=datetime(2026, 4, 2, 8, tzinfo=UTC))

    assert paper_html(paper=get_paper(invoice_id=second.pk)) == before


def test_charge_that_the_line_does_not_hang_on_is_marked_from_the_next_run_on(line):
    """Screens 2.1: as the item was when the run was planned; an older bill stays as it was, to the byte."""
    before = paper_of(line)
    BillItem.objects.filter(code="CALLS").update(keeps_line=True)
    make_usage_total(line, amount_micro=40_400_000, bill_period=MARCH)
    after = get_paper(
        invoice_id=invoice_of(
            line, run=bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
        ).pk
    )

    marks = {one.kind: one.keeps_line for group in after.groups for one in group.lines}
    assert marks == {"RECURRING": False, "USAGE": True}
    assert paper_html(paper=get_paper(invoice_id=before.invoice_id)) == paper_html(paper=before)
    assert "not essential" not in paper_html(paper=before)
    assert "not essential" in paper_html(paper=after)
