"""Everything of one subscriber's that an address of the own pages can name, taken from the router."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from billing_site.db.ranges import days_from
from billing_site.portal.models import PortalLogin
from billing_site.portal.operations.files import issue_certificate, order_own_call_list
from billing_site.portal.pay_links import sign_bill_link, sign_pay_link
from invoicing.models import Invoice, InvoiceLine
from rating.queries.call_lists import Criteria
from subscribers.models import FavouriteNumber
from tests.cast import Person
from tests.factories.credit_notes import credit
from tests.factories.disputes import dispute
from tests.factories.invoicing import pay, starter
from tests.factories.online import begin_online
from tests.factories.portal import AT

# For everybody, by their nature.
ANYBODYS = {
    "sign-in", "ask-for-code", "sign-in-by-code", "activate", "sign-out", "forgot-password", "new-password",
    "pay-link", "open-bill", "pay-bill", "online-payment", "go-to-provider", "prices",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """Ids; ``link``, tokens and ``reference`` stand in addresses that are for everybody."""

    invoice_id: int
    n: int
    account_id: int
    subscription_id: int
    list_id: int
    favourite_id: int
    certificate_id: int
    dispute_id: int
    credit_note_id: int
    link: str = "1.nothing"
    token: str = ""
    bill_token: str = ""
    reference: str = "nothing"


def own_patterns() -> Iterator[URLPattern]:
    """Give every address of the own pages."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.namespace == "my":
            yield from (one for one in resolver.url_patterns if isinstance(one, URLPattern))


def url_of(pattern: URLPattern, things: Things) -> str:
    """Return an address with the ids of these things."""
    words = {name: getattr(things, name) for name in pattern.pattern.converters}
    return reverse(f"my:{pattern.name}", kwargs=words)


def make_things(person: Person, bill: Invoice) -> Things:
    """Order a file, choose a favourite number, pay the bill, have that certified, dispute a line, get a part back."""
    login = PortalLogin.objects.get(subscriber_id=person.account.subscriber_id)
    days = Criteria(first=bill.period_from, last=bill.period_from)
    listed = order_own_call_list(
        login_id=login.pk,
        account_id=person.account.pk,
        subscription_id=person.line.pk,
        criteria=days,
        form="WORKBOOK",
        language="en",
        at=AT,
    )
    favourite = FavouriteNumber.objects.create(
        subscription=person.line, number="99910555123", during=days_from(bill.period_until)
    )
    pay(person.account, bill.gross_minor, on=AT.date())
    certificate = issue_certificate(
        login_id=login.pk, account_id=person.account.pk, language="en", at=AT, today=AT.date()
    )
    n = InvoiceLine.objects.filter(invoice_id=bill.pk).order_by("n")[0].n
    # What was disputed is not taken back by anything but the answer.
    note_id = credit(bill, {n: 1}, starter(), at=AT).pk
    return Things(
        invoice_id=bill.pk,
        n=n,
        account_id=person.account.pk,
        subscription_id=person.line.pk,
        list_id=listed.pk,
        favourite_id=favourite.pk,
        certificate_id=certificate.pk,
        dispute_id=dispute(bill, n, at=AT).pk,
        credit_note_id=note_id,
        token=sign_pay_link(account_id=person.account.pk),
        bill_token=sign_bill_link(invoice_id=bill.pk),
        reference=begin_online(person.account, 100).reference,
    )
