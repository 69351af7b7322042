"""Money that moves at a till without a receipt: deposits and refunds count in its open session."""

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import transaction_required
from billing_site.ledger.models import LedgerAccount
from payments.models import TillMove, TillSession


class TillWithoutSession(BillingError):
    """Nobody answers for its drawer."""

    default_message = gettext_noop("Till %(till)s has no open session: open one there first. Nothing was moved.")
    default_code = "TILL_WITHOUT_SESSION"


@transaction_required
def lock_session_of(*, clearing_account_id: int) -> tuple[TillSession, str] | None:
    """
    Return the open session of the till that an account of the books belongs to, locked, and the method; ``None`` where
    the account is no till's.

    :raises TillWithoutSession: if the till has no open session
    """
    code = LedgerAccount.objects.values_list("code", flat=True).get(pk=clearing_account_id)
    kind, _, rest = code.partition(":")
    if kind != "TILL":
        return None
    till, _, method = rest.rpartition(":")
    open_ones = TillSession.objects.select_for_update(of=("self",), no_key=True)
    session = open_ones.filter(till__code=till, state=TillSession.State.OPEN).first()
    if session is None:
        raise TillWithoutSession(context={"till": till})
    return session, method


@transaction_required
def count_in_session(held: tuple[TillSession, str] | None, *, amount_minor: int, entry_id: int) -> None:
    """
    Have a session count what an entry moved.

    :param held: what ``lock_session_of`` returned before anything was written
    :param amount_minor: minor units, below zero where money left the till
    """
    if held is not None:
        session, method = held
        TillMove.objects.create(session=session, method=method, amount_minor=amount_minor, entry_id=entry_id)
