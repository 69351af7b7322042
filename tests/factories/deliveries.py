"""A run whose bills are handed out on their ways."""

from datetime import UTC, datetime

from billing_site.identity.models import ServiceCentre
from invoicing.models import BillDelivery, BillRun
from subscribers.models import Account
from tests.factories.invoicing import bill_cycle, do_all
from tests.factories.subscribers import make_account, make_cycle, make_line

AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
DELIVER = ("invoicing.deliver_bill_run", "invoicing.write_deliveries", "invoicing.render_invoices")
PRINT = ("invoicing.make_print_part", "invoicing.join_print_batch")


def make_payer(
    *, email: str = "", post_code: str = "", route: str = "", centre: ServiceCentre | None = None
) -> Account:
    """An account with a line, so that it gets a bill."""
    account = make_account(email=email, centre=centre)
    Account.objects.filter(pk=account.pk).update(post_code=post_code, route=route)
    make_line(account=account)
    return account


def deliver() -> BillRun:
    """Bill every account, and hand the bills out."""
    run = bill_cycle(make_cycle())
    hand_out()
    run.refresh_from_db()
    return run


def hand_out() -> None:
    for kind in DELIVER:
        do_all(kind)


def make_files() -> None:
    for kind in PRINT:
        do_all(kind)


def ways_of(account: Account) -> list[tuple[str, str]]:
    rows = BillDelivery.objects.filter(account_id=account.pk).order_by("pk")
    return list(rows.values_list("channel", "state"))


def mail_of(account: Account) -> BillDelivery:
    return BillDelivery.objects.filter(account_id=account.pk, channel="E_MAIL").latest("pk")
