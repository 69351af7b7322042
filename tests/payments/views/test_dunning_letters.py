"""The words of letters on screens: drafted from those of today, seen beside a real account, published by another."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing_site.core.own_texts import LANGUAGES
from subscribers.models import LetterText
from tests.factories.dunning import NOW, make_debt, make_policy
from tests.factories.subscribers import make_account
from tests.factories.tariffs import make_bill_item
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
KIND = "payments.dunning/WARNING"


def test_words_are_drafted_previewed_with_a_real_account_and_published(client, specialist, approver, clerk):
    """Issue 4: templates and texts are edited by the specialist with a real account beside it."""
    account = make_account()
    make_debt(account, 125_000, due_on=NOW.date() - timedelta(days=400))
    client.force_login(specialist)
    url = reverse("subscribers:draft-letter-text", args=[KIND])
    assert url in client.get(reverse("subscribers:view-letter-texts")).content.decode()
    given = dict(client.get(url).context["form"].initial)
    assert "{amount}" in given["text_zh_hans"]
    wrong = client.post(url, {**given, "text_en": "{amount} {name}"})
    assert (wrong.status_code, LetterText.objects.count()) == (422, 0)
    mine = {**given, "text_en": "Dear reader,\n{amount} of account {account}, due {due}."}
    page_url = client.post(url, mine).headers["Location"]
    for language in LANGUAGES:
        page = client.get(page_url, {"account": account.number, "language": language})
        text = page.content.decode()
        assert_numbers_wrapped(text)
        assert account.number in page.context["said"]
    assert 'dir="rtl"' in client.get(page_url, {"account": account.number, "language": "ar"}).content.decode()
    said = client.get(page_url, {"account": account.number, "language": "en"}).context["said"]
    assert said.startswith("Dear reader,\n")
    assert "There is no such account" in client.get(page_url, {"account": "1"}).content.decode()

    text_id = LetterText.objects.get().pk
    publish = reverse("subscribers:publish-letter-text", args=[text_id])
    assert client.post(publish).status_code == 403
    client.force_login(approver)
    client.post(publish)
    assert LetterText.objects.get().state == "PUBLISHED"
    client.force_login(clerk)
    assert client.get(page_url).status_code == 403
    client.force_login(specialist)
    assert client.get(reverse("subscribers:edit-letter-text", args=[text_id])).status_code == 200
    assert client.post(reverse("subscribers:edit-letter-text", args=[text_id]), mine).status_code == 422
    assert "export" in client.get(reverse("subscribers:view-letter-texts")).content.decode()


@pytest.mark.parametrize(("code", "fee"), [("LATE", "300"), ("RECONNECTION", "500")])
def test_notice_of_a_fee_is_seen_on_paper_with_the_fee_of_the_policy(client, specialist, code, fee):
    item = make_bill_item(code="LATE_FEE")
    make_policy(late_fees={5: 300}, fee_item_id=item.pk, reconnection_fee_minor=500)
    account = make_account()
    bill = make_debt(account, 125_000, due_on=NOW.date() - timedelta(days=40))
    client.force_login(specialist)
    url = reverse("subscribers:draft-letter-text", args=[f"payments.dunning_fee/{code}"])
    given = dict(client.get(url).context["form"].initial)
    assert "{bill}" in given["text_ar"]
    assert client.post(url, {**given, "text_en": "{fee} {bill} {due}"}).status_code == 422
    assert not LetterText.objects.exists()

    page_url = client.post(url, {**given, "text_en": "{fee} for {bill}."}).headers["Location"]
    page = client.get(page_url, {"account": account.number, "language": "en"})
    assert page.context["said"] == f"{fee} AMD for {bill.number}."
    text = page.content.decode()
    assert '<div class="bill" lang="en" dir="ltr">' in text
    assert "css/bill.css" in text
    assert_numbers_wrapped(text)
