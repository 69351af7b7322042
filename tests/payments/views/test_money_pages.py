"""The pages of refunds, deposits, instalment plans and commission, from the account's card to the money out."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.ledger.balances import balance_of
from payments.models import CommissionRate, Deposit, InstalmentPlan, Refund
from payments.operations.commissions import set_commission_rate
from tests.factories.dunning import make_debt
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
IBAN = "AM12 3456 7890 4321"


@pytest.fixture
def signed(client):
    def sign_in(user):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def network():
    return make_network()


def shown(client, name, *args, **query):
    """Open a page, prove that it is whole, and return its answer."""
    response = client.get(reverse(f"payments:{name}", args=args), query)
    assert response.status_code == 200
    assert bare_numbers(response.content.decode()) == []
    return response


def post(client, page, *args, **values):
    return client.post(reverse(f"payments:{page}", args=args), values)


def test_refund_goes_from_the_card_to_the_bank_and_its_account_shows_four_digits(
    signed, account, network, clerk, accountant
):
    """004-26: the whole bank account is seen by who pays, and by nobody else."""
    pay(account.number, "100", network=network, txn_id="1")
    client = signed(clerk)
    assert "Ask for money back" in shown(client, "money-panel", account.pk).content.decode()
    wish = {"amount": "60", "way": "BANK", "payee": "Ani", "reason": "Left us"}
    assert post(client, "request-refund", account.pk, **wish, bank_account="").status_code == 422
    assert post(client, "request-refund", account.pk, **{**wish, "amount": "101"}, bank_account=IBAN).status_code == 422
    post(client, "request-refund", account.pk, **wish, bank_account=IBAN)
    refund = Refund.objects.get()
    assert "A second person decides" in shown(client, "refund", refund.pk).content.decode()
    assert client.get(reverse("payments:approve-refund", args=[refund.pk])).status_code == 403

    client = signed(accountant)
    post(client, "approve-refund", refund.pk)
    assert "AM12345678904321" in shown(client, "pay-refund", refund.pk).content.decode()
    post(client, "pay-refund", refund.pk, clearing=network.clearing_account_id)

    refund.refresh_from_db()
    assert (refund.state, balance_of(account.ledger_account_id)) == ("PAID", -40)
    pages = [shown(client, *where).content.decode() for where in (("refund", refund.pk), ("refunds",))]
    pages.append(shown(client, "money-panel", account.pk).content.decode())
    assert all("4321" in page and "34567890" not in page for page in pages)
    book = open_book(client.get(reverse("payments:refunds"), {"export": "xlsx"}).getvalue())
    assert [cell.value for cell in book.worksheets[0][2]][3:6] == [60, "To a bank account", "…4321"]
    acts = AuditEntry.objects.filter(subject_id=str(refund.pk), action__contains="refund")
    assert not any("34567890" in str(act.changes) for act in acts)
    assert shown(client, "refunds", state="REQUESTED").context["page"].rows == ()


def test_deposit_is_taken_pays_a_debt_and_goes_back(signed, account, network, clerk):
    client = signed(clerk)
    wish = {"amount": "500", "key": "receipt 7", "reason": "Telephone"}
    post(client, "take-deposit", account.pk, **wish, clearing=network.clearing_account_id)
    deposit = Deposit.objects.get()
    make_debt(account, 200, due_on=clock.today())
    assert shown(client, "use-deposit", deposit.pk).context["form"].initial == {"amount": "200"}
    assert post(client, "use-deposit", deposit.pk, amount="201").status_code == 422
    post(client, "use-deposit", deposit.pk, amount="200")
    post(client, "return-deposit", deposit.pk, amount="300", way="CASH", payee="Ani", reason="Gone")

    page = shown(client, "deposit", deposit.pk)
    assert (page.context["subject"].left_minor, page.context["free_minor"]) == (300, 0)
    assert Refund.objects.get().deposit == deposit
    (row,) = shown(client, "deposits").context["page"].rows
    assert (row.used_minor, row.left_minor) == (200, 300)


def test_plan_is_agreed_shown_and_called_off_by_the_supervisor(signed, account, clerk, supervisor):
    bills = [make_debt(account, minor, due_on=clock.today() - timedelta(days=9)).pk for minor in (900,)]
    client = signed(clerk)
    form = shown(client, "agree-instalment-plan", account.pk)
    assert [value for value, _label in form.context["form"].fields["bills"].choices] == bills
    wish = {"bills": bills, "count": "3", "agreed_with": "Ani"}
    assert post(client, "agree-instalment-plan", account.pk, **wish, first_due_on="2020-01-01").status_code == 422
    post(client, "agree-instalment-plan", account.pk, **wish, first_due_on=clock.today().isoformat())
    plan = InstalmentPlan.objects.get()

    page = shown(client, "instalment-plan", plan.pk)
    assert (page.context["may_end"], page.context["next"].amount_minor) == (False, 300)
    post(signed(supervisor), "end-instalment-plan", plan.pk)

    assert [row.state for row in shown(client, "instalment-plans").context["page"].rows] == ["ENDED"]


def test_commission_is_listed_by_month_and_is_a_workbook(signed, account, network, accountant):
    """001-20."""
    client = signed(accountant)
    set_commission_rate(
        agent_id=network.clearing_account_id,
        name="EasyPay",
        percent=Decimal(3),
        valid_from=clock.today().replace(day=1),
        actor=accountant,
    )
    pay(account.number, "1000", network=network, txn_id="1", received_at=clock.now())

    (row,) = shown(client, "commissions").context["page"].rows
    assert (row.received_minor, row.commission_minor) == (1000, 30)
    sheet = open_book(client.get(reverse("payments:commissions"), {"export": "xlsx"}).getvalue()).worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["EasyPay", 1, 1000, 0, 1000, "3", 30]
    assert [cell.value for cell in sheet[3]][6] == "=SUM(G2:G2)"
    rate = CommissionRate.objects.get()
    assert shown(client, "commission-rates").context["page"].rows == (rate,)
    first_on = clock.today().replace(day=1).isoformat()
    wish = {"agent": network.clearing_account_id, "name": "EasyPay", "percent": "2.5"}
    assert post(client, "set-commission-rate", **wish, valid_from=first_on).status_code == 422
    tomorrow = clock.today() + timedelta(days=1)
    post(client, "set-commission-rate", **wish, valid_from=tomorrow.isoformat())
    post(client, "end-commission-rate", CommissionRate.objects.latest("id").pk, last_on=tomorrow.isoformat())
    assert list(CommissionRate.objects.order_by("id").values_list("percent", flat=True)) == [3, Decimal("2.500")]
    assert CommissionRate.objects.latest("id").during.upper == tomorrow + timedelta(days=1)
