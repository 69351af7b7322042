"""001-18: what comes after the final bill is listed with its account, whoever has the number now."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from invoicing.models import HeldUsageDecision
from invoicing.operations.final_bills import make_final_bill
from invoicing.queries.held_usage import held_usage
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total, nets_of
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped

TODAY, LATER = date(2026, 3, 10), date(2026, 3, 30)
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def held(db, clerk):
    """A line that had its final bill on 10 March, and calls of 90 that came afterwards."""
    line = make_line(account=make_account(name="Петров Пётр"))
    bill_cycle(make_cycle())
    make_final_bill(account_id=line.account_id, on=TODAY, due_on=LATER, actor=clerk)
    make_usage_total(line, amount_micro=90_000_000, bill_period=APRIL)
    return line


def test_held_usage_is_listed_with_money_and_age(client, specialist, held):
    client.force_login(specialist)

    with time_machine.travel(LATER, tick=False):
        page = client.get(reverse("invoicing:held-usage")).content.decode()

    assert "Петров Пётр" in page
    assert "90.00" in page
    assert [row.age_days for row in held_usage(today=LATER)] == [19]
    assert_numbers_wrapped(page)


def test_held_usage_of_another_account_is_not_listed(client, specialist, held):
    client.force_login(specialist)

    page = client.get(reverse("invoicing:held-usage"), {"account": "123456789"}).content.decode()

    assert "Петров Пётр" not in page


def test_held_usage_is_never_on_the_bill_of_anybody(held):
    """The next runs bill others and leave it where it is."""
    other = make_line(account=make_account())
    cycle = make_cycle()
    for month in (APRIL, MAY):
        run = bill_cycle(cycle, issued_on=month, due_on=month.replace(day=21))
        assert {kind for kind, _net in nets_of(invoice_of(other, run=run))} == {"RECURRING"}

    assert [(row.subscription_id, row.amount_micro) for row in held_usage(today=LATER)] == [(held.pk, 90_000_000)]


def test_held_usage_is_closed_to_a_stranger(client, stranger, held):
    client.force_login(stranger)

    assert client.get(reverse("invoicing:held-usage")).status_code == 403


def test_specialist_bills_what_is_held_from_its_row(client, specialist, held):
    client.force_login(specialist)
    listed = client.get(reverse("invoicing:held-usage")).content.decode()
    address = reverse("invoicing:account-held-usage", args=[held.account_id])
    act = reverse("invoicing:bill-held-usage", args=[held.account_id])

    assert address in listed
    page = client.get(address).content.decode()
    asked = client.get(act).content.decode()
    assert act in page
    assert "90.00" in asked
    assert_numbers_wrapped(page)
    assert_numbers_wrapped(asked)
    with time_machine.travel(LATER, tick=False):
        bill = client.post(act)["Location"]
    assert HeldUsageDecision.objects.get().kind == "BILL"
    assert client.get(bill).status_code == 200
    assert act not in client.get(address).content.decode()


def test_specialist_proposes_and_approver_writes_off(client, specialist, approver, held):
    client.force_login(specialist)
    act = reverse("invoicing:propose-held-write-off", args=[held.account_id])
    assert client.get(act).status_code == 200
    assert client.post(act, {"reason": ""}).status_code == 422
    assert not HeldUsageDecision.objects.exists()
    address = client.post(act, {"reason": "Слишком мало"})["Location"]
    decision = HeldUsageDecision.objects.get()
    approve = reverse("invoicing:approve-held-write-off", args=[decision.pk])
    assert approve not in client.get(address).content.decode()
    assert client.post(approve).status_code == 403

    client.force_login(approver)
    listed = client.get(reverse("invoicing:held-decisions"), {"state": "PROPOSED"}).content.decode()
    page = client.get(address).content.decode()
    assert "Слишком мало" in listed
    assert approve in page
    assert "90.00" in client.get(approve).content.decode()
    assert_numbers_wrapped(listed)
    assert_numbers_wrapped(page)
    client.post(approve)

    decision.refresh_from_db()
    assert decision.state == "DONE"
    assert held_usage(today=LATER) == ()
    assert "Слишком мало" in client.get(address).content.decode()


def test_approver_declines(client, specialist, approver, held):
    client.force_login(specialist)
    client.post(reverse("invoicing:propose-held-write-off", args=[held.account_id]), {"reason": "Մանր"})
    decision = HeldUsageDecision.objects.get()
    client.force_login(approver)
    act = reverse("invoicing:decline-held-write-off", args=[decision.pk])

    assert client.get(act).status_code == 200
    client.post(act)

    decision.refresh_from_db()
    assert decision.state == "DECLINED"
    assert len(held_usage(today=LATER)) == 1


def test_decisions_are_a_workbook_too(client, specialist, held):
    client.force_login(specialist)

    response = client.get(reverse("invoicing:held-decisions"), {"export": "xlsx"})

    assert b"".join(response.streaming_content).startswith(b"PK")


def test_decisions_are_closed_to_those_without_the_right(client, approver, stranger, held):
    client.force_login(approver)
    for name in ("bill-held-usage", "propose-held-write-off"):
        assert client.post(reverse(f"invoicing:{name}", args=[held.account_id]), {"reason": "x"}).status_code == 403
    client.force_login(stranger)
    assert client.get(reverse("invoicing:account-held-usage", args=[held.account_id])).status_code == 403
    assert client.get(reverse("invoicing:held-decisions")).status_code == 403
    assert not HeldUsageDecision.objects.exists()
