"""Sessions of tills: opened with a float, counted blind, closed with a Z report; cash goes to the bank afterwards."""

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from payments.models import CashHandOver, Method, Till, TillCount, TillSession
from payments.operations.tills import IN_TRANSIT, OVER_AND_SHORT, clearing_accounts
from payments.queries.till_sessions import cash_left_of, expected_of_session

TILL_DIFFERENCE = "TILL_DIFFERENCE"
CASH_HAND_OVER = "CASH_HAND_OVER"


class TillNotOfCentre(BillingError):
    """The till is in another centre, or out of use."""

    default_message = gettext_noop("Till %(till)s is not a till of your centre that is in use.")
    default_code = "TILL_NOT_OF_CENTRE"


class TillSessionAlreadyOpen(BillingError):
    """The till or the clerk has an open session."""

    default_message = gettext_noop(
        "%(clerk)s has the session open on till %(till)s since %(day)s. It must be counted and closed first."
    )
    default_code = "TILL_SESSION_ALREADY_OPEN"


class TillSessionNotOpen(BillingError):
    """The session was counted already."""

    default_message = gettext_noop("This session was counted; it takes no more money. Open a new one.")
    default_code = "TILL_SESSION_NOT_OPEN"


class NotOwnTillSession(BillingError):
    """Somebody else's session."""

    default_message = gettext_noop("This is the session of %(clerk)s.")
    default_code = "NOT_OWN_TILL_SESSION"


class ReasonMissing(BillingError):
    """Nobody said why."""

    default_message = gettext_noop("Say why.")
    default_code = "REASON_MISSING"


class TillSessionNotCounted(BillingError):
    """There is no difference that waits for a signature."""

    default_message = gettext_noop("This session has no difference that waits for a signature.")
    default_code = "TILL_SESSION_NOT_COUNTED"


class SignedBySamePerson(BillingError):
    """Who had the drawer cannot sign for what is missing in it."""

    default_message = gettext_noop("The difference is signed by somebody else than %(clerk)s, who had the till.")
    default_code = "SIGNED_BY_SAME_PERSON"


class TooMuchCash(BillingError):
    """More than was counted."""

    default_message = gettext_noop("Of this session %(left)s is left to hand over; %(amount)s is too much.")
    default_code = "TOO_MUCH_CASH"


class HandOverKnown(BillingError):
    """The same slip twice."""

    default_message = gettext_noop("Slip %(reference)s was entered for this session before.")
    default_code = "HAND_OVER_KNOWN"


@durable
def open_till_session(*, till_id: int, float_minor: int, opened_at: datetime, actor: User) -> TillSession:
    """
    Open a session of a till for a clerk of its centre.

    :param float_minor: what lies in the drawer, in minor units
    :raises TillNotOfCentre: if the till is elsewhere, or out of use
    :raises TillSessionAlreadyOpen: if the till or the clerk has one
    """
    till = Till.objects.select_for_update(of=("self",), no_key=True).get(pk=till_id)
    if not till.is_active or till.centre_id != actor.centre_id:
        raise TillNotOfCentre(context={"till": till.code})
    _refuse_second(till, actor)
    session = TillSession(
        till=till,
        clerk=actor,
        opened_at=opened_at,
        opened_on=_day_of(opened_at),
        float_minor=float_minor,
    )
    second = {
        name: lambda: TillSessionAlreadyOpen(context={"clerk": actor, "till": till.code, "day": session.opened_on})
        for name in ("payments_tillsession_one_a_till", "payments_tillsession_one_a_clerk")
    }
    with constraint_errors(second):
        session.save(force_insert=True)
    changes = {"till": till.code, "float_minor": float_minor}
    record("payments.open_till_session", actor=actor, subject=session, changes=changes)
    return session


@durable
def count_till_session(
    *,
    session_id: int,
    counted: Mapping[str, int],
    counted_at: datetime,
    actor: User,
    denominations: Mapping[str, int] | None = None,
) -> TillSession:
    """
    Write down what is in one's own till. If it is what should be there, the session is closed with its Z report;
    a difference waits for the supervisor's signature. No more money is taken either way.

    :param counted: minor units by method; a method left out is counted as nothing
    :param denominations: how many notes and coins of each value, in minor units
    :raises NotOwnTillSession: if it is somebody else's
    :raises TillSessionNotOpen: if it was counted before
    """
    session = _lock_session(session_id)
    if session.clerk_id != actor.pk:
        raise NotOwnTillSession(context={"clerk": session.clerk})
    return _count(session, counted, denominations or {}, counted_at=counted_at, actor=actor)


@durable
def force_close_till_session(
    *, session_id: int, counted: Mapping[str, int], reason: str, counted_at: datetime, actor: User
) -> TillSession:
    """
    Count somebody else's till, left open: what the clerk should have done himself, with the reason why he did not.

    :raises TillNotOfCentre: if it is another centre's
    :raises ReasonMissing: without a reason
    :raises TillSessionNotOpen: if it was counted before
    """
    session = _lock_session(session_id)
    refuse_other_centre(session, actor)
    if not reason.strip():
        raise ReasonMissing
    session.forced_reason = reason.strip()
    return _count(session, counted, {}, counted_at=counted_at, actor=actor)


@durable
def sign_till_session(*, session_id: int, reason: str, signed_at: datetime, actor: User) -> TillSession:
    """
    Take note of a difference, with its reason: it is posted, and the session is closed with its Z report.

    :raises TillNotOfCentre: if it is another centre's
    :raises TillSessionNotCounted: if no difference waits
    :raises SignedBySamePerson: if the signer had the till himself
    :raises ReasonMissing: without a reason
    """
    session = _lock_session(session_id)
    refuse_other_centre(session, actor)
    if session.state != TillSession.State.COUNTED:
        raise TillSessionNotCounted
    if session.clerk_id == actor.pk:
        raise SignedBySamePerson(context={"clerk": session.clerk})
    if not reason.strip():
        raise ReasonMissing
    session.difference_reason, session.signed_by, session.signed_at = reason.strip(), actor, signed_at
    _close(session, closed_at=signed_at)
    _post_differences(session, actor=actor)
    changes = {"reason": session.difference_reason, "report": session.report_number}
    record("payments.sign_till_session", actor=actor, subject=session, changes=changes)
    return session


@durable
def hand_over_cash(
    *, session_id: int, amount_minor: int, reference: str, handed_at: datetime, actor: User
) -> CashHandOver:
    """
    Send cash of a closed session to the bank: it leaves the till's account and is in transit until the bank has it.

    :param amount_minor: no more than was counted beyond the float and not handed over yet
    :param reference: of the bag or of the bank's slip
    :raises TillNotOfCentre: if it is another centre's
    :raises TooMuchCash: if there is not so much
    :raises HandOverKnown: if the slip was entered before
    """
    session = _lock_session(session_id)
    refuse_other_centre(session, actor)
    left_minor = cash_left_of(session)
    if not 0 < amount_minor <= left_minor:
        digits = currency_digits(settings.SALDO_CURRENCY)
        shown = {"left": left_minor, "amount": amount_minor}
        raise TooMuchCash(context={name: minor_to_decimal(minor, digits=digits) for name, minor in shown.items()})
    made = CashHandOver(
        session=session,
        amount_minor=amount_minor,
        reference=reference.strip(),
        handed_at=handed_at,
        posted_on=_day_of(handed_at),
        handed_by=actor,
    )
    with constraint_errors(
        {"payments_cashhandover_once": lambda: HandOverKnown(context={"reference": made.reference})}
    ):
        made.save(force_insert=True)
    currency = settings.SALDO_CURRENCY
    cash_id = clearing_accounts(till_code=session.till.code, methods=[Method.CASH])[Method.CASH]
    pairs = [Pair(_clearing_account(IN_TRANSIT), cash_id, amount_minor)]
    post_entry(
        NewEntry(
            source_type=CASH_HAND_OVER,
            source_id=str(made.pk),
            posted_on=made.posted_on,
            actor=str(actor),
            reason=made.reference,
            currency=currency,
            pairs=pairs,
        )
    )
    record("payments.hand_over_cash", actor=actor, subject=made, changes={"amount_minor": str(amount_minor)})
    return made


def refuse_other_centre(session: TillSession, actor: User) -> None:
    """
    Let nobody touch the tills of another centre.

    :raises TillNotOfCentre: if it is another's
    """
    if session.till.centre_id != actor.centre_id:
        raise TillNotOfCentre(context={"till": session.till.code})


def _refuse_second(till: Till, clerk: User) -> None:
    of_both = TillSession.objects.filter(state=TillSession.State.OPEN).select_related("till", "clerk")
    other = of_both.filter(till=till).first() or of_both.filter(clerk=clerk).first()
    if other is not None:
        named = {"clerk": other.clerk, "till": other.till.code, "day": other.opened_on}
        raise TillSessionAlreadyOpen(context=named)


@transaction_required
def _lock_session(session_id: int) -> TillSession:
    locked = TillSession.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("till", "clerk").get(pk=session_id)


@transaction_required
def _count(
    session: TillSession,
    counted: Mapping[str, int],
    denominations: Mapping[str, int],
    *,
    counted_at: datetime,
    actor: User,
) -> TillSession:
    if not session.is_open:
        raise TillSessionNotOpen
    expected = expected_of_session(session)
    counts = [
        TillCount(
            session=session,
            method=method,
            expected_minor=expected.get(method, 0),
            counted_minor=counted.get(method, 0),
        )
        for method in Method.values
        if method == Method.CASH or expected.get(method, 0) or counted.get(method, 0)
    ]
    TillCount.objects.bulk_create(counts)
    session.counted_by, session.counted_at = actor, counted_at
    session.denominations = {value: count for value, count in denominations.items() if count}
    session.has_difference = any(count.difference_minor for count in counts)
    if session.has_difference:
        session.state = TillSession.State.COUNTED
        session.save(update_fields=[*_COUNTED, "state"])
    else:
        _close(session, closed_at=counted_at)
    changes = {str(count.method): f"{count.counted_minor} of {count.expected_minor}" for count in counts}
    verb = "force_close_till_session" if session.forced_reason else "count_till_session"
    record(f"payments.{verb}", actor=actor, subject=session, changes=changes)
    return session


_COUNTED = ("counted_by", "counted_at", "denominations", "has_difference", "forced_reason")
_CLOSED = ("state", "closed_at", "closed_on", "report_number", "difference_reason", "signed_by", "signed_at")


@transaction_required
def _close(session: TillSession, *, closed_at: datetime) -> None:
    till = session.till
    (number,) = take_numbers(series=till.report_series, prefix=f"{till.code}-Z", count=1)
    session.state, session.report_number = TillSession.State.CLOSED, number
    session.closed_at, session.closed_on = closed_at, _day_of(closed_at)
    session.save(update_fields=[*_COUNTED, *_CLOSED])


@transaction_required
def _post_differences(session: TillSession, *, actor: User) -> None:
    """Bring the till's accounts to what is really there; what was missing or too much is on an account of its own."""
    counts = [count for count in session.counts.order_by("method") if count.difference_minor]
    held = clearing_accounts(till_code=session.till.code, methods=[count.method for count in counts])
    other = _clearing_account(OVER_AND_SHORT)
    pairs = [
        Pair(held[count.method], other, count.difference_minor)
        if count.difference_minor > 0
        else Pair(other, held[count.method], -count.difference_minor)
        for count in counts
    ]
    assert session.closed_on is not None, "it is closed"
    post_entry(
        NewEntry(
            source_type=TILL_DIFFERENCE,
            source_id=str(session.pk),
            posted_on=session.closed_on,
            actor=str(actor),
            reason=session.difference_reason[:200],
            currency=settings.SALDO_CURRENCY,
            pairs=pairs,
        )
    )


def _clearing_account(code: str) -> int:
    known = LedgerAccount.objects.filter(code=code).values_list("id", flat=True).first()
    opened = {"kind": LedgerAccount.Kind.CLEARING, "currency": settings.SALDO_CURRENCY}
    return known or open_accounts(codes=[code], **opened)[code]


def _day_of(at: datetime) -> date:
    return at.astimezone(operator_zone()).date()
