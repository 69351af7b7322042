"""The till's page: three requests for a payer, one receipt for a form, nobody else's drawer."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.identity.roles import Role
from payments.models import Payment, PaymentReversal, TillReceipt
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan
from tests.factories.tills import cash, cheque, make_till, open_till, take
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
TILL = "/payments/till/"
# What the page may cost: bytes on the line once styles and scripts are in the browser, and statements on the server.
MOST_BYTES, MOST_QUERIES_TO_SHOW, MOST_QUERIES_TO_TAKE = 6_000, 25, 45


@pytest.fixture
def enter(client):
    def sign_in(user, language="en"):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return client

    return sign_in


@pytest.fixture
def session(centre, clerk, specialist):
    return open_till(make_till(centre, actor=specialist, code="T1"), clerk, at=clock.now())


@pytest.fixture
def account(centre):
    made = make_account(name="Գրիգորյան Անի", language="hy", centre=centre)
    make_range(first="99910234567", use="FIXED", centre=centre)
    make_line(account=made, plan=make_plan(kind="FIXED"), number="99910234567")
    make_debt(made, 18340, due_on=clock.today() + timedelta(days=15))
    return made


def hidden(page):
    """Return what the form would send if Enter were pressed at once."""
    html = page.content.decode()
    form = html[html.index('id="take"') : html.index("</form>", html.index('id="take"'))]
    fields = dict(re.findall(r'<input type="(?:hidden|text)" name="(\w+)" value="([^"]*)"', form))
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def send(client, form, **changes):
    return client.post(TILL, {**form, **changes}, follow=False)


def test_clerk_finds_takes_and_prints_in_three_requests(enter, clerk, session, account):
    """Scenario 1 without its browser; 001-06: few bytes, few statements, works without script."""
    client = enter(clerk, "hy")
    with CaptureQueriesContext(connection) as shown:
        found = client.get(TILL, {"q": "10 234 567"})
    form = hidden(found)
    with CaptureQueriesContext(connection) as taken:
        sent = send(client, form, received="20 000")
    done = client.get(sent.url)

    receipt = TillReceipt.objects.get()
    assert form["amount_1"] == "18340"
    assert (receipt.amount_minor, receipt.change_minor, sent.status_code) == (18340, 1660, 302)
    html = done.content.decode()
    assert "1\u202f660" in html
    assert receipt.number in html
    assert "srcdoc=" in html
    assert re.search(r'id="payer"[^>]*\sautofocus', html)
    pages = (client.get(TILL), found, done)
    assert [page.status_code for page in pages] == [200, 200, 200]
    sent = [client.get(url, headers={"Accept-Encoding": "gzip"}) for url in (TILL, f"{TILL}?q=10234567", sent.url)]
    assert {page["Content-Encoding"] for page in sent} == {"gzip"}
    assert max(len(page.content) for page in sent) <= MOST_BYTES
    # Nothing else is loaded by a page than what the browser keeps: styles, scripts, the sign.
    assert all("hx-trigger" not in page.content.decode() for page in pages)
    assert len(shown) <= MOST_QUERIES_TO_SHOW
    assert len(taken) <= MOST_QUERIES_TO_TAKE
    for page in pages:
        assert bare_numbers(page.content.decode()) == []


def test_form_sent_twice_shows_the_first_receipt(enter, clerk, session, account):
    """001-06; reliability 3f.1, 3f.5."""
    client = enter(clerk)
    form = hidden(client.get(TILL, {"account": account.number}))
    first, second = send(client, form), send(client, form)
    other = send(client, form, amount_1="5")
    known = client.get(TILL, {"sent": form["form_key"]})
    unknown = client.get(TILL, {"sent": "11111111-1111-1111-1111-111111111111"})

    assert first.url == second.url
    assert (other.status_code, Payment.objects.count()) == (422, 1)
    assert "with other content" in other.content.decode()
    assert TillReceipt.objects.get().number in known.content.decode()
    assert "Nothing was taken." in unknown.content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount_1": "1O0"}, "is not an amount"),
        ({"amount_1": ""}, "required"),
        ({"amount_1": "-5"}, "negative"),
        ({"method_1": "CHEQUE", "reference_1": "7"}, "This method needs it."),
        ({"received": "10000"}, "as a part payment"),
        ({"amount_1": "600000", "received": ""}, "unusually large"),
    ],
)
def test_refusal_brings_the_form_back_as_it_was_filled(enter, session, account, changes, said):
    """reliability 3f.2."""
    client = enter(session.clerk)
    form = hidden(client.get(TILL, {"account": account.number}))
    back = send(client, form, **changes)

    assert (back.status_code, Payment.objects.count()) == (422, 0)
    assert said in back.content.decode()
    assert hidden(back)["form_key"] == form["form_key"]
    assert bare_numbers(back.content.decode()) == []


def test_second_enter_takes_the_part_payment_or_the_large_sum(enter, clerk, session, account):
    """002-16."""
    client = enter(clerk)
    part = hidden(send(client, hidden(client.get(TILL, {"account": account.number})), received="10000"))
    assert part["amount_1"] == "10000"
    send(client, part)
    large = hidden(client.get(TILL, {"account": account.number}))
    assert large["amount_1"] == "8340"
    asked = hidden(send(client, large, amount_1="600000"))
    send(client, asked)

    assert list(TillReceipt.objects.order_by("pk").values_list("amount_minor", flat=True)) == [10000, 600000]


def test_payer_is_found_by_number_name_bill_and_square_and_a_wrong_digit_finds_nobody(enter, clerk, session, account):
    """reliability 3f.3; the square of a bill is read by a scanner into the same box."""
    bill = make_debt(account, 7, due_on=clock.today())
    other = make_account(name="Գրիգորյան Անահիտ", language="hy")
    client = enter(clerk)
    texts = (account.number, "010 234-567", "+999 10 234567", str(bill.number).lower(), "Գրիգորյան Անի")
    squares = (f"https://pay.meridian.example/bill?account={account.number}&amount=7",)
    several = client.get(TILL, {"q": "Գրիգորյան"})
    digit = (int(account.number[-1]) + 1) % 10
    wrong = client.get(TILL, {"q": account.number[:-1] + str(digit)})

    found = [client.get(TILL, {"q": text}).context["found"].account for text in (*texts, *squares)]
    assert found == [account] * len(found)
    assert {hit.account_number for hit in several.context["hits"]} == {account.number, other.number}
    assert "autofocus" in several.content.decode()
    assert ("found" in wrong.context, wrong.context["hits"]) == (False, ())
    assert bare_numbers(several.content.decode() + wrong.content.decode()) == []


def test_allocation_is_shown_before_anything_is_taken(enter, clerk, session, account):
    new = make_debt(account, 500, due_on=clock.today() + timedelta(days=40))
    client = enter(clerk)
    form = hidden(client.get(TILL, {"account": account.number}))
    shown = send(client, form, amount_1="19000", preview="1", bill=str(new.pk))

    uses = [(use.bill.invoice_id, use.used_minor, use.is_ticked) for use in shown.context["preview"]["uses"]]
    assert uses == [(uses[0][0], 18340, False), (new.pk, 500, True)]
    assert (shown.context["preview"]["advance_minor"], Payment.objects.count()) == (160, 0)


def test_several_methods_on_one_arabic_receipt_keep_their_digits(enter, clerk, session, centre):
    """Scenario 2, the page's part."""
    najla = make_account(name="نجلاء الحلبي", language="ar", centre=centre)
    make_debt(najla, 1500, due_on=clock.today())
    client = enter(clerk, "ar")
    form = hidden(client.get(TILL, {"account": najla.number}))
    sent = send(
        client, form, amount_1="١٠٠٠", received="2000", amount_2="500", method_2="CHEQUE", reference_2="77",
        bank_2="بنك الفرات", day_2="2026-03-01",
    )  # fmt: skip
    page = client.get(sent.url)

    html = page.content.decode()
    assert (page.context["done"].amount_minor, page.context["done"].change_minor) == (1500, 1000)
    assert ('dir="rtl"' in html, bare_numbers(page.context["paper"]), bare_numbers(html)) == (True, [], [])
    assert page.context["paper"].count("1,500") == 2


def test_who_has_no_session_is_led_to_open_one(enter, clerk, centre, specialist, account):
    """reliability 3f.4."""
    client = enter(clerk)
    assert "No till of your centre is in use" in client.get(reverse("payments:open-till-session")).content.decode()
    till, foreign = make_till(centre, actor=specialist), make_till(make_centre(), actor=specialist)
    assert reverse("payments:open-till-session") in client.get(TILL).content.decode()
    offered = client.get(reverse("payments:open-till-session"))
    refused = client.post(offered.request["PATH_INFO"], {"till": foreign.pk, "float_minor": "0"})
    client.post(offered.request["PATH_INFO"], {"till": till.pk, "float_minor": "1 000"})

    assert list(offered.context["form"].fields["till"].queryset) == [till]
    assert refused.status_code == 422
    assert (till.sessions.get().clerk, till.sessions.get().float_minor) == (clerk, 1000)


def test_foreign_session_in_the_form_is_refused_and_written_down(enter, session, account, specialist, centre):
    """reliability 3f.10."""
    other = make_staff(Role.CLERK, centre=centre)
    foreign = open_till(make_till(centre, actor=specialist, code="T2"), other, at=clock.now())
    client = enter(session.clerk)
    form = hidden(client.get(TILL, {"account": account.number}))
    sent = send(client, form, session=str(foreign.pk))

    assert (sent.status_code, Payment.objects.count()) == (403, 0)
    assert AuditEntry.objects.get(action="payments.note_foreign_session").actor == session.clerk


def test_sign_in_that_ran_out_leads_back_to_the_same_form(enter, client, clerk, session, account):
    """reliability 3f.9."""
    enter(clerk)
    form = hidden(client.get(TILL, {"account": account.number}))
    client.logout()
    away = send(client, form, received="20000")
    enter(clerk)
    back = client.get(re.sub(r".*next=", "", away.url).replace("%3F", "?").replace("%3D", "=").replace("%26", "&"))

    assert hidden(back)["form_key"] == form["form_key"]
    assert hidden(back)["received"] == "20000"
    send(client, hidden(back))
    assert TillReceipt.objects.get().change_minor == 1660


def test_hall_never_reads_another_hall(enter, clerk, session, account, specialist):
    made = take(session, account, cash(5), at=clock.now())
    stranger = make_staff(Role.CENTRE_SUPERVISOR, centre=make_centre())
    names = ("till-receipt", "till-receipt-pdf", "copy-receipt", "reverse-earlier-receipt", "retry-fiscal-receipt")
    pages = [reverse(f"payments:{name}", args=[made.pk]) for name in names]
    of_session = ("till-session", "force-close-till-session", "sign-till-session", "hand-over-cash")
    pages += [reverse(f"payments:{name}", args=[session.pk]) for name in of_session]
    client = enter(stranger)

    assert [client.get(page).status_code for page in pages] == [404] * len(pages)
    sent = {"reason": "x", "amount": "1", "reference": "x"}
    assert {client.post(page, sent).status_code for page in pages[2:] if page != pages[5]} == {404}
    for name in ("till-receipts", "till-sessions", "cheques", "waiting-receipts", "many-reversals", "tills"):
        listed = client.get(reverse(f"payments:{name}"))
        assert (listed.status_code, len(listed.context["page"].rows)) == (200, 0)
    assert TillReceipt.objects.count() == 1


def test_shift_ends_with_a_difference_that_the_supervisor_signs(enter, clerk, supervisor, session, account):
    """Scenario 3, the pages' part."""
    take(session, account, cash(1900), at=clock.now())
    client = enter(clerk)
    x_report = client.get(reverse("payments:till-session", args=[session.pk]))
    sheet = client.get(reverse("payments:count-till-session", args=[session.pk]))
    client.post(sheet.request["PATH_INFO"], {"notes_1000": "1", "notes_200": "2"})
    assert "1,900" in x_report.content.decode()
    assert "Should be there" not in x_report.content.decode()
    assert "1,900" not in sheet.content.decode()
    assert bare_numbers(sheet.content.decode()) == []
    refused = client.get(reverse("payments:sign-till-session", args=[session.pk]))
    client = enter(supervisor)
    client.post(reverse("payments:sign-till-session", args=[session.pk]), {"reason": "Change"})
    client.post(reverse("payments:hand-over-cash", args=[session.pk]), {"amount": "1400", "reference": "BAG"})

    report = client.get(reverse("payments:till-session", args=[session.pk]))
    html = report.content.decode()
    assert (refused.status_code, report.context["left_minor"]) == (403, 0)
    assert all(text in html for text in ("-500", "Should be there"))
    assert "T1-Z000001" in html
    assert bare_numbers(html) == []


def test_receipt_is_copied_taken_back_and_made_a_paper(enter, clerk, supervisor, session, account):
    client = enter(clerk)
    made = take(session, account, cash(40), at=clock.now())
    page = reverse("payments:till-receipt", args=[made.pk])
    copied = client.post(reverse("payments:copy-receipt", args=[made.pk]))
    shown = client.get(copied.url)
    pdf = client.get(reverse("payments:till-receipt-pdf", args=[made.pk]))
    asked = client.get(reverse("payments:reverse-receipt", args=[made.pk])).content.decode()
    assert all(text in asked for text in (made.number, account.number, "40"))
    assert bare_numbers(asked) == []
    back = client.post(reverse("payments:reverse-receipt", args=[made.pk]), {"reason": "Twice"})

    assert shown.context["prints"] is True
    with translation.override("hy"):
        assert "copy" in shown.context["paper"]
    assert pdf.content.startswith(b"%PDF-")
    assert "Give back" in client.get(back.url).content.decode()
    again = client.get(page)
    assert (again.context["state"], again.context["may_reverse"]) == ("REVERSED", False)
    assert bare_numbers(again.content.decode()) == []


def test_cheque_is_bounced_from_its_list(enter, supervisor, session, account):
    take(session, account, cheque(18340), at=clock.now())
    client = enter(supervisor)
    (row,) = client.get(reverse("payments:cheques")).context["page"].rows
    client.post(reverse("payments:bounce-cheque", args=[row.pk]), {"reason": "No cover", "charge": "5"})

    listed = client.get(reverse("payments:cheques"))
    assert PaymentReversal.objects.get(payment=row.payment_id).kind == "BOUNCED"
    assert bare_numbers(listed.content.decode()) == []


def test_till_is_set_up_and_changed(enter, specialist, centre):
    client = enter(specialist)
    wish = {
        "code": "T7",
        "name": "Window 7",
        "centre": centre.pk,
        "paper_mm": "58",
        "fiscal_device": "NONE",
        "large": "9",
    }
    client.post(reverse("payments:create-till"), wish)
    (till,) = client.get(reverse("payments:tills")).context["page"].rows
    client.post(reverse("payments:change-till", args=[till.pk]), {**wish, "paper_mm": "80"})

    till.refresh_from_db()
    assert (till.code, till.paper_mm, till.is_active) == ("T7", 80, False)
