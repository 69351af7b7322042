"""Whose tills a person sees: a clerk his own, a supervisor those of the centre, the others all."""

from django.db.models import QuerySet
from django.http import Http404

from billing_site.identity.models import User
from billing_site.identity.roles import CENTRE_ROLES, Role
from payments.models import TillReceipt, TillSession
from payments.queries.till_receipts import till_receipts
from payments.queries.till_sessions import till_sessions


def centre_scope(person: User) -> int | None:
    """Return the only centre that a person sees; ``None``: all of them."""
    # Nobody's centre has the id 0: who should have one and has none sees nothing.
    return (person.centre_id or 0) if person.role in CENTRE_ROLES else None


def sessions_seen_by(person: User) -> QuerySet[TillSession]:
    """Return the sessions that a person may look at."""
    seen = till_sessions(centre_id=centre_scope(person))
    return seen.filter(clerk=person) if person.role == Role.CLERK else seen


def get_session_or_404(session_id: int, person: User) -> TillSession:
    """Return a session that a person may look at, or raise ``Http404``."""
    found = sessions_seen_by(person).filter(pk=session_id).first()
    if found is None:
        raise Http404
    return found


def get_receipt_or_404(receipt_id: int, person: User) -> TillReceipt:
    """Return a receipt of a till that a person may look at, or raise ``Http404``."""
    found = till_receipts(centre_id=centre_scope(person)).filter(pk=receipt_id).first()
    if found is None:
        raise Http404
    return found
