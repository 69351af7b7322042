"""002-13, P-09: a bill of a plan that is taken back or calculated again: nobody is dunned for what he pays in time."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from billing_site.jobs.work import drain
from invoicing.operations.replacements import replace_invoice
from invoicing.queries.credit_notes import find_successor
from payments.domain.instalments import Part
from payments.models import InstalmentPlan
from payments.operations.dunning_cases import settle_accounts
from payments.operations.instalments import agree_instalment_plan
from payments.queries.instalments import bills_of_plan, find_plan, held_by_plans
from payments.queries.payments import advance_of, debts_of_account
from payments.queries.standings import read_standings
from subscribers.operations.accounts import give_discount
from tests.factories.credit_notes import AT, LETTER, cancel, reason_id
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_discount, make_plan
from tests.payments.operations.test_reversals import findings

AGREED_AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
FIRST, SECOND = date(2026, 3, 9), date(2026, 4, 9)


@pytest.fixture
def line(db):
    return make_line(account=make_account(), plan=make_plan())


@pytest.fixture
def bill(line):
    """A fee of 1,000 and 200 of tax."""
    return in_two_parts(line)


def in_two_parts(line):
    """Bill it, and agree on two parts, the first of which is paid in time."""
    bill = invoice_of(line, run=bill_cycle(make_cycle()))
    agree_instalment_plan(
        account_id=line.account_id,
        invoice_ids=[bill.pk],
        count=2,
        first_due_on=FIRST,
        agreed_with="Ani",
        at=AGREED_AT,
        actor=None,
    )
    pay(line.account.number, str(bill.gross_minor // 2), network=make_network(), txn_id="1", received_at=AGREED_AT)
    return bill


def replaced(bill, by):
    replace_invoice(invoice_id=bill.pk, reason_id=reason_id(), letter=LETTER, note="again", actor=by, at=AT)
    look_again()
    found = find_successor(invoice_id=bill.pk)
    assert found is not None
    return found


def look_again():
    with time_machine.travel(AT):
        drain("payments.bring_account_up")


def standing():
    found = find_plan(InstalmentPlan.objects.get().pk)
    assert found is not None
    return found


def overdue(line, on):
    return read_standings([line.account_id], on=on)[0].standing.overdue_minor


def test_replacement_takes_the_place_of_the_bill_in_its_plan(line, bill, specialist):
    new = replaced(bill, specialist)

    found = standing()
    assert (found.plan.state, found.paid_minor, found.left_minor) == ("OPEN", 600, 600)
    assert found.rest_of_next() == Part(due_on=SECOND, amount_minor=600)
    assert [(one.number, one.open_minor, one.is_taken_back) for one in bills_of_plan(found)] == [
        (new.number, 600, False)
    ]
    assert held_by_plans([new.pk], SECOND) == {new.pk: 600}
    assert overdue(line, SECOND) == 0
    pay(line.account.number, "600", network=make_network(code="two"), txn_id="2", received_at=AT)
    assert InstalmentPlan.objects.get().state == "KEPT"
    assert findings() == []


def test_plan_of_a_replaced_bill_is_broken_by_a_part_that_is_not_paid(line, bill, specialist):
    new = replaced(bill, specialist)
    late = max(new.due_on, SECOND) + timedelta(days=1)

    settle_accounts(account_ids=[line.account_id], on=late, at=AT)

    assert InstalmentPlan.objects.get().state == "BROKEN"
    assert overdue(line, late) == 600


def test_replacement_that_is_cheaper_leaves_less_of_the_last_parts(line, specialist):
    make_usage_total(line, amount_micro=100_000_000)
    bill = in_two_parts(line)
    give_discount(
        account_id=line.account_id, discount_id=make_discount().pk, from_on=date(2026, 1, 1), actor=specialist
    )
    new = replaced(bill, specialist)
    assert (bill.gross_minor, new.gross_minor) == (1320, 1308)

    found = standing()

    assert (found.plan.state, found.left_minor) == ("OPEN", 648)
    assert found.rest_of_next() == Part(due_on=SECOND, amount_minor=648)


def test_what_a_replacement_charges_more_is_a_part_on_its_own_day(line, bill, specialist):
    """Else the first part would not be paid: its money is older than the new charge."""
    make_usage_total(line, amount_micro=100_000_000)
    new = replaced(bill, specialist)
    assert (new.gross_minor, new.due_on) == (1320, date(2026, 3, 30))

    found = standing()

    assert (found.plan.state, found.total_minor, found.paid_minor) == ("OPEN", 1320, 600)
    days = [(FIRST, 600), (new.due_on, 120), (SECOND, 600)]
    assert [(part.due_on, part.amount_minor) for part in found.parts] == days
    assert overdue(line, new.due_on) == 0
    assert overdue(line, new.due_on + timedelta(days=1)) == 720


def test_plan_whose_every_bill_was_taken_back_has_ended_and_was_not_kept(line, bill, specialist, client):
    cancel(bill, specialist)
    look_again()

    found = standing()

    assert (found.plan.state, found.left_minor, found.is_taken_back) == ("ENDED", 0, True)
    assert [one.is_taken_back for one in bills_of_plan(found)] == [True]
    assert (debts_of_account(line.account_id).payable, advance_of(line.account_id)) == ((), 0)
    client.force_login(specialist, backend="billing_site.identity.backends.RoleBackend")
    page = client.get(f"/payments/plans/{found.plan.pk}/").content.decode()
    assert "Every bill of this plan was taken back" in page
    assert findings() == []
