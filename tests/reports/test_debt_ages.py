"""How old debts are, night by night (screen 51): the same as account by account, and as the books."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.roles import Role
from payments.domain.ageing import Ageing
from payments.models import DebtAge, DebtNight
from payments.operations.daily_summaries import total_books
from payments.operations.debt_ages import AGE, add_debt_ages, start_debt_night
from payments.queries.debtors import debtors, sum_ageing
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre, make_staff
from tests.factories.invoicing import do_all
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account
from tests.reports.asking import ask, findings, rows_of
from tests.reports.recomputing import open_book

pytestmark = pytest.mark.django_db
BACKEND = "billing_site.identity.backends.RoleBackend"
DAY = date(2026, 3, 5)
# What accounts owe for bills by days after their due date, from bills and money used for them alone.
OWN_SUM = """
    SELECT sum(open), sum(open) FILTER (WHERE %(day)s - due_on > 90) FROM (
        SELECT i.due_on, i.gross_minor
            - coalesce((SELECT sum(a.amount_minor) FROM payments_allocation a WHERE a.invoice_id = i.id), 0) AS open
        FROM invoicing_invoice i WHERE i.state = 'POSTED'
    ) AS bills
"""


def count_night(day: date = DAY) -> DebtNight:
    night = start_debt_night(day=day, at=clock.now())
    do_all(AGE)
    night.refresh_from_db()
    return night


@pytest.fixture
def debts(centre):
    """Two halls: bills of every age, one partly paid after the books were added up; an account in credit."""
    account, far, rich = make_account(centre=centre), make_account(centre=make_centre(code="FAR")), make_account()
    for days, minor in ((91, 1200), (90, 700), (60, 400), (30, 300), (1, 200), (0, 50), (-5, 25)):
        make_debt(account, minor, due_on=DAY - timedelta(days=days))
    make_debt(far, 500, due_on=DAY - timedelta(days=400))
    total_books(at=clock.now(), settle_seconds=0)
    network = make_network()
    pay(account.number, "1100", network=network, txn_id="1", received_at=clock.now())
    pay(rich.number, "70", network=network, txn_id="2", received_at=clock.now())
    return account, far, rich


def test_night_is_what_the_accounts_owe_and_what_the_books_say(debts, centre):
    """By class, by hall, and again by own SQL; what came after the books' mark is in it."""
    night = count_night()
    count_night()
    found = {row[1]: row[2:] for row in rows_of("debt-ages", DAY, DAY)}
    with connection.cursor() as cursor:
        cursor.execute(OWN_SUM, {"day": DAY})
        owed, older = (int(minor) for minor in cursor.fetchone())

    assert (night.state, night.done_pieces, night.piece_count) == ("DONE", 1, 1)
    assert found["Hall HALL-1"][:7] == (1, 75, 500, 400, 700, 100, 1775)
    assert found["Hall FAR"] == (1, 0, 0, 0, 0, 500, 500, 0, 0, 500)
    assert sum(row[8] for row in found.values()) == 70
    assert (sum(row[6] for row in found.values()), sum(row[5] for row in found.values())) == (owed, older)
    whole = sum_ageing(debtors(on=DAY))
    rows = ask("debt-ages", DAY, DAY).rows
    sums = [sum(row[index] for row in rows) for index in range(3, 8)]
    assert Ageing(**dict(zip(Ageing.__slots__, sums, strict=True))) == whole
    (control,) = ask("debt-ages", DAY, DAY).controls
    assert (control.ours, control.is_agreed) == (whole.total_minor - 70, True)
    assert findings() == []


def test_report_is_of_the_last_finished_night(debts):
    """A later night that is not done shows nothing; a payment since then changes nothing; other years are empty."""
    count_night()
    before = rows_of("debt-ages", DAY, DAY)
    start_debt_night(day=DAY + timedelta(days=1), at=clock.now())
    pay(debts[1].number, "500", network=make_network(code="late"), txn_id="9", received_at=clock.now())

    assert rows_of("debt-ages", DAY, DAY + timedelta(days=9)) == before
    assert rows_of("debt-ages", DAY, DAY - timedelta(days=1)) == []
    do_all(AGE)
    later = rows_of("debt-ages", DAY, DAY + timedelta(days=9))
    assert {row[1]: row[8] for row in later}["Hall FAR"] == 0
    assert findings() == []


def test_counted_night_is_never_changed(debts):
    """Refused by the database, with nothing written; a piece done twice too."""
    night = count_night()
    kept = list(DebtAge.objects.values())
    ids = [account.pk for account in debts]

    with pytest.raises(IntegrityError, match="the night is counted"), transaction.atomic():
        add_debt_ages(night_id=night.pk, first_id=min(ids), last_id=max(ids), count=3)
    with pytest.raises(IntegrityError, match="the night is counted"), transaction.atomic():
        DebtAge.objects.update(older_minor=0)
    assert list(DebtAge.objects.values()) == kept


def test_dashboard_draws_the_ages_and_leads_to_the_accounts(client, debts, accountant, supervisor):
    """Screen 51: bars with a sentence, a table by department, as of when; a department sees its own; a workbook."""
    panel, report = (
        reverse("reports:dashboard-panel", args=["debt-ages"]),
        reverse("reports:report", args=["debt-ages"]),
    )
    client.force_login(accountant, backend=BACKEND)
    assert "counted up to this day" in client.get(panel).content.decode()
    count_night(clock.today())
    shown = client.get(panel)
    behind = client.get(shown.context["behind_url"])
    sheet = open_book(client.get(report, {"export": "xlsx"}).getvalue()).worksheets[0]
    hall = client.get(report).context["table"]
    far = next(row for row in hall.rows if row.cells[1].get("en") == "Hall FAR")

    page = shown.content.decode()
    assert 'class="plot"' in page
    assert "What came later is not in them." in page
    assert len(shown.context["picture"].rows) == len({row[0]["en"] for row in shown.context["answer"].rows})
    total = sum(row[8] for row in shown.context["answer"].rows)
    assert sum(row.ageing.total_minor for row in behind.context["page"].rows) == total
    assert [row.ageing.total_minor for row in client.get(hall.row_href(far)).context["page"].rows] == [500]
    assert sheet.cell(sheet.max_row, 9).value.startswith("=SUM(")
    client.force_login(supervisor, backend=BACKEND)
    own = client.get(panel)
    assert [row[1]["en"] for row in own.context["answer"].rows] == ["Hall HALL-1"]
    assert own.context["behind_url"] == ""
    client.force_login(make_staff(Role.CLERK), backend=BACKEND)
    assert client.get(panel).status_code == 403
