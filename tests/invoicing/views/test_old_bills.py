"""Screen 58, scenario 11: the bills of a run beside those of the old system."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given, strategies as st

from billing_site.identity.roles import Role
from invoicing.domain.named_sheets import NamedRow
from invoicing.domain.old_bills import read_old_bills
from invoicing.models import BillRun, Invoice, OldBill
from invoicing.operations.bill_run_control import cancel_bill_run
from invoicing.queries.old_bills import sum_old_bills
from tests.factories.identity import make_staff
from tests.factories.invoicing import calculate
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped


@given(st.dictionaries(st.from_regex(r"[1-9][0-9]{8}", fullmatch=True), st.integers(-(10**9), 10**9), min_size=1))
def test_sheet_says_every_amount_exactly(bills):
    rows: list[NamedRow] = [(1, ["account", "amount"], frozenset())]
    for n, (account, sum_) in enumerate(bills.items(), start=2):
        amount = f"{'-' * (sum_ < 0)}{abs(sum_) // 100}.{abs(sum_) % 100:02}"
        rows.append((n, [account, amount], frozenset()))

    assert read_old_bills(rows, digits=2) == bills


@pytest.fixture
def run(db) -> BillRun:
    for _ in range(3):
        make_line(account=make_account())
    return calculate(make_cycle())


def load(client: Client, run: BillRun, text: str):
    sheet = SimpleUploadedFile("old.csv", text.encode())
    return client.post(reverse("invoicing:load-old-bills", args=[run.pk]), {"sheet": sheet})


def test_bills_stand_beside_the_old_ones_and_what_differs_comes_first(run):
    client = Client()
    client.force_login(make_staff(Role.BILLING_SPECIALIST))
    numbers = [invoice.frozen["account"] for invoice in Invoice.objects.order_by("account_id")]
    done = load(client, run, f"account,amount\n{numbers[0]},1200\n{numbers[1]},1000\n999999999,-50\n")

    listed = reverse("invoicing:old-bills", args=[run.pk])
    assert done.headers["Location"] == listed
    sums = sum_old_bills(run_id=run.pk)
    assert (sums.compared_count, sums.different_count, sums.only_old_count, sums.only_new_count) == (4, 3, 1, 1)
    assert (sums.old_minor, sums.new_minor, sums.difference_minor) == (2150, 3600, 1450)
    page = client.get(listed).content.decode()
    assert page.index(numbers[2]) < page.index(numbers[1]) < page.index("999999999")
    assert numbers[0] not in page
    assert numbers[0] in client.get(listed, {"which": "ALL"}).content.decode()
    assert_numbers_wrapped(page)
    load(client, run, f"account,amount\n{numbers[0]},1200\n")
    assert OldBill.objects.filter(old_minor__isnull=False).count() == 1


def test_faulty_sheet_changes_nothing_and_names_its_cells(run):
    client = Client()
    client.force_login(make_staff(Role.BILLING_SPECIALIST))
    number = Invoice.objects.earliest("pk").frozen["account"]
    for text, cell in (
        (f"account,amount\n{number},12.345\n", "B2"),
        (f"account,amount\n{number},1\n{number},1\n", "A3"),
    ):
        refused = load(client, run, text)
        assert refused.status_code == 422
        assert cell in refused.content.decode()
    cancel_bill_run(run_id=run.pk, actor=None)
    assert load(client, run, f"account,amount\n{number},1\n").status_code == 422

    assert OldBill.objects.count() == 0
