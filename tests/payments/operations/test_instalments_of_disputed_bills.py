"""
A plan, and a dispute or a direct debit of its bill: what is disputed waits for the answer; the plan has what stays.

D13. The bill is of 1,200, of which 300 are disputed; the plan has two parts.
"""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from invoicing.operations.disputes import answer_dispute, withdraw_dispute
from payments.domain.instalments import Part
from payments.models import DunningAct, InstalmentPlan
from payments.operations.debit_batches import NothingToCollect
from payments.operations.instalments import agree_instalment_plan
from payments.queries.instalments import find_plan
from payments.queries.standings import read_standings
from tests.factories.debits import make_creditor, make_mandate, propose
from tests.factories.disputes import OPENED_AT, dispute
from tests.factories.dunning import make_policy, run_on
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.payments import MORNING, make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FIRST, SECOND, ANSWER = date(2026, 4, 10), date(2026, 5, 10), date(2026, 4, 20)


@pytest.fixture
def account(centre):
    return make_account(cycle=make_cycle(), centre=centre)


@pytest.fixture
def bill(account):
    return invoice_of(make_line(account=account), run=bill_cycle(account.cycle))


def agree(account, bill, *, at=OPENED_AT):
    return agree_instalment_plan(
        account_id=account.pk,
        invoice_ids=[bill.pk],
        count=2,
        first_due_on=FIRST,
        agreed_with="Ani",
        at=at,
        actor=None,
    ).pk


def standing_of(plan_id):
    found = find_plan(plan_id)
    assert found is not None
    return found


def answer(case, by, *, accepted=0, at=OPENED_AT + 2 * HOUR):
    answer_dispute(
        dispute_id=case.pk,
        accepted={1: accepted},
        text="Here is why.",
        new_due_on=None if accepted == case.disputed_minor else ANSWER,
        answered_by=by,
        at=at,
    )


def paid(account, amount, on):
    at = MORNING + timedelta(days=(on - MORNING.date()).days)
    network = getattr(account, "network", None) or make_network()
    account.network = network
    pay(account.number, str(amount), network=network, txn_id=str(on.toordinal()), received_at=at)


def parts(plan_id):
    return [(part.due_on, part.amount_minor) for part in standing_of(plan_id).parts]


def overdue(account, on):
    return read_standings([account.pk], on=on)[0].standing.overdue_minor


def state():
    return InstalmentPlan.objects.values_list("state", flat=True).get()


def test_refused_part_joins_the_plan_on_the_day_of_the_answer(account, bill, specialist):
    """Agreed during the dispute: the parts are of 900; money for them is never taken for the refused 300."""
    make_policy()
    case = dispute(bill, 1, amount_minor=300)
    plan = agree(account, bill, at=OPENED_AT + HOUR)
    assert parts(plan) == [(FIRST, 450), (SECOND, 450)]

    answer(case, specialist)

    assert parts(plan) == [(FIRST, 450), (ANSWER, 300), (SECOND, 450)]
    paid(account, 450, FIRST)
    run_on(ANSWER)
    assert (standing_of(plan).paid_minor, state(), overdue(account, ANSWER)) == (450, "OPEN", 0)
    assert standing_of(plan).next_part() == Part(due_on=ANSWER, amount_minor=300)
    paid(account, 300, ANSWER)
    run_on(SECOND)
    assert (state(), overdue(account, SECOND), DunningAct.objects.count()) == ("OPEN", 0, 0)
    paid(account, 450, SECOND)
    assert state() == "KEPT"


def test_refused_part_unpaid_past_the_day_of_the_answer_breaks_the_plan(account, bill, specialist):
    make_policy()
    case = dispute(bill, 1, amount_minor=300)
    agree(account, bill, at=OPENED_AT + HOUR)
    answer(case, specialist)
    paid(account, 450, FIRST)

    run_on(ANSWER + timedelta(days=1))

    assert (state(), overdue(account, ANSWER + timedelta(days=1))) == ("BROKEN", 750)


def test_dispute_of_a_bill_in_a_plan_defers_its_amount_to_the_answer(account, bill, specialist):
    """Agreed before the dispute: the first part is not late for what was disputed when it was due."""
    plan = agree(account, bill)
    case = dispute(bill, 1, amount_minor=300, at=OPENED_AT + HOUR)
    assert standing_of(plan).next_part() == Part(due_on=FIRST, amount_minor=600)
    paid(account, 300, FIRST)
    run_on(FIRST + timedelta(days=1))
    standing = standing_of(plan)
    assert (standing.paid_minor, standing.left_minor, standing.frozen_minor, state()) == (300, 600, 300, "OPEN")

    answer(case, specialist, at=OPENED_AT + timedelta(days=40))

    assert parts(plan) == [(FIRST, 300), (ANSWER, 300), (SECOND, 600)]
    run_on(ANSWER)
    assert (state(), overdue(account, ANSWER)) == ("OPEN", 0)
    run_on(ANSWER + timedelta(days=1))
    assert (state(), overdue(account, ANSWER + timedelta(days=1))) == ("BROKEN", 900)


def test_plan_is_kept_when_the_accepted_dispute_leaves_nothing(account, bill, specialist, client):
    """While it is disputed no plan is kept to its end, and its page says why; accepted, nothing is left."""
    case = dispute(bill, 1, amount_minor=300)
    plan = agree(account, bill, at=OPENED_AT + HOUR)
    paid(account, 900, FIRST)
    client.force_login(specialist, backend="billing_site.identity.backends.RoleBackend")
    page = client.get(reverse("payments:instalment-plan", args=[plan]))
    assert (page.context["subject"].left_minor, page.context["subject"].disputed_minor, state()) == (0, 300, "OPEN")
    assert "is not asked for until the answer" in page.content.decode()

    answer(case, specialist, accepted=300)

    run_on(FIRST)
    assert (standing_of(plan).paid_minor, state()) == (900, "KEPT")


def test_withdrawn_dispute_is_due_with_the_next_part(account, bill, specialist):
    case = dispute(bill, 1, amount_minor=300)
    plan = agree(account, bill, at=OPENED_AT + HOUR)

    withdraw_dispute(dispute_id=case.pk, text="By phone.", actor=specialist, at=OPENED_AT + timedelta(days=45))

    assert parts(plan) == [(FIRST, 450), (SECOND, 750)]


def test_direct_debit_collects_no_more_than_the_parts_that_are_due(account, bill):
    """001-30: what was agreed to be paid later is not collected at once."""
    make_creditor()
    make_mandate(account)
    agree(account, bill)
    with pytest.raises(NothingToCollect):
        propose(due_by=FIRST - timedelta(days=1), collect_on=FIRST)

    assert propose(due_by=FIRST, collect_on=FIRST).amount_minor == 600
