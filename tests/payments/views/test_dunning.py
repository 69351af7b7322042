"""The pages of dunning: the board, what a run would do, runs, policies, the card's panel, promises, calls."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from billing_site.core import clock
from payments.models import DunningAct, DunningCase, DunningExclusion, DunningPolicy, DunningRun, PaymentPromise
from payments.operations.dunning_runs import DUN
from subscribers.models import Notice
from tests.factories.dunning import draft_policy, make_debt, make_policy, publisher, run_on
from tests.factories.invoicing import do_all
from tests.factories.subscribers import make_account
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(client):
    def sign_in(user):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


def today() -> date:
    return clock.today()


@pytest.fixture
def account():
    make_policy(valid_from=date(2025, 1, 1), channel="CALL")
    made = make_account()
    make_debt(made, 1500, due_on=today() - timedelta(days=20))
    return made


def shown(client, name, *args, **query):
    response = client.get(reverse(f"payments:{name}", args=args), query)
    assert response.status_code == 200
    text = response.content.decode()
    assert bare_numbers(text) == []
    return response, text


def test_what_a_run_would_do_is_counted_and_nothing_is_written(signed, specialist, account):
    """Part 2: by step and department, with money; no effect."""
    client = signed(specialist)
    before = [model.objects.count() for model in (DunningRun, DunningAct, DunningCase, Notice)]

    response, _ = shown(client, "dunning-estimate")

    rows = response.context["page"].rows
    assert [(row.step.n, row.account_count, row.overdue_minor) for row in rows] == [(1, 1, 1500)]
    assert [model.objects.count() for model in (DunningRun, DunningAct, DunningCase, Notice)] == before
    sheet = open_book(client.get(reverse("payments:dunning-estimate"), {"export": "xlsx"}).getvalue()).worksheets[0]
    assert [cell.value for cell in sheet["F"]][1] == 1


def test_run_by_hand_shows_its_progress_and_its_steps(signed, specialist, account):
    client = signed(specialist)
    response = client.post(reverse("payments:start-dunning-run"))
    do_all(DUN)

    run = DunningRun.objects.get()
    assert response.headers["Location"] == reverse("payments:dunning-run", args=[run.pk])
    shown(client, "dunning-run", run.pk)
    assert client.get(reverse("payments:dunning-run-job", args=[run.pk])).status_code in {200, 286}
    steps, _ = shown(client, "dunning-run-acts", run.pk)
    assert [row.account_id for row in steps.context["page"].rows] == [account.pk]
    runs, _ = shown(client, "dunning-runs")
    assert [row.step_count for row in runs.context["page"].rows] == [1]


def test_board_shows_the_ladder_with_counts_and_money(signed, specialist, account):
    run_on(today())
    client = signed(specialist)

    board, text = shown(client, "dunning")
    debts, _ = shown(client, "dunning-acts")

    assert [(row.step.n, row.case_count, row.overdue_minor) for row in board.context["page"].rows][:2] == [
        (1, 1, 1500),
        (2, 0, 0),
    ]
    assert "<svg" in text
    assert [row.account_id for row in debts.context["page"].rows] == [account.pk]


def test_panel_says_where_it_stands_and_what_happens_next(signed, clerk, account):
    run_on(today())
    client = signed(clerk)

    panel, text = shown(client, "dunning-panel", account.pk)

    assert panel.context["next_on"] == today() + timedelta(days=10)
    assert panel.context["step"].n == 2
    assert "It is not time for the next step yet." in text
    assert [row.n for row in panel.context["acts"].rows] == [1]
    assert client.get(reverse("payments:dunning-panel", args=[10**9])).status_code == 404


def test_promise_is_taken_and_a_refusal_brings_the_form_back(signed, clerk, account):
    client = signed(clerk)
    url = reverse("payments:promise-payment", args=[account.pk])
    wish = {"amount": "1500", "channel": "PHONE", "given_by": "Mary"}

    too_late = client.post(url, {**wish, "pay_until_on": today() + timedelta(days=99)})
    taken = client.post(url, {**wish, "pay_until_on": today() + timedelta(days=5)})

    assert (too_late.status_code, taken.status_code) == (422, 302)
    assert PaymentPromise.objects.get().taken_by == clerk
    promises, _ = shown(client, "payment-promises")
    assert [row.given_by for row in promises.context["page"].rows] == ["Mary"]


def test_account_is_left_out_and_dunned_again(signed, specialist, account):
    client = signed(specialist)
    url = reverse("payments:exclude-from-dunning", args=[account.pk])
    client.post(url, {"first_on": today(), "last_on": "", "reason": "In hospital"})
    row = DunningExclusion.objects.get()
    _, text = shown(client, "dunning-panel", account.pk)
    listed, _ = shown(client, "dunning-exclusions")
    assert [one.reason for one in listed.context["page"].rows] == ["In hospital"]
    assert reverse("payments:dunning-exclusions") in shown(client, "dunning")[1]
    client.post(reverse("payments:end-dunning-exclusion", args=[row.pk]))

    row.refresh_from_db()
    assert "In hospital" in text
    assert row.during.isempty


def test_halls_see_whom_to_tell(signed, clerk, account):
    run_on(today())
    client = signed(clerk)

    calls, text = shown(client, "debtor-calls")
    none, _ = shown(client, "debtor-calls", channel="PRINT")

    assert [row.account_id for row in calls.context["page"].rows] == [account.pk]
    assert account.number in text
    assert list(none.context["page"].rows) == []


def test_policy_is_drafted_by_one_person_and_published_by_another(signed, specialist):
    client = signed(specialist)
    given = {
        "code": "HOME-1",
        "name_en": "Home",
        "name_hy": "Տուն",
        "name_ru": "Дом",
        "name_zh_hans": "家庭",
        "name_ar": "منزل",
        "category": "HOME",
        "valid_from": "2026-03-01",
        "minimum": "100",
        "restore_below": "100",
        "grace_days": "3",
        "promises_a_year": "2",
        "promise_days": "14",
    }
    drafted = client.post(reverse("payments:draft-dunning-policy"), given)
    assert drafted.status_code == 302, drafted.context["form"].errors
    policy = DunningPolicy.objects.get()
    step = {"after_days": "5", "action": "REMINDER", "channel": "CALL", "text": "FIRM"}
    client.post(reverse("payments:add-dunning-step", args=[policy.pk]), step)
    client.post(reverse("payments:add-dunning-step", args=[policy.pk]), {**step, "after_days": "9"})
    client.post(reverse("payments:remove-dunning-step", args=[policy.steps.get(n=2).pk]))
    own, text = shown(client, "dunning-policy", policy.pk)
    signed(publisher()).post(reverse("payments:publish-dunning-policy", args=[policy.pk]))

    policy.refresh_from_db()
    assert (policy.state, policy.steps.count(), policy.category) == ("PUBLISHED", 1, "HOME")
    assert "Add a step" in text
    assert own.context["may_publish"] is False
    shown(client, "dunning-policies")


def test_pages_cost_the_same_for_one_row_and_three(signed, specialist, django_assert_num_queries):
    make_policy(valid_from=date(2025, 1, 1), channel="CALL")
    client = signed(specialist)
    for n in range(1, 4):
        make_debt(make_account(), 1500, due_on=today() - timedelta(days=20))
        run_on(today() - timedelta(days=4 - n))
        with django_assert_num_queries(3):
            assert len(client.get(reverse("payments:dunning-acts")).context["page"].rows) == n
        with django_assert_num_queries(4):
            assert len(client.get(reverse("payments:debtor-calls")).context["page"].rows) == n


def test_strangers_and_technicians_see_nothing(signed, stranger, client, account):
    draft_policy(code="OTHER")
    assert client.get(reverse("payments:dunning")).status_code == 302
    for name in ("dunning", "dunning-acts", "dunning-estimate", "debtor-calls", "write-offs", "debt-ageing"):
        assert signed(stranger).get(reverse(f"payments:{name}")).status_code == 403
