"""
Row 004-26 as a whole: keys of networks and providers and numbers of bank accounts are sealed in the database, and in
no log, no act, no history of rows, no page and no workbook.
"""

import logging
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from billing_site.audit.models import AuditEntry, RowHistory
from billing_site.core.clock import machine_now
from payments.models import OnlineProvider, Refund, TerminalNetwork
from payments.operations.debit_batches import fetch_debit_file
from payments.operations.online_providers import make_provider_key, switch_provider_key
from payments.operations.refunds import approve_refund, request_refund
from payments.queries.sealing import count_sealing_keys
from tests.factories.debits import AT, iban_of, make_creditor, make_mandate, released, releaser
from tests.factories.dunning import make_debt
from tests.factories.online import make_provider
from tests.factories.payments import DAY, MORNING, SECRET, make_account, make_network, pay, signed
from tests.reports.recomputing import open_book

pytestmark = pytest.mark.django_db
REFUND_IBAN = "AM12345678904321"
LISTS = (
    "refunds", "debit-mandates", "debit-batches", "debit-failures", "debit-creditors", "debit-results", "payments",
    "terminal-networks", "online-providers", "online-payments",
)  # fmt: skip


@pytest.fixture
def story(clerk, accountant, client, caplog):
    """A network, a provider, a refund and a mandate in use; one bad signature; returns what must be nowhere."""
    caplog.set_level(logging.DEBUG)
    account, network, provider = make_account(), make_network(), make_provider()
    pay(account.number, "500", network=network, txn_id="1")
    wish = {"account_id": account.pk, "payee": "Ani", "reason": "Left us", "at": MORNING, "actor": clerk}
    refund = request_refund(amount_minor=60, way="BANK", bank_account=REFUND_IBAN, **wish)
    approve_refund(refund_id=refund.pk, at=MORNING, actor=accountant)
    new_key = make_provider_key(provider_id=provider.pk, made_at=AT, actor=accountant)
    switch_provider_key(provider_id=provider.pk, actor=accountant)
    debtor = make_account()
    make_debt(debtor, 1000, due_on=DAY)
    make_creditor()
    make_mandate(debtor)
    sent = {"command": "check", "txn_id": "1", "account": account.number}
    client.get("/payments/gateway/easypay/", signed(sent, at=machine_now(), secret="wrong key"))
    client.post("/payments/online/sandbox/notice/", b"{}", content_type="application/json")
    return [SECRET, "the provider's key of the tests", new_key, REFUND_IBAN, iban_of(debtor.pk)]


def raw(table, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return [row[0] for row in cursor.fetchall()]


def test_secrets_are_in_no_log_no_act_no_page_and_no_workbook(story, client, accountant, caplog):
    """004-26."""
    client.force_login(accountant, backend="billing_site.identity.backends.RoleBackend")
    told = [*AuditEntry.objects.values_list("changes", flat=True), *RowHistory.objects.values_list("before", flat=True)]
    texts = [str(told), caplog.text]
    for name in LISTS:
        address = reverse(f"payments:{name}")
        page = client.get(address)
        texts.append(page.content.decode())
        book = open_book(client.get(address, {"export": "xlsx"}).getvalue())
        texts.append(" ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row))
    for name, pk in (("refund", Refund.objects.get().pk), ("online-provider", OnlineProvider.objects.get().pk)):
        texts.append(client.get(reverse(f"payments:{name}", args=[pk])).content.decode())

    assert all(texts)
    assert "4321" in " ".join(texts)
    assert [(secret, text[:80]) for secret in story for text in texts if secret in text] == []


def test_database_holds_none_in_the_clear_and_takes_none(story):
    """004-26: a copy of the database tells nothing; the bank's file still has the whole number."""
    kept = {
        column: raw(table, column)
        for table, column in (
            ("payments_terminalnetwork", "secret"),
            ("payments_onlineprovider", "secret"),
            ("payments_refund", "bank_account"),
        )
    }
    assert all(value.startswith("sealed:") for values in kept.values() for value in values)
    assert [secret for secret in story for values in kept.values() if secret in str(values)] == []
    assert TerminalNetwork.objects.get().secret == SECRET
    assert (Refund.objects.get().bank_account, Refund.objects.get().masked_account) == (REFUND_IBAN, "…4321")
    for table, column in (("terminalnetwork", "secret"), ("onlineprovider", "next_secret")):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE payments_{table} SET {column} = 'clear'")
    batch = released()
    _name, content = fetch_debit_file(batch_id=batch.pk, at=AT, actor=releaser())
    assert story[-1].encode() in content


def test_keys_are_brought_over_to_a_new_sealing_key(story, settings):
    """Rotation by key id: the old key is needed for bank accounts alone after it."""
    old = settings.SALDO_SEALING_KEYS
    settings.SALDO_SEALING_KEYS = {"next": bytes(32), **old}
    out = StringIO()
    call_command("reseal_secrets", stdout=out, stderr=StringIO())

    uses = {(use.place, use.key_id): use.value_count for use in count_sealing_keys()}
    assert uses == {
        ("payments_debitbankaccount", "development"): 1,
        ("payments_onlineprovider", "next"): 1,
        ("payments_refund", "development"): 1,
        ("payments_terminalnetwork", "next"): 1,
    }
    assert "payments_refund" in out.getvalue()
    settings.SALDO_SEALING_KEYS = {"next": bytes(32)}
    assert TerminalNetwork.objects.get().secret == SECRET
    assert AuditEntry.objects.filter(action="payments.reseal_secrets").count() == 2
