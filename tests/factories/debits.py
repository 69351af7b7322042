"""Creditors, mandates, batches released by two people, and files as banks write them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from payments.domain.ibans import with_check_digits
from payments.models import DebitBatch, DebitCreditor, DebitMandate, DebitResultFile
from payments.operations.debit_batches import propose_debit_batch, release_debit_batch
from payments.operations.debit_creditors import set_debit_creditor
from payments.operations.debit_mandates import record_debit_mandate
from payments.operations.debit_results import apply_debit_results, load_debit_results
from subscribers.models import Account
from tests.factories.dunning import person

AT = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
DAY = date(2026, 3, 5)
COLLECT_ON = DAY + timedelta(days=2)
RESULT_MAP = {
    "columns": {"reference": "Order", "outcome": "Status", "amount": "Sum", "reason": "Why", "booked_on": "Day"},
    "outcomes": {"OK": "PAID", "NO": "FAILED"},
    "reasons": {"17": "AM04"},
}


def proposer() -> User:
    return person(Role.BILLING_SPECIALIST, "debit-proposer")


def releaser() -> User:
    return person(Role.ACCOUNTANT, "debit-releaser")


def iban_of(number: int) -> str:
    return with_check_digits(country="GE", number=f"NB{number:016d}")


def make_creditor(**fields: object) -> DebitCreditor:
    given: dict[str, object] = {
        "code": "RIVERSIDE",
        "name": "Meridian",
        "creditor_id": "AM00ZZZ00001",
        "iban": iban_of(19),
        "result_map": RESULT_MAP,
        **fields,
    }
    return set_debit_creditor(**given, actor=releaser())  # type: ignore[arg-type]


def make_mandate(account: Account, *, creditor: DebitCreditor | None = None, **fields: object) -> DebitMandate:
    given: dict[str, object] = {
        "iban": iban_of(account.pk),
        "holder_name": "Գրիգորյան Անի",
        "signed_on": date(2026, 1, 10),
        **fields,
    }
    chosen = creditor or DebitCreditor.objects.get(code="RIVERSIDE")
    return record_debit_mandate(account_id=account.pk, creditor_id=chosen.pk, at=AT, actor=None, **given)  # type: ignore[arg-type]


def propose(*, due_by: date = DAY, collect_on: date = COLLECT_ON, at: datetime = AT) -> DebitBatch:
    creditor = DebitCreditor.objects.get(code="RIVERSIDE")
    return propose_debit_batch(creditor_id=creditor.pk, due_by=due_by, collect_on=collect_on, at=at, actor=proposer())


def released(**fields: date) -> DebitBatch:
    batch = propose(**fields)  # type: ignore[arg-type]
    return release_debit_batch(batch_id=batch.pk, at=batch.proposed_at, actor=releaser())


def order_of(batch: DebitBatch, account: Account) -> str:
    return f"{batch.number}/{batch.items.get(account=account).n}"


def bank_list(answers: Mapping[str, tuple[str, int, str]], *, day: date = COLLECT_ON) -> bytes:
    """A list as the creditor's map reads it: order, answer, amount, reason."""
    lines = [f"{order};{status};{amount}.00;{why};{day}" for order, (status, amount, why) in answers.items()]
    return "\n".join(["Order;Status;Sum;Why;Day", *lines]).encode()


def answer(content: bytes, *, name: str = "answers.csv", at: datetime = AT) -> DebitResultFile:
    creditor = DebitCreditor.objects.get(code="RIVERSIDE")
    file = load_debit_results(creditor_id=creditor.pk, name=name, content=content, at=at, actor=releaser())
    apply_debit_results(file_id=file.pk, at=at)
    return file
