"""What a clerk is told beside the sums, what the first visit weighs, and the two widths of paper."""

import gzip
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from pypdf import PdfReader

from billing_site.core import clock
from payments.operations.instalments import agree_instalment_plan
from payments.operations.promises import promise_payment
from payments.operations.receipt_papers import receipt_html, render_receipt
from payments.queries.till_receipts import parts_of_receipt, till_receipts
from rating.models import CallListOrder
from subscribers.models import Notice
from tests.factories.debits import DAY, answer, bank_list, make_creditor, make_mandate, order_of, released
from tests.factories.dunning import make_debt, make_policy, run_on
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan
from tests.factories.tills import cash, make_till, open_till, take
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
TILL = "/payments/till/"
# At 64 kbit/s 8,000 bytes take a second, and each request waits 0.6 s for its answer.
MOST_FIRST_BYTES, MOST_FIRST_FILES = 48_000, 9


@pytest.fixture
def enter(client):
    def sign_in(user):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def session(centre, clerk, specialist):
    return open_till(make_till(centre, actor=specialist, code="T1"), clerk, at=clock.now())


def shown(client, account):
    """Return the zone of notices as text."""
    page = client.get(TILL, {"account": account.number})
    html = page.content.decode()
    assert bare_numbers(html) == []
    if 'class="till-notices"' not in html:
        return ""
    zone = html[html.index(">", html.index('class="till-notices"')) + 1 :]
    zone = zone[: zone.index("</section>")]
    return " ".join(re.sub(r"<[^>]+>", " ", zone).split())


def test_clerk_is_told_of_promise_barred_lines_and_what_the_centre_must_say(enter, clerk, session, centre):
    """Screen 6: the zone of notices; an account without any shows none."""
    today = clock.today()
    quiet, debtor = make_account(centre=centre), make_account(centre=centre)
    make_line(account=debtor)
    make_policy(ladder=((5, "REMINDER", "FIRM"), (8, "RESTRICTION", "BARRED")), channel="TELL")
    make_debt(debtor, 1000, due_on=today - timedelta(days=6))
    run_on(today)
    client = enter(clerk)
    assert shown(client, quiet) == ""
    told = shown(client, debtor)
    notice = Notice.objects.get()
    assert told.startswith("To be told:")
    assert (
        reverse("subscribers:tell-notice", args=[notice.pk])
        in client.get(TILL, {"account": debtor.number}).content.decode()
    )
    run_on(today + timedelta(days=3))
    assert re.search(r"Lines that are barred: 1\W+Debt", shown(client, debtor))
    promise_payment(
        account_id=debtor.pk, amount_minor=1000, pay_until_on=today + timedelta(days=2), channel="COUNTER",
        given_by="Mary", at=clock.now(), actor=clerk,
    )  # fmt: skip
    assert re.search(r"1,000.* is promised by", shown(client, debtor))
    run_on(today + timedelta(days=5))
    assert "A promise to pay 1,000" in shown(client, debtor)
    assert "was not kept" in shown(client, debtor)


def test_clerk_is_told_of_direct_debits_under_way_and_failed(enter, clerk, session, centre):
    """001-30: who pays now may pay twice; a failure says why and what next."""
    account = make_account(centre=centre)
    make_debt(account, 2000, due_on=DAY)
    make_creditor()
    make_mandate(account)
    batch = released()
    client = enter(clerk)
    assert "The bank is asked to collect 2,000" in shown(client, account)
    answer(bank_list({order_of(batch, account): ("NO", 2000, "17")}))
    failed = shown(client, account)
    assert "There was not enough money in the bank account." in failed
    assert "Day of the next try" in failed
    assert "is asked to collect" not in failed


def test_clerk_sees_the_lines_what_earlier_bills_have_of_the_sum_and_the_next_part_of_a_plan(
    enter, clerk, session, centre
):
    """Screen 3.4: number and kind of each line; "previous"; who pays in parts need not pay the whole."""
    account, today = make_account(centre=centre), clock.today()
    make_range(first="99910234599", count=1, centre=centre)
    make_line(account=account, number="99910234599")
    make_line(account=account, plan=make_plan(kind="INTERNET"))
    earlier = make_debt(account, 900, due_on=today - timedelta(days=10))
    make_debt(account, 500, due_on=today + timedelta(days=15))
    agree_instalment_plan(
        account_id=account.pk, invoice_ids=[earlier.pk], count=2, first_due_on=today + timedelta(days=3),
        agreed_with="Ani", at=clock.now(), actor=clerk,
    )  # fmt: skip
    client = enter(clerk)

    page = client.get(TILL, {"account": account.number})

    html = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
    assert re.search(r"234 ?599 Fixed line · Internet ·", html)
    assert re.search(r"To pay 950.* of earlier bills 450.* later parts, not included 450", html)
    assert re.search("The debt is paid in parts: the next one is 450.*, by", shown(client, account))
    found = page.context["found"]
    assert (found.due_minor, found.previous_minor, found.due_on) == (950, 450, today + timedelta(days=3))


def test_detail_of_calls_goes_to_the_customers_mail_and_the_till_is_free(enter, clerk, session, centre):
    """Scenario 4 at the till: one question, one key, and the search box again."""
    account = make_account(centre=centre, email="ani@example.org")
    without = make_account(centre=centre)
    client = enter(clerk)
    address = reverse("payments:mail-call-list", args=[account.pk])
    assert address in client.get(TILL, {"account": account.number}).content.decode()
    other = reverse("payments:mail-call-list", args=[without.pk])
    assert other not in client.get(TILL, {"account": without.number}).content.decode()
    assert client.get(other).status_code == 404
    assert "ani@example.org" in client.get(address).content.decode()

    done = client.post(address, follow=True)

    order = CallListOrder.objects.get()
    assert (order.account, order.mail_to, order.delivery, order.form) == (
        account,
        "ani@example.org",
        "MAIL",
        "WORKBOOK",
    )
    assert done.redirect_chain[-1][0] == TILL
    assert "Serve the next person" in done.content.decode()
    assert bare_numbers(done.content.decode()) == []


def test_first_visit_is_light_enough_for_a_slow_line(enter, clerk, session):
    """D4: over 64 kbit/s and 600 ms the first page is there in seconds, and each later one is one small request."""
    html = enter(clerk).get(TILL).content.decode()
    names = set(re.findall(r'(?:href|src)="/static/([^"?#]+)', html))
    files = {name: Path(str(finders.find(name))) for name in names}
    sizes = {name: len(gzip.compress(path.read_bytes())) for name, path in files.items()}
    scripts = {name for name in names if name.endswith(".js")}

    assert len(names) + 1 <= MOST_FIRST_FILES, names
    assert sum(sizes.values()) + len(gzip.compress(html.encode())) <= MOST_FIRST_BYTES, sizes
    assert any("till.js" in name for name in scripts)


@pytest.mark.parametrize(("paper_mm", "points"), [(58, 164), (80, 227)])
def test_receipt_fits_the_roll(centre, clerk, specialist, paper_mm, points):
    """Screen 6: 58 and 80 mm, the same sums on both."""
    account = make_account(name="Գրիգորյան Անի", language="hy", centre=centre)
    make_debt(account, 1000, due_on=clock.today())
    session = open_till(make_till(centre, actor=specialist, paper_mm=paper_mm), clerk, at=clock.now())
    taken = take(session, account, cash(1500), received_minor=2000, at=clock.now())
    receipt = till_receipts().get(pk=taken.pk)
    parts = parts_of_receipt(receipt.pk)

    html = receipt_html(receipt=receipt, parts=parts)
    (page,) = PdfReader(BytesIO(render_receipt(receipt=receipt, parts=parts))).pages
    text = page.extract_text()
    assert f'class="paper{paper_mm}"' in html
    assert abs(int(page.mediabox.width) - points) <= 1
    assert all(figure in text.replace("\u202f", " ") for figure in ("1 000", "1 500", "2 000", receipt.number))
