"""The pages of bank statements: a file taken, its lines, the matching screen from one line to the next, who may."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.models import User
from payments.queries.suspense import in_suspense, left_in_suspense
from reconciliation.models import BankAccount, Statement, StatementLine
from tests.factories.banks import LOADED_AT, OUR_NUMBER, Move, bill, load, make_bank, mt940
from tests.factories.payments import make_account
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
LIST = "/reconciliation/statements/"
OPEN = "/reconciliation/statement-lines/"


@pytest.fixture(autouse=True)
def the_day(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    kept, offset = clock._settings.offset_source, LOADED_AT - clock.machine_now()
    clock.configure(offset_source=lambda: offset)
    yield
    clock.configure(offset_source=kept)


@pytest.fixture
def person(client):
    def sign_in(role: str):
        user = User.objects.create_user(username=role, password=None, role=role, full_name=role)
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


def text_of(response) -> str:
    text: str = response.content.decode()
    assert bare_numbers(text) == []
    return text


def test_bank_account_is_added_and_a_statement_loaded_and_read(person):
    client = person("ACCOUNTANT")
    values = {"code": "MAIN", "name": "Main", "bank_name": "First", "number": OUR_NUMBER, "format": "MT940"}
    values |= {"encoding": "utf-8", "charge_rule": "NET", "column_map": ""}

    refused = client.post("/reconciliation/bank-accounts/add/", {**values, "column_map": "{"})
    added = client.post("/reconciliation/bank-accounts/add/", values, follow=True)
    content = mt940([Move(500, "thank you", payer="Anna"), Move(-20, code="NCHG")]).encode()
    sent = {"bank": "MAIN", "statement": SimpleUploadedFile("0304.sta", content)}
    loaded = client.post(f"{LIST}load/", sent, follow=True)
    again = client.post(f"{LIST}load/", {"bank": "MAIN", "statement": SimpleUploadedFile("0304.sta", content)})

    assert refused.status_code == 422
    assert f"…{OUR_NUMBER[-4:]}" in text_of(added)
    assert OUR_NUMBER not in text_of(added)
    assert "Anna" in text_of(loaded)
    assert loaded.context["sums"].difference_minor == 0
    assert (again.status_code, "loaded already" in text_of(again)) == (422, True)
    assert "500" in text_of(client.get(LIST))
    book = open_book(client.get(f"{LIST}{Statement.objects.get().pk}/?export=xlsx").getvalue())
    assert book.worksheets[0].max_row >= 3
    change = reverse("reconciliation:change-bank-account", args=[BankAccount.objects.get().pk])
    assert text_of(client.get(change))
    assert client.post(change, {**values, "name": "Other", "is_active": "on"}).status_code == 302


def test_held_statement_says_why_and_is_decided(person):
    make_bank()
    wrong = load(mt940([Move(100)], closing=101))
    client = person("ACCOUNTANT")

    shown = client.get(f"{LIST}{wrong.pk}/")
    release = client.post(f"{LIST}{wrong.pk}/release/", {"reason": "let it"})
    client.post(f"{LIST}{wrong.pk}/discard/", {"reason": "asked anew"})

    assert "the bank says" in text_of(shown)
    assert (shown.context["may_release"], shown.context["may_discard"]) == (False, True)
    assert (release.status_code, "cannot" in text_of(release) or "Only what is missing" in text_of(release)) == (
        422,
        True,
    )
    wrong.refresh_from_db()
    assert (wrong.state, wrong.decision) == ("DISCARDED", "asked anew")


def test_person_walks_from_line_to_line_until_none_is_left(person):
    """3.8: the best proposal is the first button; after it comes the next line; the sums always agree."""
    account, other = make_account(), make_account()
    bill(account, 500)
    make_bank()
    statement = load(mt940([Move(500, f"{account.number} {other.number}", payer="Anna"), Move(70), Move(9)]))
    first, second, third = statement.lines.order_by("n")
    client = person("ACCOUNTANT")

    page = client.get(f"{OPEN}{first.pk}/match/")
    best = page.context["proposals"][0]
    taken = client.post(f"{OPEN}{first.pk}/match/", {"account_1": best.account_number, "amount_1": "500"}, follow=True)
    split = {"account_1": account.number, "amount_1": "40", "account_2": other.number, "amount_2": "30"}
    found = client.get(f"{OPEN}{second.pk}/match/?q={other.number}")
    halves = client.post(f"{OPEN}{second.pk}/match/", split, follow=True)
    parked = client.post(f"{OPEN}{third.pk}/park/", {"note": "ask the bank"}, follow=True)

    assert best.account_number == account.number
    assert "exactly the bill" in text_of(page)
    assert taken.redirect_chain == [(f"{OPEN}{second.pk}/match/", 302)]
    assert "Undo" in text_of(taken)
    assert [hit.account_number for hit in found.context["hits"]] == [other.number]
    assert halves.redirect_chain == [(f"{OPEN}{third.pk}/match/", 302)]
    assert parked.redirect_chain == [(f"{LIST}{statement.pk}/", 302)]
    sums = parked.context["sums"]
    assert (sums.accepted_minor, sums.parked_minor, sums.left_minor, sums.difference_minor) == (570, 9, 0, 0)
    assert text_of(client.get(f"{OPEN}?group=PARKED")).count("ask the bank") == 1


def test_line_is_given_for_a_bill_undone_asked_about_and_dismissed(person):
    account = make_account()
    owed = bill(account, 300)
    make_bank()
    line = load(mt940([Move(300, payer="Anna")])).lines.get()
    client = person("ACCOUNTANT")
    colleague = User.objects.get(username="ACCOUNTANT")
    url = f"{OPEN}{line.pk}/"

    wrong = client.post(f"{url}match/", {"account_1": account.number, "amount_1": "300", "bill_1": "INV-0"})
    client.post(f"{url}match/", {"account_1": account.number, "amount_1": "300", "bill_1": owed.number})
    assert StatementLine.objects.get().state == "MATCHED"
    assert text_of(client.get(url)).count(account.number) >= 1
    assert text_of(client.get(f"{url}undo/"))
    client.post(f"{url}undo/", {})
    assert left_in_suspense(in_suspense().get().pk) == 300
    asked = client.post(f"{url}ask/", {"colleague": colleague.pk, "question": "yours?"}, follow=True)
    assert "yours?" in text_of(client.get(f"{OPEN}?group=ASKED"))
    for page in ("ask", "dismiss", "park", "match"):
        assert text_of(client.get(f"{url}{page}/"))
    client.post(f"{url}dismiss/", {"kind": "TRANSFER", "note": "from our other bank"})

    assert (wrong.status_code, "no such bill" in text_of(wrong), asked.status_code) == (422, True, 200)
    assert (StatementLine.objects.get().state, in_suspense().count()) == ("NOT_A_RECEIPT", 0)


def test_return_is_found_on_its_page(person):
    make_bank()
    receipt = load(mt940([Move(300)])).lines.get()
    back = load(mt940([Move(-300, "closed", mark="RC", more="")], opening=300, number=2)).lines.get()
    client = person("ACCOUNTANT")

    assert "Choose the payment" in text_of(client.get(f"{OPEN}{back.pk}/match/"))
    refused = client.post(f"{OPEN}{back.pk}/return/", {"payment": "9999"})
    client.post(f"{OPEN}{back.pk}/return/", {"payment": str(receipt.payment_id)})

    back.refresh_from_db()
    assert (refused.status_code, back.state, in_suspense().count()) == (422, "MATCHED", 0)


@pytest.mark.parametrize(("role", "sees", "does"), [("AUDITOR", 200, 403), ("CLERK", 403, 403)])
def test_others_look_or_not_and_change_nothing(person, role, sees, does):
    make_bank()
    line = load(mt940([Move(300)])).lines.get()
    client = person(role)

    looks = [LIST, f"{LIST}{line.statement_id}/", OPEN, f"{OPEN}{line.pk}/", "/reconciliation/bank-accounts/"]
    acts = [f"{LIST}load/", f"{LIST}{line.statement_id}/discard/", "/reconciliation/bank-accounts/add/"]
    acts += [f"{OPEN}{line.pk}/{act}/" for act in ("match", "undo", "park", "ask", "dismiss", "return")]

    assert {client.get(url).status_code for url in looks} == {sees}
    assert {client.post(url).status_code for url in acts} == {does}
    assert StatementLine.objects.get().state == "SUSPENSE"
