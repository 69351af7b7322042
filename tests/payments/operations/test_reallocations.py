"""A payment is used for other bills than it paid: screen 29."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.ledger.balances import balance_of
from payments.models import Allocation, PaymentReallocation
from payments.operations.reallocations import PaymentNotToBeMoved, ReallocationUnsound, reallocate_payment
from payments.operations.reversals import reverse_payment
from payments.queries.payments import advance_of, allocations_of, debts_of_account
from tests.factories.dunning import make_debt
from tests.factories.payments import DAY, MORNING, make_network, pay
from tests.factories.subscribers import make_account
from tests.payments.operations.test_reversals import findings
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def bills(account):
    """900 of the older one, 500 of the younger one."""
    return [make_debt(account, minor, due_on=DAY + timedelta(days=n)).pk for n, minor in ((1, 900), (30, 500))]


@pytest.fixture
def paid(account, bills):
    """700, used for the older bill."""
    return pay(account.number, "700", network=make_network(), txn_id="1").payment_id


def used(payment_id):
    return [(one.invoice_id, one.amount_minor) for one in allocations_of(payment_id)]


def move(paid, bills, actor, *, reason="He meant the other bill"):
    return reallocate_payment(payment_id=paid, invoice_ids=bills, reason=reason, at=MORNING, actor=actor)


def test_payment_pays_the_chosen_bill_first_and_the_rest_goes_to_the_oldest(account, bills, paid, accountant):
    assert used(paid) == [(bills[0], 700)]

    move(paid, [bills[1]], accountant)

    assert sorted(used(paid)) == [(bills[0], 200), (bills[1], 500)]
    assert [(debt.invoice_id, debt.amount_minor) for debt in debts_of_account(account.pk).payable] == [(bills[0], 700)]
    assert (advance_of(account.pk), balance_of(account.ledger_account_id)) == (0, 700)
    entry = AuditEntry.objects.get(action="payments.reallocate_payment")
    assert (entry.changes["before"], entry.actor) == ({str(bills[0]): "700"}, accountant)
    assert findings() == []
    reverse_payment(payment_id=paid, kind="CANCELLED", reason="Not his", reversed_at=MORNING)
    assert (used(paid), debts_of_account(account.pk).payable_minor, findings()) == ([], 1400, [])
    with pytest.raises(PaymentNotToBeMoved):
        move(paid, bills, accountant)


def test_move_that_is_not_sound_changes_nothing(account, bills, paid, accountant):
    foreign = make_debt(make_account(), 10, due_on=DAY).pk
    for chosen, reason in (([], "x"), ([bills[1]], " "), ([foreign], "x")):
        with pytest.raises(ReallocationUnsound):
            move(paid, chosen, accountant, reason=reason)
    assert (used(paid), PaymentReallocation.objects.count()) == ([(bills[0], 700)], 0)
    # The wall: nothing of a payment that stands is taken back unless somebody wrote why.
    with pytest.raises(DatabaseError), transaction.atomic():
        Allocation.objects.create(payment_id=paid, invoice_id=bills[0], amount_minor=-1)


def test_accountant_moves_a_payment_on_its_page_and_a_clerk_does_not(bills, paid, accountant, clerk, client):
    page, form = (reverse(f"payments:{name}", args=[paid]) for name in ("payment", "reallocate-payment"))
    client.force_login(accountant, backend="billing_site.identity.backends.RoleBackend")
    assert form in client.get(page).content.decode()
    shown = client.get(form)
    assert [pk for pk, _ in shown.context["form"].fields["bills"].choices] == bills
    assert bare_numbers(shown.content.decode()) == []
    assert client.post(form, {"bills": [], "reason": "x"}).status_code == 422

    client.post(form, {"bills": [bills[1]], "reason": "He meant this one"})

    assert sorted(used(paid)) == [(bills[0], 200), (bills[1], 500)]
    client.force_login(clerk, backend="billing_site.identity.backends.RoleBackend")
    assert client.get(form).status_code == 403
