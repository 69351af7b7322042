"""Rows 002-11, 004-02 on the screen: what came back, sending again, print batches; and the provider's signed events."""

import hashlib
import hmac
import json
from base64 import b64encode

import pytest
from django.test import override_settings
from django.urls import reverse

from billing_site.console.home import what_waits_for
from billing_site.core import clock
from billing_site.identity.roles import Role
from invoicing.models import BillDelivery, PrintBatch
from invoicing.operations.print_batches import print_bills
from invoicing.tasks import send_bills
from subscribers.models import DeliveryChannel
from tests.factories.deliveries import deliver, mail_of, make_files, make_payer, ways_of
from tests.factories.identity import make_centre, make_staff
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
KEY, WORD = "signing-key", "events:of-the-provider"
PROVIDER = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY, "MAILGUN_API_KEY": KEY, "WEBHOOK_SECRET": WORD}


def event_of(row: BillDelivery, *, key: str = KEY) -> dict[str, object]:
    now = clock.now().timestamp()
    stamp, token = str(int(now)), "a" * 50
    signed = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": stamp, "token": token, "signature": signed},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "timestamp": now,
            "id": "e1",
            "recipient": row.address,
            "message": {"headers": {"message-id": "m1@provider"}},
            "user-variables": {"delivery": str(row.pk)},
            "delivery-status": {"code": 550, "message": "no such user"},
        },
    }


def tell(client, event, *, word: str = WORD):
    basic = "Basic " + b64encode(word.encode()).decode()
    return client.post(
        reverse("invoicing:mail-events"), json.dumps(event), content_type="application/json", HTTP_AUTHORIZATION=basic
    )


@pytest.fixture
def sent(centre) -> BillDelivery:
    account = make_payer(email="gone@example.org", centre=centre)
    deliver()
    send_bills()
    return mail_of(account)


@override_settings(SALDO_MAIL_PROVIDER="mailgun", ANYMAIL=PROVIDER)
def test_event_that_is_signed_bounces_the_mail_and_others_are_refused(client, sent):
    assert tell(client, event_of(sent, key="another")).status_code == 400
    assert tell(client, event_of(sent), word="events:guessed").status_code == 400
    sent.refresh_from_db()
    assert sent.state == "SENT"
    assert tell(client, event_of(sent)).status_code == 200
    assert tell(client, event_of(sent)).status_code == 200

    sent.refresh_from_db()
    assert sent.state == "BOUNCED"
    assert DeliveryChannel.objects.get(account_id=sent.account_id).bounced_address == "gone@example.org"


def test_events_are_nowhere_without_a_provider(client, sent):
    assert tell(client, event_of(sent)).status_code == 404


def test_bill_that_came_back_waits_for_its_hall_and_for_no_other(client, supervisor, sent):
    other = make_staff(Role.CENTRE_SUPERVISOR, username="elsewhere", centre=make_centre(code="HALL-2"))
    BillDelivery.objects.filter(pk=sent.pk).update(state="BOUNCED")
    url = f"{reverse('invoicing:bill-deliveries')}?state=BACK"
    client.force_login(supervisor)

    assert url in [one.url for one in what_waits_for(supervisor)]
    assert url not in [one.url for one in what_waits_for(other)]
    page = client.get(url).content.decode()
    assert "gone@example.org" in page
    assert_numbers_wrapped(page)
    client.force_login(other)
    assert "gone@example.org" not in client.get(url).content.decode()


def test_bill_page_says_how_it_went_and_sends_it_again(client, clerk, sent):
    client.force_login(clerk)
    bill = reverse("invoicing:invoice", args=[sent.invoice_id])
    again = reverse("invoicing:resend-bill", args=[sent.invoice_id])
    page = client.get(bill).content.decode()
    assert again in page
    assert "gone@example.org" in page
    assert_numbers_wrapped(page)
    answer = client.post(reverse("invoicing:note-returned-bill", args=[sent.pk]))
    assert answer.status_code == 302
    answer = client.post(again, {"channel": "E_MAIL", "address": "new@example.org", "language": "hy"})

    assert (answer.status_code, answer.url) == (302, bill)
    row = BillDelivery.objects.latest("pk")
    assert (row.address, row.language, row.asked_by) == ("new@example.org", "hy", clerk)


def test_bill_may_not_be_sent_again_by_who_has_not_the_right(client, accountant, sent):
    client.force_login(accountant)
    for name, key in (("resend-bill", sent.invoice_id), ("note-returned-bill", sent.pk)):
        assert client.post(reverse(f"invoicing:{name}", args=[key])).status_code == 403

    assert BillDelivery.objects.count() == 1


def test_card_changes_how_bills_go_out(client, clerk):
    account = make_payer(email="mary@example.org")
    client.force_login(clerk)
    card = reverse("console:account", args=[account.pk])
    url = reverse("subscribers:change-bill-delivery", args=[account.pk])
    assert url in client.get(card).content.decode()
    assert client.post(url, {"ways": [], "address": "", "language": ""}).status_code == 422
    answer = client.post(url, {"ways": ["PRINT", "PORTAL"], "address": "", "language": "ru"})
    assert (answer.status_code, answer.url) == (302, card)
    place = reverse("subscribers:change-postal-address", args=[account.pk])
    client.post(place, {"address": "14 Mill Lane", "post_code": "0010", "route": "R7"})

    kept = DeliveryChannel.objects.order_by("kind").values_list("kind", "language")
    assert list(kept) == [("PORTAL", "ru"), ("PRINT", "ru")]
    assert "0010" in client.get(card).content.decode()


def test_batch_is_made_looked_at_printed_again_and_handed_over(client, specialist, settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    account = make_payer(post_code="0010")
    run = deliver()
    client.force_login(specialist)
    batch = PrintBatch.objects.get()
    listed = f"{reverse('invoicing:print-batches')}?run={run.pk}"
    assert reverse("invoicing:print-bills", args=[run.pk]) in client.get(listed).content.decode()
    home = client.get(reverse("console:home")).content.decode()
    waiting = f"{reverse('invoicing:print-batches')}?state=PLANNED"
    assert waiting in home
    assert reverse("invoicing:print-waiting-bills") in client.get(waiting).content.decode()
    assert client.get(reverse("invoicing:print-waiting-bills")).status_code == 200
    client.post(reverse("invoicing:make-print-batch", args=[batch.pk]))
    make_files()
    page = client.get(reverse("invoicing:print-batch", args=[batch.pk])).content.decode()
    assert_numbers_wrapped(page)
    pdf = client.get(reverse("invoicing:print-batch-pdf", args=[batch.pk]))
    assert b"".join(pdf)[:5] == b"%PDF-"
    again = client.post(reverse("invoicing:print-batch-from", args=[batch.pk]), {"page": 2})
    assert client.get(again.url).content[:5] == b"%PDF-"
    listed_bills = b"".join(client.get(reverse("invoicing:print-manifest", args=[batch.pk])))
    assert account.number in listed_bills.decode()
    url = reverse("invoicing:hand-over-print-batch", args=[batch.pk])
    assert client.post(url, {"handed_over_to": "Printing centre"}).status_code == 302

    assert ways_of(account) == [("PRINT", "PRINTED")]


def test_run_page_shows_how_its_bills_go_out(client, specialist):
    make_payer(email="mary@example.org")
    make_payer()
    run = deliver()
    print_bills(run_id=run.pk, actor=specialist)
    client.force_login(specialist)

    page = client.get(reverse("invoicing:bill-run", args=[run.pk])).content.decode()

    assert f"{reverse('invoicing:bill-deliveries')}?run={run.pk}" in page
    assert reverse("invoicing:print-batches") in page
    assert_numbers_wrapped(page)
