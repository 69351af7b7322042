"""The pages of billing against accounting: files, comparisons, cases, revenue transfers, and who may see them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.models import User
from invoicing.operations.periods import open_period
from reconciliation.domain.exchange_fields import HEADINGS
from reconciliation.models import AccountingClass, AccountingFile, AccountingMap, BookCase, BookCause, BookComparison
from reconciliation.operations.revenue_transfers import prepare_revenue_transfer, send_revenue_transfer
from tests.factories.invoicing import bill_cycle, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item, make_plan
from tests.reconciliation.books import FIRST, HEAD, LAST, changed, compare, load, make_books, make_classes, plant
from tests.reconciliation.operations.test_revenue_transfers import APRIL, AT
from tests.reports.recomputing import open_book, value_of
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    def sign_in(role, name=""):
        user, _new = User.objects.get_or_create(username=name or role, role=role, full_name=name or role)
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


def send_file(client, said, **more):
    sent = SimpleUploadedFile("ledger.csv", (HEAD + "".join(map(str, said))).encode())
    fields = {"layout": "TABLE", "first_on": FIRST, "last_on": LAST, "ledger": sent, "is_whole": "on", **more}
    return client.post(reverse("reconciliation:load-accounting-file"), fields)


def test_file_is_looked_at_loaded_and_compared_and_every_figure_leads_to_its_rows(person):
    books = make_books()
    client = person("ACCOUNTANT")

    looked = send_file(client, plant(books))
    assert not AccountingFile.objects.exists()
    load_url = reverse("reconciliation:load-accounting-file")
    done = client.post(load_url, {"seen": looked.context["seen"]}, follow=True)
    compared = client.post(reverse("reconciliation:compare-books"), {"days": f"{FIRST} {LAST}"}, follow=True)

    comparison = BookComparison.objects.get()
    account = books.accounts["b-MOBILE"].number
    lines = client.get(reverse("reconciliation:book-differences", args=[comparison.pk, "611.2"]))
    both = client.get(reverse("reconciliation:book-account", args=[comparison.pk, account]))
    for page in (looked, done, compared, lines, both):
        assert page.status_code == 200
        assert bare_numbers(page.content.decode()) == []
    assert "5 differences are open" in compared.content.decode()
    assert [row.account_number for row in lines.context["page"].rows] == sorted(
        [account, books.accounts["d-MOBILE"].number]
    )
    assert [entry.source_type for entry in both.context["subject"].entries] == ["INVOICE", "PAYMENT"]
    assert both.context["subject"].closing_minor == -50000
    export = reverse("reconciliation:book-cases") + "?export=xlsx"
    assert len(open_book(client.get(export).getvalue()).worksheets) == 2


def test_wrong_file_names_every_line_and_field_and_keeps_nothing(person):
    books = make_books()
    client = person("ACCOUNTANT")
    wrong = [str(line) for line in books.said[:2]]
    text = HEAD + wrong[0].replace(";0.00;", ";1.00;", 1) + "999;1;0;0;0;0\n" + wrong[1]

    sent = SimpleUploadedFile("bad.csv", text.encode())
    fields = {"layout": "TABLE", "first_on": FIRST, "last_on": LAST, "ledger": sent}
    page = client.post(reverse("reconciliation:load-accounting-file"), fields)

    assert page.status_code == 422
    assert [(fault["line"], fault["field"]) for fault in page.context["faults"]] == [(2, "closing"), (3, "class")]
    assert bare_numbers(page.content.decode()) == []
    assert not AccountingFile.objects.exists()


def test_case_is_given_corrected_sent_back_corrected_and_confirmed_by_another(person):
    books = make_books()
    load(changed(books.said, "611.1", books.accounts["c-FIXED"]))
    compare()
    case = BookCase.objects.get()
    page = reverse("reconciliation:book-case", args=[case.pk])
    words = {"cause": "NOT_BOOKED", "correction": "Booked with entry 17.", "document": "17"}
    client = person("ACCOUNTANT")
    me = User.objects.get(username="ACCOUNTANT")

    client.post(f"{page}assign/", {"owner": me.pk})
    refused = client.post(f"{page}correct/", {**words, "correction": ""})
    client.post(f"{page}correct/", words)
    alone = client.post(f"{page}confirm/", follow=True)
    other = person("BILLING_SPECIALIST")
    other.post(f"{page}return/", {"reason": "Which entry?"})
    back = other.get(f"{page}correct/")
    client = person("ACCOUNTANT")
    client.post(f"{page}correct/", words)
    confirmed = person("BILLING_SPECIALIST").post(f"{page}confirm/", follow=True)

    case.refresh_from_db()
    assert (refused.status_code, back.context["form"].initial["document"]) == (422, "17")
    assert "Ask a second person" in alone.content.decode()
    assert (case.state, str(case.owner), str(case.confirmed_by)) == ("CONFIRMED", "ACCOUNTANT", "BILLING_SPECIALIST")
    assert bare_numbers(confirmed.content.decode()) == []


def test_workbook_ties_out_with_formulas(person):
    books = make_books()
    load(plant(books))
    comparison = compare().comparison

    sent = person("AUDITOR").get(reverse("reports:book-comparison-workbook", args=[comparison.pk]))

    book = open_book(sent.getvalue())
    rows = {book["Summary"][f"A{n}"].value: n for n in range(2, book["Summary"].max_row + 1)}
    assert len(rows) == 8
    for code, n in rows.items():
        assert [value_of(book, "Summary", f"{letter}{n}") for letter in "LM"] == [0, 0], code
        assert all(book["Summary"][f"{letter}{n}"].data_type == "f" for letter in "EFGHILM")
    assert value_of(book, "Summary", f"I{rows['523.2']}") == 50000
    assert [value_of(book, "Movements", f"M{n}") for n in (2, 3)] == [0, -50000]


def test_transfer_is_prepared_sent_and_downloaded(person, accountant):
    make_classes()
    cycle = make_cycle()
    make_bill_item(code="CALLS-MOBILE", kind="MOBILE")
    line = make_line(account=make_account(cycle=cycle), plan=make_plan(code="M", kind="MOBILE"))
    make_usage_total(line, amount_micro=1_000_000_000, item_code="CALLS-MOBILE")
    period = open_period(month=AT.replace(month=3).date(), actor=accountant)
    bill_cycle(cycle)
    made = prepare_revenue_transfer(period_id=period.pk, section="MOBILE", on=APRIL, prepared_at=AT, actor=accountant)
    page = reverse("reconciliation:revenue-transfer", args=[made.pk])
    client = person("BILLING_SPECIALIST")

    asked = client.get(f"{page}send/")
    shown = client.post(f"{page}send/", follow=True)
    first, again = (b"".join(client.get(f"{page}exchange/").streaming_content) for _ in range(2))
    table = client.get(f"{page}csv/").content.decode("utf-8-sig").splitlines()
    bills = client.get(f"{page}lines/1/")
    sheet = open_book(client.get(f"{page}?export=xlsx").getvalue()).worksheets[0]

    assert asked.status_code == 200
    assert first == again
    assert len(table) == 1 + made.lines.count() == len(first.splitlines())
    assert table[1].startswith("REV-2026-0001;2026-03;1;221.2;")
    assert sheet.max_row == made.lines.count() + 2
    for one in (shown, bills, client.get(reverse("reconciliation:revenue-transfers"))):
        assert bare_numbers(one.content.decode()) == []
    assert send_revenue_transfer(transfer_id=made.pk, sent_at=AT, actor=accountant).number == "REV-2026-0001"


def test_fields_of_the_file_for_1c_are_a_page_and_answers_of_accounting_are_noted(person, accountant, specialist):
    """000-04, screen 34: who keeps 1C reads every field with its type; a refusal stands with the set."""
    make_classes()
    make_bill_item(code="CALLS-MOBILE", kind="MOBILE")
    cycle = make_cycle()
    line = make_line(account=make_account(cycle=cycle), plan=make_plan(code="M", kind="MOBILE"))
    make_usage_total(line, amount_micro=1_000_000_000, item_code="CALLS-MOBILE")
    period = open_period(month=AT.replace(month=3).date(), actor=accountant)
    bill_cycle(cycle)
    made = prepare_revenue_transfer(period_id=period.pk, section="MOBILE", on=APRIL, prepared_at=AT, actor=accountant)
    send_revenue_transfer(transfer_id=made.pk, sent_at=AT.replace(month=2), actor=specialist)
    client = person("ACCOUNTANT")
    page = reverse("reconciliation:revenue-transfer", args=[made.pk])
    fields = client.get(reverse("reconciliation:revenue-exchange-fields"))

    assert [row.heading for row in fields.context["page"].rows] == list(HEADINGS)
    assert all(said in fields.content.decode() for said in ("Число(15,0)", "Строка(150)", "windows-1251"))
    assert bare_numbers(fields.content.decode()) == []
    refused = {"verdict": "REFUSED", "text": "There is no class 611.2.", "answered_on": clock.today()}
    shown = client.post(f"{page}answer/", refused, follow=True).content.decode()
    assert "There is no class 611.2." in shown
    assert bare_numbers(shown) == []
    assert client.post(f"{page}answer/", {**refused, "text": ""}).status_code == 422
    assert "Refused" in client.get(reverse("reconciliation:revenue-transfers")).content.decode()
    assert person("AUDITOR").get(f"{page}answer/").status_code == 403


def test_settings_are_listed_added_and_changed(person):
    client = person("ACCOUNTANT")
    urls = {
        name: reverse(f"reconciliation:{name}") for name in ("accounting-classes", "accounting-maps", "book-causes")
    }
    fields = {"code": "221.9", "title": "Owed", "measure": "RECEIVABLE", "kinds": ["FIXED"], "items": "A B"}
    headings = {"class": "Acc", "opening": "O", "debit": "D", "credit": "C", "closing": "Z"}
    layout = {"code": "MINE", "name_en": "Mine", "layout": "TABLE", "encoding": "cp1251", "delimiter": "TAB"}
    columns = {f"column_{name}": heading for name, heading in headings.items()}

    no_section = client.post(f"{urls['accounting-classes']}set/", fields)
    client.post(f"{urls['accounting-classes']}set/", {**fields, "section": "FIXED"})
    client.post(f"{urls['accounting-maps']}set/", {**layout, "decimal_mark": ",", **columns})
    client.post(f"{urls['book-causes']}set/", {"code": "TYPING", "name_en": "A slip", "position": "5"})

    assert no_section.status_code == 422
    held = AccountingClass.objects.get(code="221.9")
    assert sorted(held.sources.values_list("kind", "item")) == [("FIXED", "A"), ("FIXED", "B")]
    assert AccountingMap.objects.get(code="MINE").plan["delimiter"] == "\t"
    assert BookCause.objects.get(code="TYPING").is_active is False
    for name, code in (("accounting-classes", "221.9"), ("accounting-maps", "MINE"), ("book-causes", "TYPING")):
        assert code in client.get(urls[name]).content.decode()
        assert code in client.get(f"{urls[name]}set/?code={code}").content.decode()


@pytest.mark.parametrize(
    ("role", "sees", "acts"), [("ACCOUNTANT", 200, 200), ("AUDITOR", 200, 403), ("CLERK", 403, 403)]
)
def test_pages_are_for_whom_they_concern(person, role, sees, acts):
    client = person(role)
    seen = ("accounting-files", "accounting-classes", "book-comparisons", "book-cases", "revenue-transfers")
    done = ("load-accounting-file", "compare-books", "prepare-revenue-transfer", "set-accounting-class")

    assert {client.get(reverse(f"reconciliation:{name}")).status_code for name in seen} == {sees}
    assert {client.get(reverse(f"reconciliation:{name}")).status_code for name in done} == {acts}
