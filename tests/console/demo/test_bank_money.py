"""000-12, P-16: of the demo's statement at least 95 of 100 receipts find their owner without anybody."""

import pytest

from billing_site.console.demo.bank_money import Payer, planned_files
from billing_site.console.demo.scale import TODAY, moment
from reconciliation.models import Statement
from reconciliation.operations.bank_accounts import add_bank_account
from reconciliation.operations.statements import load_statement
from reconciliation.queries.statements import statement_sums
from tests.factories.banks import bill
from tests.factories.payments import make_account

pytestmark = pytest.mark.django_db
LANGUAGES = ("hy", "ru", "zh-hans", "ar", "en")


def test_demo_statement_is_matched_to_95_percent(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    payers = []
    for n in range(30):
        account = make_account()
        owed = bill(account, 5_000 + 37 * n)
        payers.append(
            Payer(
                account_number=account.number,
                name=f"Name {n}",
                language=LANGUAGES[n % 5],
                bill_number=str(owed.number),
                open_minor=owed.gross_minor,
            )
        )
    add_bank_account(code="MAIN", name="Main", bank_name="First", number="1930012345670001", format="MT940")

    for name, content in planned_files(payers).items():
        load_statement(bank_code="MAIN", name=name, content=content.encode(), loaded_at=moment(TODAY, 9))

    found = [statement_sums(one.pk) for one in Statement.objects.filter(state="BOOKED")]
    receipts = sum(one.receipt_count for one in found)
    assert receipts == 31
    assert sum(one.matched_count for one in found) * 100 >= 95 * receipts
    assert sum(one.left_count for one in found) == 1
    assert [one.difference_minor for one in found] == [0, 0]
    assert list(Statement.objects.order_by("pk").values_list("state", flat=True)) == ["BOOKED", "BOOKED", "HELD"]
