"""The editor of the operator's words: beside a real bill, checked, published by another."""

import pytest
from django.urls import reverse

from billing_site.core.own_texts import LANGUAGES
from billing_site.web.own_texts import name_of_words
from invoicing.models import BillText
from tests.factories.invoicing import bill_cycle, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped

FORM = {
    "place": "NOTICE",
    "from_on": "2026-02-01",
    **{name_of_words("text", language): f"Hello {language} {{account}}" for language in LANGUAGES},
}


@pytest.fixture
def account(db):
    line = make_line(account=make_account())
    make_usage_total(line, amount_micro=40_400_000)
    bill_cycle(make_cycle())
    return line.account


def draft(client, specialist):
    client.force_login(specialist)
    client.post(reverse("invoicing:draft-bill-text"), FORM)
    return BillText.objects.get()


def test_draft_stands_beside_a_real_bill_in_the_language_asked_for(client, specialist, account):
    text = draft(client, specialist)
    url = reverse("invoicing:view-bill-text", args=[text.pk])

    page = client.get(url, {"account": account.number, "language": "ar"}).content.decode()

    assert "Hello ar" in page
    assert 'lang="ar" dir="rtl"' in page
    assert f'<bdi dir="ltr" class="code">{account.number}</bdi>' in page
    assert_numbers_wrapped(page.replace("{account}", ""))
    asked = {"account": account.number, "language": "hy"}
    pdf = client.get(reverse("invoicing:preview-bill-text", args=[text.pk]), asked)
    assert pdf.content.startswith(b"%PDF-")


def test_slip_brings_the_form_back_with_the_language(client, specialist, db):
    client.force_login(specialist)
    answer = client.post(reverse("invoicing:draft-bill-text"), {**FORM, name_of_words("text", "ru"): "{acount}"})

    assert answer.status_code == 422
    assert "acount" in answer.content.decode()
    assert BillText.objects.count() == 0


def test_missing_language_is_listed(client, specialist, db):
    client.force_login(specialist)
    client.post(reverse("invoicing:draft-bill-text"), {**FORM, name_of_words("text", "zh-hans"): ""})
    page = client.get(reverse("invoicing:view-bill-text", args=[BillText.objects.get().pk])).content.decode()

    assert "missing" in page
    assert "zh-hans" in client.get(reverse("invoicing:view-bill-texts")).content.decode()


def test_second_person_publishes_and_the_writer_cannot(client, specialist, approver, db):
    text = draft(client, specialist)
    url = reverse("invoicing:publish-bill-text", args=[text.pk])

    assert client.post(url).status_code == 403
    client.force_login(approver)
    assert client.get(url).status_code == 200
    client.post(url)

    text.refresh_from_db()
    assert text.state == "PUBLISHED"


def test_draft_is_edited_and_thrown_away(client, specialist, db):
    text = draft(client, specialist)
    edited = {**FORM, name_of_words("text", "en"): "Good day {account}"}
    client.post(reverse("invoicing:edit-bill-text", args=[text.pk]), edited)
    text.refresh_from_db()
    assert text.texts["en"] == "Good day {account}"

    client.post(reverse("invoicing:discard-bill-text", args=[text.pk]))
    assert BillText.objects.count() == 0


def test_texts_are_closed_to_a_clerk(client, clerk, db):
    client.force_login(clerk)

    assert client.get(reverse("invoicing:view-bill-texts")).status_code == 403
