"""Tills: today's session of the clerk with its receipts; yesterday's of another, 500 short; a device that is silent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from billing_site.console.demo.places import centres_of, staff
from billing_site.console.demo.scale import CHECKED_DAY, TODAY, moment
from payments.models import DunningCase, Method, Till, TillReceipt, TillSession
from payments.operations.receipt_reversals import reverse_receipt
from payments.operations.till_receipts import HandedOver, NewReceipt, take_till_payment
from payments.operations.till_sessions import count_till_session, open_till_session
from payments.operations.tills import create_till
from payments.queries.till_dues import find_till_account
from payments.queries.till_sessions import expected_of_session
from subscribers.models import Account

# Till, area of its centre, clerk, paper, device, what the device knows.
TILLS: Sequence[tuple[str, str, str, int, str, dict[str, Any]]] = (
    ("A-1", "10", "clerk", 80, "JOURNAL", {}),
    ("A-2", "10", "", 58, "JOURNAL", {}),
    ("R-1", "20", "clerk20", 80, "SANDBOX", {"serial": "FD-000020", "is_off": True}),
    ("Y-1", "30", "clerk30", 80, "SANDBOX", {"serial": "FD-000030"}),
    # Whoever looks around opens these himself.
    ("M-1", "40", "clerk40", 80, "JOURNAL", {}),
    ("H-1", "50", "clerk50", 80, "JOURNAL", {}),
)
FLOAT_MINOR, MISSING_MINOR, NOTE_MINOR = 20_000, 500, 5_000
MINUTES_APART = 7


def add_tills() -> None:
    """Set up what is missing of the tills."""
    for code, area, _clerk, paper_mm, device, knows in TILLS:
        if not Till.objects.filter(code=code).exists():
            create_till(
                code=code,
                name=code,
                centre_id=centres_of(area)[0].pk,
                paper_mm=paper_mm,
                fiscal_device=device,
                fiscal_settings=knows,
                actor=staff("specialist"),
            )


def open_tills() -> Mapping[str, Any]:
    """Set up the tills, take what is missing of their receipts, count yesterday's."""
    add_tills()
    _serve(_session("A-1", TODAY), _payers("hy", 5), mistakes=1)
    _serve(_session("R-1", TODAY), _payers("ru", 2))
    _count_short(_session("Y-1", CHECKED_DAY), _payers("zh-hans", 2))
    sessions = {session.till.code: session.state for session in TillSession.objects.select_related("till")}
    return {"receipts": TillReceipt.objects.count(), **sessions}


def sell_at_till(code: str, sums_minor: Sequence[int], *, day: date) -> list[str]:
    """Take the money of a day's sales at a till, a receipt for each sum, and close it; return the receipts' numbers."""
    session = _session(code, day)
    takings = zip(_payers("hy", len(sums_minor)), sums_minor, strict=True)
    receipts = [
        _take(session, account, n, session.opened_at + timedelta(minutes=MINUTES_APART * (n + 1)), sum_minor=sum_minor)
        for n, (account, sum_minor) in enumerate(takings)
    ]
    if session.state == TillSession.State.OPEN:
        closed_at = session.opened_at + timedelta(hours=9)
        counted = expected_of_session(session)
        count_till_session(session_id=session.pk, counted=counted, counted_at=closed_at, actor=session.clerk)
    return [receipt.number for receipt in receipts]


def _session(code: str, day: date) -> TillSession:
    clerk = next(clerk for known, _, clerk, *_ in TILLS if known == code)
    till = Till.objects.get(code=code)
    known = till.sessions.filter(opened_on=day).first()
    return known or open_till_session(
        till_id=till.pk, float_minor=FLOAT_MINOR, opened_at=moment(day, 9), actor=staff(clerk)
    )


def _payers(language: str, count: int) -> list[Account]:
    """Return accounts of a language that dunning does not know."""
    dunned = DunningCase.objects.values("account_id")
    told = Account.objects.filter(subscriber__language=language, state=Account.State.ACTIVE).exclude(pk__in=dunned)
    return list(told.order_by("-pk")[:count])


def _serve(session: TillSession, payers: Sequence[Account], *, mistakes: int = 0) -> None:
    """Take money of each payer, in another way each; the last ones were mistakes."""
    for n, account in enumerate(payers):
        at = session.opened_at + timedelta(minutes=MINUTES_APART * (n + 1))
        receipt = _take(session, account, n, at)
        is_mistake = n >= len(payers) - mistakes
        if is_mistake and not TillReceipt.objects.filter(reverses=receipt).exists():
            reverse_receipt(
                receipt_id=receipt.pk,
                reason="Paid for the wrong account",
                form_key=_key(session, n, "back"),
                reversed_at=at + timedelta(minutes=2),
                actor=session.clerk,
            )


def _take(session: TillSession, account: Account, n: int, at: datetime, *, sum_minor: int = 0) -> TillReceipt:
    known = TillReceipt.objects.filter(form_key=_key(session, n, "take")).first()
    if known is not None:
        return known
    found = find_till_account(number=account.number, on=session.opened_on)
    due_minor = found.due_minor if found is not None and found.due_minor else 2_000
    parts = [HandedOver(method=Method.CASH, amount_minor=sum_minor)] if sum_minor else _parts(due_minor, n)
    wanted = NewReceipt(
        form_key=_key(session, n, "take"),
        account_number=account.number,
        parts=parts,
        received_minor=None,
    )
    return take_till_payment(session_id=session.pk, wanted=wanted, taken_at=at, actor=session.clerk)


def _parts(due_minor: int, n: int) -> Sequence[HandedOver]:
    """Return cash, cash and a cheque, a card, too much cash, in turn."""
    half = max(1, due_minor // 2)
    paid = HandedOver(method=Method.CASH, amount_minor=due_minor)
    ways: tuple[Sequence[HandedOver], ...] = (
        (paid,),
        (
            HandedOver(method=Method.CASH, amount_minor=half),
            HandedOver(
                method=Method.CHEQUE,
                amount_minor=max(1, due_minor - half),
                reference=f"CH-{1000 + n}",
                bank="Riverside Bank",
                document_on=TODAY,
            ),
        ),
        (HandedOver(method=Method.CARD, amount_minor=due_minor, reference=f"POS-{4000 + n}"),),
        (HandedOver(method=Method.CASH, amount_minor=due_minor + NOTE_MINOR),),
    )
    return ways[n % len(ways)]


def _count_short(session: TillSession, payers: Sequence[Account]) -> None:
    """Serve, and count 500 too little: the supervisor has to sign."""
    if session.state != TillSession.State.OPEN:
        return
    _serve(session, payers)
    expected = expected_of_session(session)
    counted = {**expected, Method.CASH.value: expected[Method.CASH] - MISSING_MINOR}
    closed_at = session.opened_at + timedelta(hours=9)
    count_till_session(session_id=session.pk, counted=counted, counted_at=closed_at, actor=session.clerk)


def _key(session: TillSession, n: int, act: str) -> UUID:
    """Return the same key of the same form every time the demo is made."""
    return uuid5(NAMESPACE_URL, f"demo/{session.till.code}/{session.opened_on}/{n}/{act}")
