"""One form sent many times at once, with real threads and real commits: one receipt, one answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from billing_site.core import clock
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from payments.models import Payment, TillReceipt
from payments.queries.invariants import INVARIANTS
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import make_account
from tests.factories.tills import make_till, open_till

SENDERS, FORMS = 8, 3


@pytest.mark.usefixtures("fresh_database")
def test_same_forms_at_once_take_money_once_and_number_without_gaps():
    """001-06; reliability 3f.1, 2e 34: double clicks and retries of three forms, all at the same moment."""
    centre = make_centre(code="HALL-1")
    clerk = make_staff(Role.CLERK, username="clerk", centre=centre)
    till = make_till(centre, actor=make_staff(Role.BILLING_SPECIALIST), code="T1")
    session = open_till(till, clerk, at=clock.now())
    account = make_account(centre=centre)
    make_debt(account, 100, due_on=date(2026, 2, 1))
    forms = [
        {"account": account.number, "session": session.pk, "form_key": str(uuid4()), "amount_1": str(n * 10)}
        for n in range(1, FORMS + 1)
    ]
    gate = threading.Barrier(SENDERS * FORMS)

    def send(form):
        try:
            client = Client()
            client.force_login(clerk, backend="billing_site.identity.backends.RoleBackend")
            gate.wait(timeout=60)
            return client.post("/payments/till/", form)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=SENDERS * FORMS) as pool:
        answers = list(pool.map(send, forms * SENDERS))

    assert [len(set(answers[n::FORMS])) for n in range(FORMS)] == [1] * FORMS
    assert list(TillReceipt.objects.order_by("serial").values_list("serial", flat=True)) == [1, 2, 3]
    assert (Payment.objects.count(), balance_of(account.ledger_account_id)) == (FORMS, 40)
    assert [finding for invariant in INVARIANTS for finding in invariant.findings()] == []
