"""What of the bank keeps an accounting period open: 001-03."""

from datetime import date

import pytest

from billing_site.identity.roles import Role
from billing_site.ledger.closing import get_closed_through
from invoicing.models import PeriodStep
from invoicing.operations.periods import PeriodHasOpenSteps, close_period, complete_period_step, open_period
from payments.operations.suspense import SuspensePart
from reconciliation.models import StatementLine
from reconciliation.operations.matches import match_line, park_line
from reconciliation.operations.statements import discard_statement
from subscribers.models import BillCycle
from tests.factories.banks import LOADED_AT, Move, load, make_bank, mt940
from tests.factories.identity import make_staff
from tests.factories.subscribers import make_account

pytestmark = pytest.mark.django_db
MONTH, NEXT = date(2026, 3, 1), date(2026, 4, 2)


def close(period, person):
    return close_period(period_id=period.pk, on=NEXT, at=LOADED_AT, actor=person)


def test_held_statement_and_lines_without_owner_keep_the_month_open(accountant, settings, tmp_path):
    """001-03: refused with a held statement, then with a line of nobody, put aside or not; then it closes."""
    settings.SALDO_FILES_ROOT = tmp_path
    make_bank()
    account = make_account()
    BillCycle.objects.update(open_from=date(2026, 4, 1))
    period = open_period(month=MONTH, actor=accountant)
    step = PeriodStep.objects.get(period=period, code="BANK_MATCHED")
    complete_period_step(step_id=step.pk, note="seen", at=LOADED_AT, actor=accountant)
    booked = load(mt940([Move(250, "thank you")]))
    held = load(mt940([Move(100, "thank you")], number=2, opening=250, closing=7))
    line = StatementLine.objects.get(statement=booked)

    with pytest.raises(PeriodHasOpenSteps, match=r"1 bank statements are held or not booked, 1 of their lines"):
        close(period, accountant)
    discard_statement(statement_id=held.pk, reason="Sent anew", at=LOADED_AT, actor=make_staff(Role.ACCOUNTANT))
    park_line(line_id=line.pk, note="Asked the bank", actor=accountant)
    with pytest.raises(PeriodHasOpenSteps, match=r"0 bank statements are held or not booked, 1 of their lines"):
        close(period, accountant)
    assert get_closed_through() < MONTH
    match_line(
        line_id=line.pk,
        parts=[SuspensePart(account_number=account.number, amount_minor=250)],
        at=LOADED_AT,
        actor=accountant,
    )

    assert close(period, accountant).is_closed
