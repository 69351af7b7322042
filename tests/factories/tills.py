"""Tills with clerks and receipts, made by the house's own operations."""

import itertools
from datetime import UTC, datetime
from uuid import UUID, uuid4

from billing_site.identity.models import ServiceCentre, User
from payments.models import Till, TillReceipt, TillSession
from payments.operations.till_receipts import HandedOver, NewReceipt, take_till_payment
from payments.operations.till_sessions import open_till_session
from payments.operations.tills import create_till
from subscribers.models import Account

# Nine in the morning of 5 March 2026 in the operator's zone.
MORNING = datetime(2026, 3, 5, 5, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_till(centre: ServiceCentre, *, actor: User, code: str = "", **fields: object) -> Till:
    code = code or f"T{next(_numbers)}"
    return create_till(code=code, name=f"Till {code}", centre_id=centre.pk, actor=actor, **fields)  # type: ignore[arg-type]


def open_till(till: Till, clerk: User, *, float_minor: int = 0, at: datetime = MORNING) -> TillSession:
    return open_till_session(till_id=till.pk, float_minor=float_minor, opened_at=at, actor=clerk)


def cash(amount_minor: int) -> HandedOver:
    return HandedOver(method="CASH", amount_minor=amount_minor)


def cheque(amount_minor: int, *, number: str = "CH-1") -> HandedOver:
    return HandedOver(
        method="CHEQUE", amount_minor=amount_minor, reference=number, bank="Riverside Bank", document_on=MORNING.date()
    )


def take(
    session: TillSession,
    account: Account,
    *parts: HandedOver,
    received_minor: int | None = None,
    form_key: UUID | None = None,
    chosen: tuple[int, ...] = (),
    chosen_disputed: tuple[int, ...] = (),
    note: str = "",
    at: datetime = MORNING,
    actor: User | None = None,
) -> TillReceipt:
    wanted = NewReceipt(
        form_key=form_key or uuid4(),
        account_number=account.number,
        parts=parts,
        received_minor=received_minor,
        chosen=chosen,
        chosen_disputed=chosen_disputed,
        note=note,
    )
    return take_till_payment(session_id=session.pk, wanted=wanted, taken_at=at, actor=actor or session.clerk)
