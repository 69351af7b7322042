"""A bank account of ours, and statements as its bank writes them."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from invoicing.models import Invoice
from reconciliation.models import BankAccount, Statement
from reconciliation.operations.bank_accounts import add_bank_account
from reconciliation.operations.statements import load_statement
from subscribers.models import Account
from tests.factories.payments import DAY, make_invoice

# Four in the afternoon of 5 March 2026 in the operator's zone; the statements are of the day before.
LOADED_AT = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
OUR_NUMBER = "1930001234567890"


_numbers = itertools.count(1)


class Move(NamedTuple):
    """A movement: a signed amount of the major unit, the text, and what else the bank tells."""

    amount: int
    text: str = ""
    reference: str = ""
    payer: str = ""
    payer_account: str = ""
    mark: str = ""
    code: str = "NTRF"
    day: str = "260304"
    more: str = ""


def make_bank(*, code: str = "MAIN", number: str = OUR_NUMBER, **fields: object) -> BankAccount:
    return add_bank_account(
        **{"code": code, "name": "Main", "bank_name": "First Bank", "number": number, "format": "MT940", **fields}  # type: ignore[arg-type]
    )


def mt940(
    moves: Sequence[Move] = (),
    *,
    opening: int = 0,
    number: int | str = 1,
    closing: int | None = None,
    account: str = OUR_NUMBER,
    currency: str = "AMD",
    day: str = "260304",
) -> str:
    last = opening + sum(move.amount for move in moves) if closing is None else closing
    lines = [f":20:S{number}", f":25:{account}", f":28C:{number}/1", f":60F:{balance(opening, day, currency)}"]
    for move in moves:
        mark = move.mark or ("C" if move.amount >= 0 else "D")
        reference = f"//{move.reference}" if move.reference else ""
        amount = str(Decimal(abs(move.amount))) + ","
        lines.append(f":61:{move.day}{move.day[2:]}{mark}{amount}{move.code}NONREF{reference}")
        lines.append(f":86:000?00x?20{move.text}?31{move.payer_account}?32{move.payer}{move.more}")
    return "\n".join([*lines, f":62F:{balance(last, day, currency)}", "-", ""])


def balance(amount: int, day: str, currency: str) -> str:
    return f"{'C' if amount >= 0 else 'D'}{day}{currency}{abs(amount)},00"


def load(content: str | bytes, *, code: str = "MAIN", name: str = "s.sta", at: datetime = LOADED_AT) -> Statement:
    """Load a file and return its last statement as it stands then."""
    raw = content if isinstance(content, bytes) else content.encode()
    file = load_statement(bank_code=code, name=name, content=raw, loaded_at=at)
    return file.statements.order_by("n").last()  # type: ignore[return-value]


def bill(account: Account, amount: int, *, due_on: date = DAY) -> Invoice:
    """A bill that stands in the books."""
    invoice = make_invoice(account, gross_minor=amount, due_on=due_on, state="DRAFT")
    Invoice.objects.filter(pk=invoice.pk).update(state="POSTED", number=f"INV-2026-{next(_numbers):06d}")
    invoice.refresh_from_db()
    with transaction.atomic():
        revenue = open_accounts(codes=["REVENUE:X"], kind=LedgerAccount.Kind.REVENUE, currency=account.currency)
        pair = Pair(account.ledger_account_id, revenue["REVENUE:X"], amount)
        entry = NewEntry(
            source_type="INVOICE",
            source_id=str(invoice.number),
            posted_on=DAY,
            actor="x",
            currency=account.currency,
            pairs=[pair],
        )
        post_entry(entry)
    return invoice
