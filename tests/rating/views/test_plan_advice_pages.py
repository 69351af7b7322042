"""Plan advice at the counter: asked, shown with how it is made up, closed to others."""

from decimal import Decimal

import pytest
from django.urls import reverse

from tests.factories.tariffs import make_plan, make_zone
from tests.web.wrapped import assert_numbers_wrapped

NEED = {
    "kind": "FIXED",
    "lines": "٢",
    "local": "100",
    "mobile": "0",
    "abroad": "0",
    "evening": "20",
    "messages": "0",
    "gigabytes": "0",
    "months": "12",
}


@pytest.fixture
def url(ani):
    make_zone(prefixes=["99910"])
    make_plan(fee=Decimal(500))
    return reverse("rating:advise-plan")


@pytest.fixture
def counter(client, clerk):
    client.force_login(clerk)
    return client


def test_clerk_is_told_the_cheapest_plan_and_how_it_is_made_up(client, clerk, url):
    """Proves 004-07: two users, 100 minutes each at 5, for 500 a month."""
    client.force_login(clerk)

    page = client.get(url, NEED)

    assert page.status_code == 200
    advice = page.context["advice"]
    assert advice.cheapest.monthly_micro == 2 * (500 + 500) * 1_000_000
    assert len(advice.costs) == 2
    assert page.text.count("<details>") == 2
    assert_numbers_wrapped(page.text)
    workbook = client.get(url, {**NEED, "export": "xlsx"})
    assert "spreadsheet" in workbook["Content-Type"]
    assert workbook.getvalue()[:2] == b"PK"


def test_page_begins_with_the_questions(client, clerk, url):
    client.force_login(clerk)

    page = client.get(url)

    assert "Fill in what is needed" in page.text
    assert page.context["advice"] is None


@pytest.mark.parametrize(
    ("fields", "status", "word"),
    [
        ({"abroad": "5"}, 422, "Write how the numbers begin"),
        ({"lines": "0"}, 422, "greater than or equal to"),
        ({"abroad": "5", "country": "+374"}, 200, "No zone begins like"),
        ({"local": "50000", "lines": "100"}, 200, "at most"),
    ],
)
def test_need_that_cannot_be_priced_is_said(counter, url, fields, status, word):
    page = counter.get(url, {**NEED, **fields})

    assert page.status_code == status
    assert word in page.text
    assert_numbers_wrapped(page.text)


def test_line_is_compared_from_its_account_card(client, clerk, ani, url):
    client.force_login(clerk)
    line_url = reverse("rating:advise-line", args=[ani.line.pk])

    card = client.get(reverse("console:account", args=[ani.account.pk]))
    page = client.get(line_url)

    assert line_url in card.text
    assert page.status_code == 200
    assert page.context["advice"].current.offer.plan_id == ani.line.plans.get().plan_id
    assert ani.account.number in page.text
    assert client.get(reverse("rating:advise-line", args=[987654])).status_code == 404


def test_advice_is_closed_to_who_has_no_verb(client, accountant, ani, url):
    client.force_login(accountant)
    assert client.get(url).status_code == 403
    assert client.get(reverse("rating:advise-line", args=[ani.line.pk])).status_code == 403
    assert (
        reverse("rating:advise-line", args=[ani.line.pk])
        not in client.get(reverse("console:account", args=[ani.account.pk])).text
    )
