"""What a subscriber has made for himself: lists of calls as files, certificates that he owes nothing."""

from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.transactions import durable
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from billing_site.portal.models import NoDebtCertificate, PortalCallList, PortalLogin
from billing_site.portal.operations.tries import check_tries, file_limits
from rating.models import CallListOrder
from rating.operations.call_list_orders import download_call_list, order_call_list
from rating.queries.call_lists import Criteria
from subscribers.models import Account

# An order is somebody's: this row stands for every subscriber and signs in nowhere. The journal names the subscriber.
STAND_IN = "own-pages"
STAND_IN_NAME = "Own pages of subscribers"


class AccountOwes(BillingError):
    """The paper would not be true."""

    default_message = gettext_noop(
        "Account %(account)s owes %(amount)s %(currency)s: there is no certificate until it is paid."
    )
    default_code = "ACCOUNT_OWES"


def order_own_call_list(
    *,
    login_id: int,
    account_id: int,
    subscription_id: int | None,
    criteria: Criteria,
    form: str,
    language: str,
    at: datetime,
) -> PortalCallList:
    """
    Ask for a list of calls as a file, with masked numbers; a worker makes it.

    :param form: one of ``CallListOrder.Form``
    :raises TriedTooOften: beyond the limits of ``tries``
    :raises CallListPeriodUnsound: for an empty or a very long period
    """
    check_tries(limits=file_limits(login_id=login_id), at=at)
    order = order_call_list(
        account_id=account_id,
        subscription_id=subscription_id,
        criteria=criteria,
        form=form,
        delivery=CallListOrder.Delivery.DOWNLOAD,
        language=language,
        actor=_stand_in(),
    )
    return _keep(login_id=login_id, order=order)


def download_own_call_list(*, order_id: int) -> CallListOrder:
    """
    Let a subscriber take a file of his; each time is written down.

    :raises CallListNotMade: while it is not there
    """
    return download_call_list(order_id=order_id, actor=_stand_in())


@durable
def issue_certificate(*, login_id: int, account_id: int, language: str, at: datetime, today: date) -> NoDebtCertificate:
    """
    Issue a paper that an account owes nothing from its bills today, with the next number of the year.

    :raises AccountOwes: if it does
    """
    account = Account.objects.select_for_update(of=("self",)).select_related("subscriber").get(pk=account_id)
    balance = balance_of(account.ledger_account_id)
    if balance > 0:
        owed = minor_to_decimal(balance, digits=currency_digits(account.currency))
        raise AccountOwes(context={"account": account.number, "amount": owed, "currency": account.currency})
    series = f"NDC-{today.year}"
    (number,) = take_numbers(series=series, prefix=f"{series}-", count=1)
    certificate = NoDebtCertificate.objects.create(
        number=number,
        account=account,
        login_id=login_id,
        issued_at=at,
        issued_on=today,
        language=language,
        name=account.subscriber.name,
        address=account.address,
        balance_minor=balance,
        currency=account.currency,
    )
    record("portal.issue_certificate", actor=None, subject=account, changes={"number": number})
    return certificate


@durable
def record_access(*, action: str, login_id: int, what: str) -> None:
    """
    Write into the journal that a subscriber looked at calls or took a paper.

    :param action: a word of the journal, as ``portal.bill_pdf``
    """
    login = PortalLogin.objects.get(pk=login_id)
    record(action, actor=None, subject=login, changes={"what": what})


@durable
def _keep(*, login_id: int, order: CallListOrder) -> PortalCallList:
    return PortalCallList.objects.create(login_id=login_id, order=order)


def _stand_in() -> User:
    found = User.objects.filter(username=STAND_IN).first()
    return found or _make_stand_in()


@durable
def _make_stand_in() -> User:
    fields = {"full_name": STAND_IN_NAME, "role": Role.TECHNICIAN, "is_active": False, "password": "!"}
    return User.objects.get_or_create(username=STAND_IN, defaults=fields)[0]
