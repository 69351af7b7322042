"""One-off charges on screens: panel, list with workbook, entering, approving, withdrawing, sheets."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from invoicing.models import OneOffCharge
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.subscribers import make_cycle
from tests.factories.tariffs import make_bill_item
from tests.invoicing.operations.test_one_off_charges import add
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db


def page_of(client, name: str, *ids: int, **query: str) -> str:
    response = client.get(reverse(f"invoicing:{name}", args=ids), query)
    assert response.status_code == 200
    page: str = response.content.decode()
    assert_numbers_wrapped(page)
    return page


def test_clerk_enters_a_charge_from_the_card(client, clerk, ani):
    client.force_login(clerk)
    item = make_bill_item(code="VISITS")
    panel = page_of(client, "charges-panel", ani.account.pk)
    assert "No charge yet." in panel
    assert reverse("invoicing:add-charge", args=[ani.account.pk]) in panel
    assert "a second person approves the charge" in page_of(client, "add-charge", ani.account.pk)

    given = {
        "bill_item": item.pk, "kind": "VISIT", "line": ani.line.pk, "price": "1500.25", "quantity": "2",
        "charged_on": "2026-02-10", "note": "Came at ten",
    }  # fmt: skip
    answer = client.post(reverse("invoicing:add-charge", args=[ani.account.pk]), given)

    assert answer.status_code == 302
    charge = OneOffCharge.objects.get()
    assert (charge.price_micro, charge.quantity, charge.added_by) == (1_500_250_000, 2, clerk)
    assert "Came at ten" in page_of(client, "charges-panel", ani.account.pk)


def test_clerk_moves_a_line(client, clerk, ani):
    client.force_login(clerk)
    url = reverse("invoicing:relocate-subscription", args=[ani.account.pk])
    assert url in page_of(client, "charges-panel", ani.account.pk)
    page_of(client, "relocate-subscription", ani.account.pk)

    given = {"line": ani.line.pk, "address": "12 New Street", "moved_on": "2026-02-10", "fee": "2500"}
    answer = client.post(url, {**given, "bill_item": make_bill_item(code="VISITS").pk})

    assert answer.status_code == 302
    ani.line.refresh_from_db()
    assert (ani.line.address, OneOffCharge.objects.get().kind) == ("12 New Street", "RELOCATION")


def test_list_filters_and_exports(client, clerk, ani):
    client.force_login(clerk)
    add(ani.line, actor=clerk, note="first one")
    add(ani.line, actor=clerk, note="second one", charged_on=date(2026, 3, 3))
    run = bill_cycle(make_cycle())

    page = page_of(client, "charges", standing="BILLED", account=ani.account.number)

    assert "first one" in page
    assert "second one" not in page
    assert reverse("invoicing:invoice", args=[invoice_of(ani.line, run=run).pk]) in page
    assert "second one" in page_of(client, "charges", first="2026-03-01", kind="VISIT")
    workbook = client.get(reverse("invoicing:charges"), {"export": "xlsx"})
    assert b"".join(workbook.streaming_content)[:2] == b"PK"
    workbook.close()


def test_second_person_approves_and_the_first_may_withdraw(client, clerk, supervisor, ani, settings):
    settings.SALDO_CHARGE_LIMIT = Decimal(100)
    charge = add(ani.line, actor=clerk)
    approve, withdraw = (reverse(f"invoicing:{verb}-charge", args=[charge.pk]) for verb in ("approve", "withdraw"))
    client.force_login(clerk)
    assert approve not in page_of(client, "charge", charge.pk)
    assert client.post(approve).status_code == 403
    client.force_login(supervisor)
    assert approve in page_of(client, "charge", charge.pk)

    client.post(approve)
    charge.refresh_from_db()
    assert charge.state == "READY"
    client.post(withdraw, {"reason": "Typed twice"})
    charge.refresh_from_db()
    assert (charge.state, charge.withdrawn_for) == ("WITHDRAWN", "Typed twice")
    assert "Typed twice" in page_of(client, "charge", charge.pk)


def test_sheet_is_loaded_or_comes_back_with_its_cells(client, specialist, ani):
    client.force_login(specialist)
    make_bill_item(code="VISITS")
    head = "account,item,kind,amount,day,note\n"
    good = f"{ani.account.number},VISITS,VISIT,1500,2026-02-10,Came\n"
    url = reverse("invoicing:load-charges")

    answer = client.post(
        url, {"sheet": SimpleUploadedFile("a.csv", (head + good + "x,,VISIT,1,2026-02-10,n").encode())}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert_numbers_wrapped(page)
    assert "B3" in page
    assert not OneOffCharge.objects.exists()

    answer = client.post(url, {"sheet": SimpleUploadedFile("a.csv", (head + good).encode())})
    assert answer.status_code == 302
    assert OneOffCharge.objects.count() == 1


@pytest.mark.parametrize("name", ["charge", "approve-charge", "withdraw-charge", "charges-panel", "add-charge"])
def test_nothing_is_shown_of_what_does_not_exist(client, supervisor, name):
    client.force_login(supervisor)

    response = client.get(reverse(f"invoicing:{name}", args=[4711]))

    assert response.status_code == (200 if name == "approve-charge" else 404)


def test_stranger_is_kept_out(client, stranger, ani):
    client.force_login(stranger)

    for name in ("charges", "load-charges"):
        assert client.get(reverse(f"invoicing:{name}")).status_code == 403
    assert client.get(reverse("invoicing:add-charge", args=[ani.account.pk])).status_code == 403
