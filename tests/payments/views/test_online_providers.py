"""The pages of providers of online payments, and of money that goes back through them."""

import pytest
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.ledger.balances import balance_of
from payments.models import OnlineProvider, Refund
from payments.operations.online_payments import page_of_provider, take_online_notice
from payments.operations.online_providers import ProviderHasNoNextKey, switch_provider_key
from payments.operations.sandbox import decide_sandbox_payment
from tests.factories.online import AT, SECRET, begin_online, make_provider, told
from tests.factories.payments import make_account
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(client):
    def sign_in(user):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


def url(name, *ids):
    return reverse(f"payments:{name}", args=ids)


def whole(response):
    assert response.status_code == 200
    html = response.content.decode()
    assert bare_numbers(html) == []
    return html


def test_provider_shows_its_state_and_gets_a_new_key(signed, accountant, clerk, django_assert_num_queries):
    """State, keys by their age alone, the last notice; a key is shown once; who may not gets a refusal."""
    provider = make_provider()
    body, headers = told(begin_online(make_account(), 300))
    take_online_notice(provider_code="sandbox", body=body, headers=headers, at=AT)
    begin_online(make_account(), 5)
    assert signed(clerk).get(url("online-providers")).status_code == 403
    client = signed(accountant)
    listed, page = whole(client.get(url("online-providers"))), whole(client.get(url("online-provider", provider.pk)))
    (row,) = client.get(url("online-providers")).context["table"].rows
    assert (row.pending_count, row.conflict_count, row.notice_at) == (1, 0, AT)
    assert "Carried out" in page
    assert url("switch-provider-key", provider.pk) not in page

    made = whole(client.post(url("make-provider-key", provider.pk), follow=True))

    key = OnlineProvider.objects.get().next_secret
    page = whole(client.get(url("online-provider", provider.pk)))
    assert (key in made, key in page, SECRET in listed + page) == (True, False, False)
    client.post(url("switch-provider-key", provider.pk))
    assert OnlineProvider.objects.get().secret == key
    with pytest.raises(ProviderHasNoNextKey):
        switch_provider_key(provider_id=provider.pk, actor=accountant)
    wish = {"name": "Sandbox Pay", "minimum": "10", "maximum": "9", "lifetime": "30"}
    assert client.post(url("change-online-provider", provider.pk), wish).status_code == 422
    client.post(url("change-online-provider", provider.pk), {**wish, "maximum": "900"})
    provider.refresh_from_db()
    assert (provider.minimum_minor, provider.maximum_minor, provider.is_active) == (10, 900, False)
    assert "switched off" in whole(client.get(url("online-provider", provider.pk)))
    assert key not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_online_payment_goes_back_from_its_page(signed, clerk, accountant, specialist):
    """Asked for by one, approved by another, given back by the provider: the payer's card, never a till."""
    account = make_account()
    begun = begin_online(account, 500)
    page_of_provider(online_payment=begun, return_url="/my/pay/", language="en")
    decide_sandbox_payment(reference=begun.reference, choice="PAY", at=AT)
    client = signed(specialist)
    assert url("refund-online-payment", begun.pk) in whole(client.get(url("online-payment", begun.pk)))
    form = whole(client.get(url("refund-online-payment", begun.pk)))
    assert 'value="500"' in form
    wish = {"amount": "501", "reason": "Paid twice"}
    assert client.post(url("refund-online-payment", begun.pk), wish).status_code == 422
    client.post(url("refund-online-payment", begun.pk), {**wish, "amount": "200"})
    refund = Refund.objects.get()
    assert "ONLINE" not in str(
        dict(client.get(url("request-refund", account.pk)).context["form"].fields["way"].choices)
    )

    client = signed(accountant)
    client.post(url("approve-refund", refund.pk))
    page = whole(client.get(url("refund", refund.pk)))
    assert (url("pay-online-refund", refund.pk) in page, url("pay-refund", refund.pk) in page) == (True, False)
    done = whole(client.post(url("pay-online-refund", refund.pk), follow=True))

    refund.refresh_from_db()
    assert refund.state == "PAID"
    assert refund.provider_reference in done
    assert balance_of(account.ledger_account_id) == -300
    assert url("refund", refund.pk) in whole(client.get(url("online-payment", begun.pk)))
