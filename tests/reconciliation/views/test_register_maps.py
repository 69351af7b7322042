"""A column map is tried on a file before it is used; cases are explained, assigned and settled on their pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing_site.audit.models import AuditEntry
from billing_site.identity.models import User
from payments.models import TerminalNetwork
from tests.factories.payments import make_network
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
LIST = "/reconciliation/register-maps/"
PAGE = f"{LIST}easypay/"
MAP = {
    "form": "csv",
    "encoding": "utf-8",
    "delimiter": "tab",
    "decimal_mark": ",",
    "txn_id": "2",
    "account": "1",
    "amount": "3",
    "time_format": "%Y-%m-%d %H:%M:%S",
    "file_name": "easy-%Y%m%d.txt",
    "day": "2026-03-04",
}
KEPT = {
    "form": "csv",
    "encoding": "utf-8",
    "delimiter": "\t",
    "decimal_mark": ",",
    "has_header": False,
    "columns": {"txn_id": 1, "account": 0, "amount": 2},
    "time_format": "%Y-%m-%d %H:%M:%S",
    "file_name": "easy-%Y%m%d.txt",
}


@pytest.fixture
def accountant(client):
    make_network()
    user = User.objects.create_user(username="nare", password=None, role="ACCOUNTANT", full_name="Nare")
    client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
    return client


def attempt(client, text, **changes):
    return client.post(PAGE, {**MAP, **changes, "sample": SimpleUploadedFile("easy.txt", text.encode())})


def test_map_is_tried_then_used(accountant):
    assert accountant.get(PAGE).context["form"].initial["txn_id"] == "txn_id"
    before = TerminalNetwork.objects.get().register_map

    tried = attempt(accountant, "000000124\t17\t1500,00\n000000125\t18\t20\n")

    assert (tried.status_code, tried.context["preview"].count, tried.context["preview"].amount_minor) == (200, 2, 1520)
    assert [row.txn_id for row in tried.context["lines"].rows] == ["17", "18"]
    assert bare_numbers(tried.content.decode()) == []
    assert TerminalNetwork.objects.get().register_map == before
    used = accountant.post(PAGE, {"tried": tried.context["tried"]}, follow=True)
    assert used.redirect_chain == [(LIST, 302)]
    assert TerminalNetwork.objects.get().register_map == KEPT
    assert AuditEntry.objects.filter(action="reconciliation.set_register_map").count() == 1
    assert accountant.get(PAGE).context["form"].initial["txn_id"] == 2


def test_map_that_does_not_read_the_file_cannot_be_used(accountant):
    before = TerminalNetwork.objects.get().register_map

    faulty = attempt(accountant, "000000124\t17\t1500,00\n1\tx\t20\n1\t18\n")
    unsound = attempt(accountant, "x", txn_id="second", file_name="easy.txt")
    forged = accountant.post(PAGE, {"tried": "eyJmb3JtIjoiY3N2In0:x:y"})

    assert len(faulty.context["refusals"]) == 2
    assert faulty.context["tried"] == ""
    assert "Use this map" not in faulty.content.decode()
    assert (unsound.status_code, set(unsound.context["form"].errors)) == (422, {"txn_id"})
    assert attempt(accountant, "1\t2\t3\n", file_name="easy.txt").status_code == 422
    assert forged.status_code == 400
    assert TerminalNetwork.objects.get().register_map == before
