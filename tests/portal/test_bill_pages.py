"""Bills on the own pages: list, bill, reasons, papers, how to pay, certificates."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from billing_site.audit.models import AuditEntry
from billing_site.portal.models import NoDebtCertificate, PortalLogin
from billing_site.portal.operations.files import AccountOwes, issue_certificate
from billing_site.portal.pay_links import LIFE, read_pay_link, sign_pay_link
from invoicing.models import Invoice
from payments.operations.instalments import agree_instalment_plan
from subscribers.operations.payers import appoint_payer
from tests.cast import Person
from tests.factories.account_rules import make_provider
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total, pay
from tests.factories.portal import AT
from tests.web.wrapped import assert_numbers_wrapped


def text_of(response) -> str:
    assert response.status_code == 200
    text: str = response.content.decode()
    assert_numbers_wrapped(text)
    return text


def certify(person: Person) -> NoDebtCertificate:
    login = PortalLogin.objects.get(subscriber_id=person.account.subscriber_id)
    return issue_certificate(login_id=login.pk, account_id=person.account.pk, language="hy", at=AT, today=AT.date())


def test_home_says_what_is_owed_and_by_when(ani: Person, bill: Invoice, ani_in: Client):
    """Screens 1.4: how much, by when, pay."""
    page = text_of(ani_in.get(reverse("my:home")))
    own = ani_in.get(reverse("my:home")).context["home"].accounts[0]

    assert (own.due_minor, own.due_on) == (bill.gross_minor, bill.due_on)
    assert reverse("my:pay", args=[ani.account.pk]) in page
    assert str(bill.number) in page


def test_home_of_who_pays_in_parts_names_the_next_part(ani: Person, bill: Invoice, ani_in: Client):
    agree_instalment_plan(
        account_id=ani.account.pk, invoice_ids=[bill.pk], count=2, first_due_on=AT.date() + timedelta(days=9),
        agreed_with="Ani", at=AT, actor=None,
    )  # fmt: skip

    page = text_of(ani_in.get(reverse("my:home")))

    assert "You pay in parts: the next one is" in page
    part = ani_in.get(reverse("my:home")).context["home"].accounts[0].plan_part
    assert (part.amount_minor, part.due_on) == ((bill.gross_minor + 1) // 2, AT.date() + timedelta(days=9))


def test_home_after_paying_says_that_nothing_is_owed(ani: Person, bill: Invoice, ani_in: Client):
    pay(ani.account, bill.gross_minor + 500, on=AT.date())
    own = ani_in.get(reverse("my:home")).context["home"].accounts[0]

    assert (own.due_minor, own.advance_minor, own.due_on) == (0, 500, None)


def test_bill_says_what_the_paper_says(bill: Invoice, ani_in: Client):
    """002-01: fixed-line subscribers see their bill online."""
    response = ani_in.get(reverse("my:bill", args=[bill.pk]))
    page, paper = text_of(response), response.context["paper"]

    assert paper.gross_minor == bill.gross_minor
    assert (
        paper.previous_minor - paper.received_minor + paper.corrections_minor + paper.gross_minor == paper.to_pay_minor
    )
    for group in paper.groups:
        for line in group.lines:
            assert reverse("my:explain-line", args=[bill.pk, line.n]) in page


def test_bill_names_for_whom_it_pays_and_whose_charges_it_has(ani: Person, najla: Person, ani_in: Client):
    """Issue 4: what is paid for another account, and another provider's charges, stand apart."""
    _provider, item = make_provider()
    make_usage_total(ani.line, amount_micro=300_000_000, item_code=item.code)
    appoint_payer(account_id=najla.account.pk, payer_id=ani.account.pk, from_on=date(2026, 2, 1), actor=None)
    own = invoice_of(ani.line, run=bill_cycle(ani.account.cycle))

    page = text_of(ani_in.get(reverse("my:bill", args=[own.pk])))

    assert "Charges of" in page
    assert "Films Ltd" in page
    assert "Paid for account" in page
    assert najla.account.number in page


def test_every_line_says_why(bill: Invoice, ani_in: Client):
    """D5: why this amount is two clicks from any amount."""
    paper = ani_in.get(reverse("my:bill", args=[bill.pk])).context["paper"]
    numbers = [line.n for group in paper.groups for line in group.lines]

    assert len(numbers) >= 2
    for n in numbers:
        assert "Why this amount?" in text_of(ani_in.get(reverse("my:explain-line", args=[bill.pk, n])))
    assert ani_in.get(reverse("my:explain-line", args=[bill.pk, 99])).status_code == 404


def test_paper_of_a_bill_is_saved_and_that_is_written_down(bill: Invoice, ani_in: Client):
    """002-01."""
    response = ani_in.get(reverse("my:bill-pdf", args=[bill.pk]))

    assert str(bill.number) in PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    assert f'filename="{bill.number}.pdf"' in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "private, no-store"
    assert AuditEntry.objects.filter(action="portal.bill_pdf").get().changes == {"what": bill.number}


def test_papers_of_a_year_come_in_one_file(ani: Person, bill: Invoice, ani_in: Client):
    """003-09, 002-01: downloads the last twelve bills as PDF."""
    days = [date(2026, month, 1) for month in (4, 5)]
    later = [bill_cycle(ani.account.cycle, issued_on=day, due_on=day + timedelta(days=20)) for day in days]
    response = ani_in.get(reverse("my:bill-bundle", args=[ani.account.pk]))
    bundle = zipfile.ZipFile(io.BytesIO(response.content))
    numbers = Invoice.objects.filter(run_id__in=[run.pk for run in later]).values_list("number", flat=True)

    assert sorted(bundle.namelist()) == sorted(f"{number}.pdf" for number in [*numbers, bill.number])
    assert all(bundle.read(name).startswith(b"%PDF-") for name in bundle.namelist())


def test_list_shows_thirteen_bills_and_the_way_to_the_others(ani: Person, bill: Invoice, ani_in: Client):
    for month in range(3, 17):
        day = date(2026 + month // 12, month % 12 + 1, 1)
        bill_cycle(ani.account.cycle, issued_on=day, due_on=day + timedelta(days=20))
    page = ani_in.get(reverse("my:bills")).context["page"]
    text_of(ani_in.get(reverse("my:bills")))

    assert len(page.rows) == 13
    rest = ani_in.get(reverse("my:bills"), {"at": page.next_cursor}).context["page"]
    assert [bill.pk] == [row.pk for row in rest.rows][-1:]
    assert len(rest.rows) == 2


def test_pay_page_names_account_amount_and_square(ani: Person, bill: Invoice, ani_in: Client):
    response = ani_in.get(reverse("my:pay", args=[ani.account.pk]))
    page = text_of(response)

    assert ani.account.number in page
    assert "<svg" in page
    assert response.context["own"].due_minor == bill.gross_minor
    assert response.context["link"].startswith(f"{settings.SALDO_PORTAL_URL}/my/pay/")


def test_pay_link_shows_the_amount_to_anybody_and_no_name(ani: Person, bill: Invoice):
    """Screens 1.4: no login; amount and due date only."""
    url = reverse("my:pay-link", args=[sign_pay_link(account_id=ani.account.pk)])
    page = text_of(Client().get(url))

    assert ani.account.number in page
    assert "Գրիգորյան" not in page
    assert str(bill.number) not in page


@pytest.mark.parametrize("token", ["", "x", "1:2:3", "eyJhIjoxfQ"])
def test_pay_link_that_is_made_up_leads_nowhere(ani: Person, token: str):
    assert read_pay_link(token) is None
    changed = sign_pay_link(account_id=ani.account.pk)[:-1] + "!"
    assert Client().get(reverse("my:pay-link", args=[changed])).status_code == 404
    other = signing.dumps(ani.account.pk, salt="another purpose")
    assert read_pay_link(other) is None


def test_pay_link_dies(ani: Person, time_after):
    token = sign_pay_link(account_id=ani.account.pk)
    assert read_pay_link(token) == ani.account.pk
    time_after(LIFE + timedelta(seconds=2))
    assert read_pay_link(token) is None


def test_certificate_is_refused_while_something_is_owed(ani: Person, bill: Invoice, ani_in: Client):
    """003-09: asks for a no-debt certificate, refused while owing."""
    with pytest.raises(AccountOwes):
        certify(ani)
    response = ani_in.post(reverse("my:certificate", args=[ani.account.pk]), {"language": "en"})

    assert response.status_code == 422
    assert "there is no certificate until it is paid" in response.content.decode()
    assert not NoDebtCertificate.objects.exists()


def test_certificates_are_numbered_without_gaps(ani: Person, bill: Invoice, ani_in: Client):
    """003-09."""
    with pytest.raises(AccountOwes):
        certify(ani)
    pay(ani.account, bill.gross_minor, on=AT.date())
    numbers = [certify(ani).number for _time in range(2)]
    done = ani_in.post(reverse("my:certificate", args=[ani.account.pk]), {"language": "hy"})

    assert [*numbers, NoDebtCertificate.objects.latest("pk").number] == [f"NDC-2026-00000{n}" for n in (1, 2, 3)]
    paper = PdfReader(io.BytesIO(ani_in.get(done.headers["Location"]).content)).pages[0].extract_text()
    assert "NDC-2026-000003" in paper
    assert ani.account.number in paper
