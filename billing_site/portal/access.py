"""
The one way from an address to a thing: through the accounts of whoever is signed in.

What is not his is not there: every function raises ``Http404``, whether the id is a neighbour's or nobody's.
"""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

from billing_site.portal.models import NoDebtCertificate, PortalCallList, PortalLogin
from invoicing.models import CreditNote, Dispute, Invoice
from invoicing.queries.invoices import bills_that_were_posted
from subscribers.models import Account, FavouriteNumber, Subscription

M = TypeVar("M", bound=Model)


def own_accounts(login: PortalLogin) -> QuerySet[Account]:
    """Return the accounts of a login's subscriber, in order."""
    return (
        Account.objects.filter(subscriber_id=login.subscriber_id).select_related("subscriber", "cycle").order_by("pk")
    )


def own_account(login: PortalLogin, account_id: int) -> Account:
    """
    Return one of them.

    :raises Http404: if it is not his
    """
    return _one(own_accounts(login), pk=account_id)


def own_invoices(login: PortalLogin) -> QuerySet[Invoice]:
    """Return the bills of a login's accounts, taken back or not, the latest first: a draft is not yet a bill."""
    return bills_that_were_posted(own_accounts(login).values_list("pk", flat=True)).order_by("-issued_on", "-pk")


def own_invoice(login: PortalLogin, invoice_id: int) -> Invoice:
    """
    Return one of them.

    :raises Http404: if it is not his, or not posted
    """
    return _one(own_invoices(login), pk=invoice_id)


def own_dispute(login: PortalLogin, dispute_id: int) -> Dispute:
    """
    Return a dispute of a bill of one of his accounts, whoever wrote it down.

    :raises Http404: if it is not his
    """
    return _one(Dispute.objects.filter(account__in=own_accounts(login)), pk=dispute_id)


def own_credit_note(login: PortalLogin, credit_note_id: int) -> CreditNote:
    """
    Return a credit note of a bill of one of his accounts.

    :raises Http404: if it is not his, or not posted
    """
    posted = CreditNote.objects.filter(account_id__in=own_accounts(login).values("pk"), state=CreditNote.State.POSTED)
    return _one(posted, pk=credit_note_id)


def own_lines(login: PortalLogin) -> QuerySet[Subscription]:
    """Return the lines of a login's accounts, in order."""
    return (
        Subscription.objects.filter(account__in=own_accounts(login))
        .select_related("account__cycle", "account__subscriber")
        .order_by("pk")
    )


def own_line(login: PortalLogin, subscription_id: int) -> Subscription:
    """
    Return one of them.

    :raises Http404: if it is not his
    """
    return _one(own_lines(login), pk=subscription_id)


def own_favourite(login: PortalLogin, favourite_id: int) -> FavouriteNumber:
    """
    Return a favourite number of one of his lines.

    :raises Http404: if it is not his
    """
    return _one(FavouriteNumber.objects.filter(subscription__in=own_lines(login)), pk=favourite_id)


def own_call_lists(login: PortalLogin) -> QuerySet[PortalCallList]:
    """Return the files that a login ordered, of accounts that are still his, the latest first."""
    found = PortalCallList.objects.filter(login=login, order__account__in=own_accounts(login))
    return found.select_related("order__account", "order__job", "order__content").order_by("-pk")


def own_call_list(login: PortalLogin, list_id: int) -> PortalCallList:
    """
    Return one of them.

    :raises Http404: if it is not his
    """
    return _one(own_call_lists(login), pk=list_id)


def own_certificate(login: PortalLogin, certificate_id: int) -> NoDebtCertificate:
    """
    Return a certificate of one of his accounts.

    :raises Http404: if it is not his
    """
    return _one(NoDebtCertificate.objects.filter(account__in=own_accounts(login)), pk=certificate_id)


def _one(found: QuerySet[M], **ids: Any) -> M:
    row = found.filter(**ids).first()
    if row is None:
        raise Http404
    return row
