"""The pages of payment networks: who may see and do what, keys shown once, limits, alarms."""

import json

import pytest
from django.core import serializers
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.core.clock import machine_now
from billing_site.identity.models import User
from payments.models import BadSender, NetworkAlarm, TerminalNetwork
from payments.operations.network_alarms import AlarmSettled, AlarmWithoutWords, settle_network_alarm
from payments.operations.networks import NoNextKey, switch_network_key
from tests.factories.payments import SECRET, make_account, make_network, pay, signed
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
LIST = "/payments/networks/"
WISHES = {"name": "EasyPay", "dialect": "OSMP", "minimum": "100", "maximum": "5000", "daily_limit": "9000"}


@pytest.fixture
def person(client):
    """Sign a person in by role."""

    def sign_in(role):
        user = User.objects.create_user(username=role, password=None, role=role, full_name=role)
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def network():
    return make_network()


def page(client, name, *ids):
    return client.get(reverse(f"payments:{name}", args=ids)).content.decode()


def submit(client, page_name, /, *ids, **fields):
    return client.post(reverse(f"payments:{page_name}", args=ids), fields, follow=True)


def check(client, account, *, secret):
    sent = {"command": "check", "txn_id": "1", "account": account.number}
    return client.get("/payments/gateway/easypay/", signed(sent, at=machine_now(), secret=secret)).status_code


def test_list_and_page_show_no_key_and_cost_the_same_for_one_and_three(person, network, django_assert_num_queries):
    client = person("AUDITOR")
    pay(make_account().number, "100", network=network, txn_id="1")
    client.get(LIST)  # whether the clock was moved is remembered for some seconds
    with django_assert_num_queries(3):
        client.get(LIST)
    make_network(code="other", secret="another key")
    make_network(code="third", secret="a third key")
    with django_assert_num_queries(3):
        listed = client.get(LIST)
    shown = page(client, "terminal-network", network.pk)
    book = open_book(client.get(LIST, {"export": "xlsx"}).getvalue())

    cells = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row)
    for text in (listed.content.decode(), shown, cells):
        assert SECRET not in text
        assert "easypay" in text
    assert bare_numbers(shown) == bare_numbers(listed.content.decode()) == []
    assert "make-network-key" not in shown


def test_new_key_is_shown_once_and_both_are_good_until_the_switch(person, network):
    client, account = person("ACCOUNTANT"), make_account()

    made = submit(client, "make-network-key", network.pk).content.decode()

    key = TerminalNetwork.objects.get().next_secret
    assert len(key) >= 43
    assert key in made
    assert key not in page(client, "terminal-network", network.pk)
    assert [check(client, account, secret=one) for one in (SECRET, key)] == [200, 200]
    submit(client, "switch-network-key", network.pk)
    assert [check(client, account, secret=one) for one in (SECRET, key)] == [403, 200]
    with pytest.raises(NoNextKey):
        switch_network_key(network_id=network.pk, actor=User.objects.get())
    written = json.dumps(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert key not in written
    assert SECRET not in written
    assert AuditEntry.objects.filter(action__contains="network_key").count() == 2


def test_network_is_added_with_its_key_and_changed(person, network):
    client = person("ACCOUNTANT")

    added = submit(client, "add-terminal-network", code="kiosk", addresses="192.0.2.0/24 198.51.100.7", **WISHES)

    kiosk = TerminalNetwork.objects.get(code="kiosk")
    assert kiosk.secret in added.content.decode()
    assert kiosk.addresses == ["192.0.2.0/24", "198.51.100.7/32"]
    assert (kiosk.minimum_minor, kiosk.maximum_minor, kiosk.daily_limit_minor) == (100, 5000, 9000)
    submit(client, "change-terminal-network", kiosk.pk, **{**WISHES, "daily_limit": "", "is_active": ""})
    kiosk.refresh_from_db()
    assert (kiosk.daily_limit_minor, kiosk.is_active, kiosk.addresses) == (None, False, [])
    changes = AuditEntry.objects.get(action="payments.change_terminal_network").changes
    assert changes["daily_limit_minor"] == [9000, None]


@pytest.mark.parametrize(
    "wrong",
    [{"addresses": "192.0.2.7/24"}, {"maximum": "50"}, {"daily_limit": "4000"}, {"minimum": "0"}, {"dialect": "IDRAM"}],
)
def test_network_that_does_not_fit_is_refused_and_stays(person, network, wrong):
    client = person("ACCOUNTANT")
    before = serializers.serialize("json", TerminalNetwork.objects.all())

    response = submit(client, "change-terminal-network", network.pk, **{**WISHES, **wrong, "is_active": "on"})

    assert response.status_code == 422
    assert serializers.serialize("json", TerminalNetwork.objects.all()) == before


def test_alarm_is_settled_once_in_words_and_leaves_the_home_page(person, network):
    client = person("ACCOUNTANT")
    at = machine_now()
    alarm = NetworkAlarm.objects.create(
        network=network, kind="CONFLICT", subject="17", details={"amount": "1501"}, raised_at=at, last_at=at
    )
    assert "Alarms of payment networks" in client.get("/").content.decode()
    with pytest.raises(AlarmWithoutWords):
        settle_network_alarm(alarm_id=alarm.pk, note=" ", settled_at=at, actor=User.objects.get())
    assert "1501" in page(client, "settle-network-alarm", alarm.pk)

    submit(client, "settle-network-alarm", alarm.pk, note="They sent a correction under the old number.")

    alarm.refresh_from_db()
    assert (alarm.settled_by, alarm.note[:4]) == (User.objects.get(), "They")
    assert "Alarms of payment networks" not in client.get("/").content.decode()
    with pytest.raises(AlarmSettled):
        settle_network_alarm(alarm_id=alarm.pk, note="Again", settled_at=at, actor=User.objects.get())


def test_locked_address_is_let_in_again(person, network):
    client, account = person("ACCOUNTANT"), make_account()
    for _ in range(10):
        check(client, account, secret="wrong")
    assert check(client, account, secret=SECRET) == 403
    sender = BadSender.objects.get()
    assert reverse("payments:unlock-sender", args=[sender.pk]) in page(client, "terminal-network", network.pk)

    submit(client, "unlock-sender", sender.pk)

    assert check(client, account, secret=SECRET) == 200
