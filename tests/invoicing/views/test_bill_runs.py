import pytest
from django.urls import reverse

from billing_site.identity.roles import Role
from billing_site.jobs.models import Job
from invoicing.models import BillRun
from tests.factories.identity import make_staff
from tests.factories.invoicing import bill_cycle, calculate, plan_run, starter
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped

# Session, person, and what the page itself asks.
LIST_QUERIES = 3


@pytest.fixture
def cycle(db):
    make_line(account=make_account())
    return make_cycle()


@pytest.mark.parametrize("runs", [1, 3])
def test_list_takes_the_same_queries_however_long(client, specialist, cycle, django_assert_num_queries, runs):
    for n in range(runs):
        BillRun.objects.create(
            cycle=cycle,
            period_from=f"2025-0{n + 1}-01",
            period_until=f"2025-0{n + 2}-01",
            usage_through=f"2025-0{n + 1}-01",
            issued_on="2025-12-01",
            due_on="2025-12-20",
            currency="AMD",
            currency_digits=0,
            template_version="1",
        )
    client.force_login(specialist)

    with django_assert_num_queries(LIST_QUERIES):
        response = client.get(reverse("invoicing:bill-runs"))

    assert response.status_code == 200
    assert response.content.decode().count("2025-0") >= runs


def test_page_of_a_calculated_run_offers_posting_to_a_second_person(client, approver, cycle):
    run = calculate(cycle)
    client.force_login(approver)

    page = client.get(reverse("invoicing:bill-run", args=[run.pk])).content.decode()

    assert reverse("invoicing:post-bill-run", args=[run.pk]) in page
    assert_numbers_wrapped(page)


def test_page_of_a_run_offers_no_posting_to_who_may_not(client, specialist, cycle):
    run = calculate(cycle)
    client.force_login(specialist)

    page = client.get(reverse("invoicing:bill-run", args=[run.pk])).content.decode()

    assert reverse("invoicing:post-bill-run", args=[run.pk]) not in page


def test_job_panel_stops_asking_when_the_run_is_calculated(client, specialist, cycle):
    run = plan_run(cycle)
    client.force_login(specialist)
    url = reverse("invoicing:bill-run-job", args=[run.pk])

    assert client.get(url).status_code == 200
    Job.objects.filter(pk=run.job_id or 0).update(state="DONE")
    assert client.get(url).status_code == 286


def test_post_says_the_amount_and_posts(client, approver, cycle):
    run = calculate(cycle)
    client.force_login(approver)
    url = reverse("invoicing:post-bill-run", args=[run.pk])

    question = client.get(url).content.decode()
    client.post(url)

    assert "irrevocable" in question
    assert "1,200" in question
    run.refresh_from_db()
    assert (run.state, run.posted_by) == ("POSTING", approver)


def test_post_by_who_started_changes_nothing(client, cycle):
    run = calculate(cycle)
    person = starter()
    person.role = "TARIFF_APPROVER"
    person.save()
    client.force_login(person)

    client.post(reverse("invoicing:post-bill-run", args=[run.pk]))

    run.refresh_from_db()
    assert (run.state, run.posted_by) == ("CALCULATED", None)


def test_start_page_shows_what_stands_in_the_way(client, specialist, cycle):
    client.force_login(specialist)

    page = client.get(reverse("invoicing:start-bill-run")).content.decode()

    assert "FIRST" in page


@pytest.mark.parametrize("name", ["post-bill-run", "cancel-bill-run", "pause-bill-run", "resume-bill-run"])
def test_acts_are_closed_to_a_stranger(client, stranger, cycle, name):
    run = bill_cycle(cycle)
    client.force_login(stranger)

    assert client.post(reverse(f"invoicing:{name}", args=[run.pk])).status_code == 403

    assert BillRun.objects.get(pk=run.pk).state == "POSTED"


def test_clerk_does_not_see_runs(client, cycle):
    client.force_login(make_staff(Role.CLERK))

    assert client.get(reverse("invoicing:bill-runs")).status_code == 403
