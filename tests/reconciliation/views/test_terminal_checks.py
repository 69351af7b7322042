"""The pages of the daily terminal check: days, one day, a register taken, a difference settled."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.models import User
from reconciliation.models import Discrepancy, TerminalCheck, TerminalRegister
from reconciliation.operations.terminal_checks import check_terminals
from tests.factories.payments import make_account, make_network
from tests.reconciliation.planted import DAY, HEAD, NEXT_NOON, line, take_payments
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
LIST = "/reconciliation/terminal-checks/"
LOAD = f"{LIST}load/"
CASES = "/reconciliation/differences/"
PAGE = f"{LIST}easypay/2026-03-04/"


@pytest.fixture(autouse=True)
def next_noon():
    """Let the house's clock show the noon after the day that is checked."""
    kept, offset = clock._settings.offset_source, NEXT_NOON - clock.machine_now()
    clock.configure(offset_source=lambda: offset)
    yield
    clock.configure(offset_source=kept)


@pytest.fixture
def person(client):
    def sign_in(role):
        user = User.objects.create_user(username=role, password=None, role=role, full_name=role)
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def lines():
    return take_payments(make_network(), [make_account()], count=3)


def upload(client, content, **more):
    sent = SimpleUploadedFile("easypay-0304.csv", content.encode())
    return client.post(LOAD, {"network": "easypay", "day": "2026-03-04", "register": sent, **more}, follow=True)


def test_register_is_loaded_checked_and_its_difference_settled(person, lines):
    client = person("ACCOUNTANT")

    loaded = upload(client, HEAD + "".join(lines[:2]), expected_count="2", expected_amount="201")
    case = Discrepancy.objects.get()
    settle = reverse("reconciliation:resolve-discrepancy", args=[case.pk])
    shown = client.get(settle)
    refused = client.post(settle, {"act": "ACCEPT", "note": "", "sender": "ACCOUNTING"})
    answer = {"act": "ACCEPT", "note": "Taken twice at their side.", "sender": "ACCOUNTING", "letter_number": "14/2"}
    settled = client.post(settle, {**answer, "dated_on": "2026-03-05"}, follow=True)
    told = client.get(f"{CASES}{case.pk}/").content.decode()
    signed = client.post(f"{PAGE}sign-off/", follow=True)

    for page in (loaded, shown, settled, signed, client.get(LIST), client.get(LOAD), client.get(CASES)):
        assert bare_numbers(page.content.decode()) == []
    assert loaded.redirect_chain == [(PAGE, 302)]
    assert "1 difference is open" in loaded.content.decode()
    assert "Only in our books" in loaded.content.decode()
    assert shown.context["kind"] == "Only in our books"
    assert refused.status_code == 422
    assert {"note", "letter_number", "dated_on"} <= set(refused.context["form"].errors)
    assert settled.redirect_chain == [(PAGE, 302)]
    case.refresh_from_db()
    assert (case.state, str(case.resolved_by)) == ("RESOLVED", "ACCOUNTANT")
    assert "14/2" in told
    assert "Taken twice at their side." in told
    assert "The day is signed off." in signed.content.decode()
    assert TerminalCheck.objects.get().signed_by == case.resolved_by


def test_settling_leads_to_the_next_difference_of_the_day_with_a_usual_reason(person, lines):
    """Scenario 13: few keys a line; the usual reason is kept as words, before the person's own."""
    client = person("ACCOUNTANT")
    upload(client, HEAD + lines[0])
    first, second = Discrepancy.objects.order_by("txn_id")
    settle = reverse("reconciliation:resolve-discrepancy", args=[first.pk])
    page = client.get(settle).context["form"]

    answer = client.post(settle, {"act": "CANCEL", "cause": "NOT_TAKEN", "note": "Told by phone."}, follow=True)

    assert (page["act"].value(), page["cause"].value()) == (None, None)
    assert answer.redirect_chain == [(f"{CASES}{second.pk}/", 302)]
    assert "1 more waits." in answer.content.decode()
    first.refresh_from_db()
    assert (first.act, first.note) == ("CANCEL", "The network has not taken this money. Told by phone.")
    assert client.post(settle, {"act": "CANCEL", "cause": "LISTED_TWICE"}).status_code == 422


def test_refused_register_says_where_and_keeps_nothing(person, lines):
    response = upload(person("ACCOUNTANT"), HEAD + lines[0] + line("x", "1", 5))

    text = response.content.decode()
    assert response.status_code == 422
    assert bare_numbers(text) == []
    assert "easypay-0304.csv" in text
    assert "Nothing was loaded." in text
    assert not TerminalRegister.objects.exists()
    assert not TerminalCheck.objects.exists()


def test_same_register_again_is_known(person, lines):
    client = person("ACCOUNTANT")
    upload(client, HEAD + "".join(lines))

    again = upload(client, HEAD + "".join(lines))

    assert again.status_code == 422
    assert "was loaded already" in again.content.decode()
    assert TerminalRegister.objects.count() == 1


def test_page_of_an_agreed_day_is_one_line(person, lines):
    client = person("ACCOUNTANT")

    page = upload(client, HEAD + "".join(lines)).content.decode()

    assert "Every payment agrees with the register." in page
    assert reverse("reports:terminal-check-workbook", args=["easypay", DAY]) in page


def test_missing_register_is_an_alarm_until_it_comes(person, lines):
    client = person("ACCOUNTANT")
    check_terminals(day=DAY, checked_at=NEXT_NOON)

    before = client.get(LIST)
    page = client.get(PAGE).content.decode()
    upload(client, HEAD + "".join(lines))
    after = client.get(LIST)

    assert "Registers that did not come" in before.content.decode()
    assert "nothing was compared yet" in page
    assert f"{LOAD}?network=easypay&amp;day=2026-03-04" in page
    assert "Registers that did not come" not in after.content.decode()
    assert [row.state for row in after.context["page"].rows] == ["AGREED"]


def test_list_filters_and_costs_the_same_for_every_length(person, lines, django_assert_num_queries):
    client = person("ACCOUNTANT")
    for n, code in enumerate(["easypay", "two", "three"], 1):
        if n > 1:
            make_network(code=code)
        check_terminals(day=DAY, checked_at=NEXT_NOON, network_code=code)
        with django_assert_num_queries(6):
            assert len(client.get(LIST).context["page"].rows) == n

    assert len(client.get(LIST, {"state": "AGREED"}).context["page"].rows) == 0
    assert len(client.get(LIST, {"first": "2026-03-05"}).context["page"].rows) == 0
    assert client.get(LIST, {"first": "2026-03-05", "last": "2026-03-04"}).status_code == 422
    assert len(open_book(client.get(LIST, {"export": "xlsx"}).getvalue()).worksheets) == 2


def test_checking_again_asks_and_then_does(person, lines):
    client = person("ACCOUNTANT")
    upload(client, HEAD + "".join(lines))

    asked = client.get(f"{PAGE}check/")
    done = client.post(f"{PAGE}check/", follow=True)
    too_early = client.post(f"{LIST}easypay/2026-03-05/check/", follow=True)

    assert asked.status_code == 200
    assert "no difference is open" in done.content.decode()
    assert too_early.redirect_chain == [(LIST, 302)]
    assert "is not over yet" in too_early.content.decode()
    assert TerminalCheck.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "sees", "acts"), [("ACCOUNTANT", 200, 200), ("AUDITOR", 200, 403), ("CLERK", 403, 403)]
)
def test_pages_are_for_whom_they_concern(person, lines, role, sees, acts):
    check_terminals(day=DAY, checked_at=NEXT_NOON)
    client = person(role)

    assert [client.get(url).status_code for url in (LIST, PAGE)] == [sees, sees]
    assert [client.get(url).status_code for url in (LOAD, f"{PAGE}check/")] == [acts, acts]
    assert client.get(f"{CASES}1/resolve/").status_code == (404 if acts == 200 else 403)


def test_pages_are_closed_to_strangers(client):
    for url in (LIST, LOAD, PAGE, f"{PAGE}check/", f"{CASES}1/resolve/"):
        assert client.get(url).status_code == 302
