"""A clerk agrees, ends and makes from the account's card; a refusal comes back in words and writes nothing."""

from datetime import date

import pytest
from django.urls import reverse

from subscribers.models import Contract, PromotionAgreement
from tests.factories.agreements import make_promotion, make_term
from tests.factories.subscribers import make_line
from tests.factories.tariffs import make_plan
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db


def test_clerk_agrees_a_promotion_and_ends_it(client, clerk):
    line, promotion = make_line(), make_promotion()
    client.force_login(clerk)
    card = reverse("console:account", args=[line.account_id])
    agree = reverse("subscribers:agree-promotion", args=[line.account_id])
    assert agree in client.get(card).content.decode()
    assert "All lines of the account" in client.get(agree).content.decode()

    given = {"promotion": promotion.pk, "line": line.pk, "from_on": "2027-01-01"}
    assert client.post(agree, given).url == card

    agreement = PromotionAgreement.objects.get()
    assert (agreement.subscription_id, agreement.promotion_id) == (line.pk, promotion.pk)
    page = client.get(card).content.decode()
    assert agreement.number in page
    assert_numbers_wrapped(page)
    refused = client.post(agree, {**given, "line": ""})
    assert refused.status_code == 422
    assert "only one of a kind" in refused.content.decode()
    end = reverse("subscribers:end-promotion", args=[agreement.pk])
    assert client.get(end).status_code == 200
    assert client.post(end, {"until_on": "2027-03-01"}).url == card
    assert PromotionAgreement.objects.get().during.upper == date(2027, 3, 1)


def test_clerk_makes_a_contract_with_a_term_of_the_lines_plan(client, clerk):
    plan = make_plan()
    line = make_line(plan=plan)
    term, other = make_term(plan.code), make_term(make_plan().code, code="OTHER")
    client.force_login(clerk)
    url = reverse("subscribers:begin-contract", args=[line.account_id])
    page = client.get(url).content.decode()
    assert "YEAR – A year" in page
    assert "OTHER – " not in page

    assert client.post(url, {"line": line.pk, "term": other.pk, "started_on": "2026-02-01"}).status_code == 422
    assert Contract.objects.count() == 0
    client.post(url, {"line": line.pk, "term": term.pk, "started_on": "2026-02-01"})

    assert Contract.objects.get().subscription_id == line.pk
    assert "C-000001" in client.get(reverse("console:account", args=[line.account_id])).content.decode()


def test_forms_of_what_is_not_there_are_not_found_and_closed_to_a_stranger(client, clerk, stranger):
    urls = [
        reverse(f"subscribers:{name}", args=[99]) for name in ("agree-promotion", "begin-contract", "end-promotion")
    ]
    client.force_login(clerk)
    assert [client.get(url).status_code for url in urls] == [404, 404, 404]
    client.force_login(stranger)
    assert [client.get(url).status_code for url in urls] == [403, 403, 403]
