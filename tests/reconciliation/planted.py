"""A day of payments and the register that a network sends of it, with faults planted on demand."""

from datetime import UTC, date, datetime, timedelta

from billing_site.identity.models import User
from invoicing.operations.letters import NewLetter
from payments.models import TerminalNetwork
from reconciliation.models import Discrepancy
from reconciliation.operations.discrepancies import Settlement, resolve_discrepancy
from subscribers.models import Account
from tests.factories.payments import pay

DAY = date(2026, 3, 4)
# Noon of that day, and of the next one, in the operator's zone.
NOON = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
NEXT_NOON = NOON + timedelta(days=1)
HEAD = "txn_id;account;sum;date\n"


def line(txn_id: int | str, account: Account | str, amount: int) -> str:
    number = account if isinstance(account, str) else account.number
    return f"{txn_id};{number};{amount}.00;2026-03-04 12:00:00\n"


def take_payments(network: TerminalNetwork, accounts: list[Account], *, count: int) -> list[str]:
    """Take ``count`` payments, numbers from 1001, amounts 100 + n, and return the lines that tell of them."""
    lines = []
    for n in range(count):
        account = accounts[n % len(accounts)]
        pay(account.number, str(100 + n), network=network, txn_id=str(1001 + n), received_at=NOON)
        lines.append(line(1001 + n, account, 100 + n))
    return lines


def letter(number: str = "14/2") -> NewLetter:
    return NewLetter(sender="ACCOUNTING", number=number, dated_on=DAY)


def settle(case: Discrepancy, act: str, *, actor: User, note: str = "As told.", **more: object) -> Discrepancy:
    return resolve_discrepancy(
        discrepancy_id=case.pk,
        settlement=Settlement(act=act, note=note, **more),  # type: ignore[arg-type]
        resolved_at=NEXT_NOON,
        actor=actor,
    )


def accept(case: Discrepancy, *, actor: User, note: str = "As told.") -> Discrepancy:
    return settle(case, "ACCEPT", actor=actor, note=note, letter=letter())
