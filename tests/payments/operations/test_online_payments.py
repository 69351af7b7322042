"""Online payments: state from the signed notice alone, once, whatever comes when. Reliability 3g 8."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given, strategies as st

from billing_site.ledger.balances import balance_of
from payments.domain.online import NoticeDistrusted, NoticeUnreadable, is_signed_by, read_plain_notice, sign_body
from payments.models import Allocation, OnlineNoticeEntry, OnlinePayment, Payment, SandboxPayment
from payments.operations.online_adapters import AdapterUnknown, adapter_of
from payments.operations.online_payments import (
    MOST_PENDING,
    OnlineAccountClosed,
    ProviderUnknown,
    TooManyPending,
    page_of_provider,
    sweep_online_payments,
    take_online_notice,
)
from payments.operations.payments import PaymentTooLarge, PaymentTooSmall
from payments.operations.sandbox import SandboxDecided, decide_sandbox_payment
from tests.factories.dunning import make_debt
from tests.factories.online import AT, begin_online, make_provider, told
from tests.factories.payments import DAY, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def bills(account):
    return [make_debt(account, 1000, due_on=DAY - timedelta(days=40)), make_debt(account, 300, due_on=DAY)]


def take(notice):
    body, headers = notice
    return take_online_notice(provider_code="sandbox", body=body, headers=headers, at=AT)


def test_notice_books_the_money_once_for_the_chosen_bill(account, bills):
    begun = begin_online(account, 300, invoice_id=bills[1].pk)
    assert [take(told(begun)), take(told(begun)), take(told(begun))] == ["APPLIED", "REPEATED", "REPEATED"]

    begun.refresh_from_db()
    assert begun.state == "PAID"
    assert Payment.objects.get().key == f"sandbox:{begun.reference}"
    assert list(Allocation.objects.values_list("invoice_id", "amount_minor")) == [(bills[1].pk, 300)]
    assert balance_of(account.ledger_account_id) == 1000
    assert take(told(begun, "FAILED")) == "CONFLICT"
    begun.refresh_from_db()
    assert begun.state == "PAID"
    with pytest.raises(IntegrityError), transaction.atomic():
        OnlinePayment.objects.update(state="FAILED", payment=None)


def test_money_for_a_bill_paid_meanwhile_goes_to_the_oldest_debt(account, bills):
    first, second = (begin_online(account, 300, invoice_id=bills[1].pk) for _ in range(2))
    take(told(first))
    take(told(second))

    assert sorted(Allocation.objects.values_list("invoice_id", "amount_minor")) == [
        (bills[0].pk, 300),
        (bills[1].pk, 300),
    ]


def test_other_amount_is_a_conflict_and_an_unknown_payment_is_refused(account, bills):
    begun = begin_online(account, 300)
    assert take(told(begun, amount="301")) == "CONFLICT"
    assert take(told(begun, currency="USD")) == "CONFLICT"
    assert take(told("nobody-began-this")) == "UNKNOWN"
    assert (OnlinePayment.objects.get().state, Payment.objects.count()) == ("CONFLICT", 0)
    assert take(told(begun)) == "APPLIED"
    assert list(OnlineNoticeEntry.objects.order_by("id").values_list("verdict", flat=True)) == [
        "CONFLICT",
        "CONFLICT",
        "UNKNOWN",
        "APPLIED",
    ]


def test_notice_that_the_provider_did_not_sign_is_not_kept(account):
    begun = begin_online(account, 300)
    body, headers = told(begun)
    for wrong in ({}, {"X-Signature": "0" * 64}, {"X-Signature": "é"}):
        with pytest.raises(NoticeDistrusted):
            take_online_notice(provider_code="sandbox", body=body, headers=wrong, at=AT)
    with pytest.raises(NoticeDistrusted):
        take((body.replace(b"300", b"3.0"), headers))
    with pytest.raises(ProviderUnknown):
        take_online_notice(provider_code="nobody", body=body, headers=headers, at=AT)

    assert (OnlinePayment.objects.get().state, OnlineNoticeEntry.objects.count()) == ("PENDING", 0)


def test_new_key_signs_beside_the_old_one(account):
    provider = make_provider()
    provider.next_secret = "the next key"
    provider.save()
    body, _ = told(begin_online(account, 300))

    assert take((body, {"X-Signature": sign_body(secret="the next key", body=body)})) == "APPLIED"


@given(st.binary(max_size=200))
def test_any_signed_bytes_are_read_or_refused(body: bytes):
    assert is_signed_by(secrets=["", "k"], body=body, signature=sign_body(secret="k", body=body))
    assert not is_signed_by(secrets=["", ""], body=body, signature=sign_body(secret="", body=body))
    try:
        read_plain_notice(body)
    except NoticeUnreadable:
        return


SENSELESS = ({"amount": "NaN"}, {"amount": 3}, {"outcome": "MAYBE"}, {"reference": ""}, {"reference": "x" * 65})


@pytest.mark.parametrize("change", SENSELESS)
def test_notice_without_sense_is_unreadable(change: dict[str, object]):
    sound = {"reference": "r", "outcome": "PAID", "amount": "3", "currency": "AMD"}
    assert read_plain_notice(json.dumps(sound).encode()).amount == 3
    with pytest.raises(NoticeUnreadable):
        read_plain_notice(json.dumps({**sound, **change}).encode())


def test_payment_without_notice_is_asked_for_or_expires(account, bills):
    """Delayed and lost notices."""
    lost, silent, late = (begin_online(account, 100) for _ in range(3))
    for one in (lost, silent):
        page_of_provider(online_payment=one, return_url="http://x/my/", language="en")
    assert decide_sandbox_payment(reference=lost.reference, choice="PAY_LATER", at=AT) == []
    assert sweep_online_payments(at=AT + timedelta(minutes=1)) == 0
    assert sweep_online_payments(at=AT + timedelta(minutes=3)) == 3
    assert sweep_online_payments(at=AT + timedelta(minutes=4)) == 0
    lost.refresh_from_db()
    assert (lost.state, Payment.objects.count()) == ("PAID", 1)
    assert OnlineNoticeEntry.objects.get().was_asked_for
    sweep_online_payments(at=AT + timedelta(hours=2))
    assert set(OnlinePayment.objects.exclude(pk=lost.pk).values_list("state", flat=True)) == {"EXPIRED"}
    assert take(told(late)) == "APPLIED"
    assert sweep_online_payments(at=AT + timedelta(hours=3)) == 0

    assert balance_of(account.ledger_account_id) == 1100


def test_sandbox_plays_every_end(account, bills):
    ends = {"PAY": "PAID", "PAY_TWICE": "PAID", "PAY_OTHER": "CONFLICT", "REFUSE": "FAILED", "GIVE_UP": "FAILED"}
    for choice, state in ends.items():
        begun = begin_online(account, 100)
        address = page_of_provider(online_payment=begun, return_url="http://x/my/back/", language="en")
        assert address == page_of_provider(online_payment=begun, return_url="http://x/my/back/", language="en")
        decide_sandbox_payment(reference=begun.reference, choice=choice, at=AT)
        begun.refresh_from_db()
        assert begun.state == state
    decided = OnlinePayment.objects.filter(state="FAILED")[0]
    with pytest.raises(SandboxDecided):
        decide_sandbox_payment(reference=decided.reference, choice="PAY", at=AT)

    assert Payment.objects.count() == 2
    assert SandboxPayment.objects.count() == len(ends)


def test_sandbox_is_not_there_where_money_is_real(account, settings):
    begun = begin_online(account, 100)
    address = page_of_provider(online_payment=begun, return_url="http://x/my/", language="en")
    settings.SALDO_ONLINE_SANDBOX = False
    body, headers = told(begun)
    with pytest.raises(AdapterUnknown):
        adapter_of(make_provider())
    with pytest.raises(AdapterUnknown):
        take((body, headers))

    assert Client().get(address).status_code == 404
    sweep_online_payments(at=AT + timedelta(hours=2))
    assert OnlinePayment.objects.get().state == "EXPIRED"


def test_beginning_has_limits_and_a_form_begins_once(account):
    make_provider(minimum_minor=10, maximum_minor=1000)
    key = uuid4()
    assert begin_online(account, 50, key=key).pk == begin_online(account, 50, key=key).pk
    for amount, refusal in ((9, PaymentTooSmall), (1001, PaymentTooLarge)):
        with pytest.raises(refusal):
            begin_online(account, amount)
    with pytest.raises(OnlineAccountClosed):
        begin_online(make_account(is_closed=True), 50)
    for _ in range(MOST_PENDING - 1):
        begin_online(account, 50)
    with pytest.raises(TooManyPending):
        begin_online(account, 50)

    assert OnlinePayment.objects.count() == MOST_PENDING


def test_door_for_notices_answers_by_what_it_did(account):
    begun = begin_online(account, 100)
    url, browser = reverse("payments:online-notice", args=["sandbox"]), Client(enforce_csrf_checks=True)

    def send(notice, **changes):
        body, headers = notice
        signature = {"HTTP_X_SIGNATURE": headers["X-Signature"], **changes}
        return browser.post(url, body, content_type="application/json", **signature).status_code

    assert send(told(begun), HTTP_X_SIGNATURE="0") == 403
    assert send(told(begun, amount="5")) == 409
    assert send(told("unknown")) == 404
    assert [send(told(begun)), send(told(begun))] == [200, 200]
    plain = b"no notice"
    assert send((plain, {"X-Signature": sign_body(secret=make_provider().secret, body=plain)})) == 400
    assert send((b"x" * 20_000, {"X-Signature": ""})) == 413
    assert browser.get(url).status_code == 405

    assert Payment.objects.count() == 1
