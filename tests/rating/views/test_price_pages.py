"""The price look-up: a question is an address, the answer names amount and rule."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from billing_site.identity.roles import VERBS, Role
from rating.models import RatedUsage
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.tariffs import make_zone
from tests.web.wrapped import assert_numbers_wrapped

NOW = datetime(2026, 3, 5, 6, tzinfo=UTC)
ASKED = {"called": "010 55-55-55", "day": "2026-03-02", "time": "19:04:10", "length": "3 min 10 s"}


@pytest.fixture
def url(ani, settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"
    make_zone(prefixes=["99910"])
    return reverse("rating:look-up-price")


def test_clerk_asks_for_a_price_in_any_digits(client, clerk, ani, url):
    """Proves 001-24: the amount and the rule in words, on a past day and today."""
    client.force_login(clerk)
    for asked in ({}, {"called": "٠١٠٥٥٥٥٥٥", "length": "３：１０", "day": "٢٠٢٦-٠٣-٠٢", "time": "١٩:٠٤"}):
        page = client.get(url, {"calling": ani.number, **ASKED, **asked})
        assert page.status_code == 200
        assert page.text.count('<dd class="big">') == 2
        assert "counted as" in page.text
        assert "20.00" in page.text
        assert "Today the call costs the same." in page.text
        assert_numbers_wrapped(page.text)


def test_price_of_a_plan_without_a_number(client, clerk, ani, url):
    client.force_login(clerk)
    plan = ani.line.plans.get().plan

    page = client.get(url, {"calling": "", "plan": plan.code, **ASKED})

    assert page.status_code == 200
    assert plan.code in page.text


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"calling": ""}, "choose a plan"), ({"length": "3:99"}, "is not a length"), ({"called": ""}, "required")],
)
def test_question_that_is_none_is_brought_back(client, clerk, url, fields, word):
    client.force_login(clerk)

    page = client.get(url, {"calling": "99910200000", **ASKED, **fields})

    assert page.status_code == 422
    assert word in page.text
    assert "big" not in page.text


def test_number_of_nobody_is_answered_in_words(client, clerk, url):
    client.force_login(clerk)

    page = client.get(url, {"calling": "99910777777", **ASKED})

    assert page.status_code == 200
    assert "Nobody held" in page.text
    assert_numbers_wrapped(page.text)


def test_why_this_amount_leads_to_the_look_up_with_its_fields(client, specialist, ani, url):
    """Screen 3.6: “Other price? Try it”; asked again without a change, the price is the record's."""
    load_lines(make_source(), f"{ani.number},99910555555,2026-03-05 10:00:00,61")
    rate_all()
    record = RatedUsage.objects.get()
    client.force_login(specialist)
    moment = int(record.start_at.timestamp()) * 1_000_000
    args = [record.subscription_id, moment, str(record.duplicate_key), 0]
    page = client.get(reverse("rating:record", args=args))
    link = page.context["try_url"]

    answer = client.get(link)

    assert link.replace("&", "&amp;") in page.text
    assert answer.context["answers"].asked.priced.charge.amount_micro == record.amount_micro
    assert answer.context["question"].duration_seconds == 61


def test_page_is_closed_to_who_has_no_verb(client, stranger, url):
    client.force_login(stranger)
    assert client.get(url).status_code == 403
    assert sum("rating.look_up_price" in verbs for verbs in VERBS.values()) >= len(Role) - 2


@pytest.mark.parametrize("fields", [{"service": "MESSAGE", "length": ""}, {"service": "DATA", "called": "internet"}])
def test_use_that_the_plan_does_not_sell_is_answered_in_words(client, clerk, ani, url, fields):
    client.force_login(clerk)

    page = client.get(url, {"calling": ani.number, **ASKED, **fields})

    assert page.status_code == 200
    assert page.context["answers"].asked.refusal is not None
    assert_numbers_wrapped(page.text)


def test_call_needs_a_length_and_other_uses_do_not(client, clerk, ani, url):
    client.force_login(clerk)

    assert client.get(url, {"calling": ani.number, **ASKED, "length": ""}).status_code == 422
    assert client.get(url, {"calling": ani.number, **ASKED, "length": "", "service": "MESSAGE"}).status_code == 200
