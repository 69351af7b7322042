"""Direct debits collected on 4 March, with five refused for four reasons; online payments through the sandbox."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.own_pages import OWNERS
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import CHECKED_DAY, DUE_ON, TODAY, moment
from payments.domain.debit_orders import end_to_end_id
from payments.domain.ibans import with_check_digits
from payments.models import DebitBatch, DebitCreditor, DebitItem, DebitMandate, DebitResultFile, OnlinePayment
from payments.operations.debit_batches import propose_debit_batch, release_debit_batch
from payments.operations.debit_creditors import set_debit_creditor
from payments.operations.debit_mandates import record_debit_mandate
from payments.operations.debit_results import apply_debit_results, load_debit_results
from payments.operations.online_adapters import SANDBOX
from payments.operations.online_payments import add_online_provider, page_of_provider, start_online_payment
from payments.operations.sandbox import PAY, decide_sandbox_payment
from payments.queries.direct_debits import open_bills_of
from subscribers.models import Account

CREDITOR = "RIVERSIDE"
PROVIDER = ("sandbox", "Sandbox Pay", "demo key of the sandbox")
MANDATES, ONLINE = 12, 2
SIGNED_ON, PROPOSED_ON = date(2026, 1, 12), date(2026, 3, 2)
# What the bank says of the first orders; it pays the others.
REFUSED = ("AM04", "AC04", "AM04", "MD06", "AC01")
RESULT_MAP = {
    "columns": {"reference": "Order", "outcome": "Status", "reason": "Reason", "booked_on": "Day"},
    "outcomes": {"PAID": "PAID", "REFUSED": "FAILED"},
}


def collect_debits() -> Mapping[str, Any]:
    """Set up what is missing: creditor, mandates, the batch with its answers; a provider with two payments."""
    if not DebitCreditor.objects.filter(code=CREDITOR).exists():
        set_debit_creditor(
            code=CREDITOR,
            name="Meridian",
            creditor_id="AM00ZZZ00000019",
            iban=with_check_digits(country="GE", number="NB0000000101900019"),
            result_map=RESULT_MAP,
            actor=staff("accountant"),
        )
    creditor = DebitCreditor.objects.get(code=CREDITOR)
    if not DebitMandate.objects.exists():
        payers = _payers()
        for account in payers[: min(MANDATES, len(payers) - ONLINE)]:
            _sign(account, creditor)
    batch = DebitBatch.objects.first() or _collect(creditor)
    if batch is not None and not DebitResultFile.objects.exists():
        _answer(batch)
    _pay_online()
    states = {str(label): DebitItem.objects.filter(state=state).count() for state, label in DebitItem.State.choices}
    return {**states, "online": OnlinePayment.objects.count()}


def _payers() -> Sequence[Account]:
    """Return accounts with something to pay: those who have signed in to their own pages come first."""
    owners = [account_of(story).pk for story in OWNERS]
    accounts = Account.objects.filter(state=Account.State.ACTIVE).select_related("subscriber").order_by("pk")
    owing = open_bills_of([account.pk for account in accounts], due_by=DUE_ON)
    usual = [one for one in accounts if one.pk in owing and all(b.due_on == DUE_ON for b in owing[one.pk])]
    return sorted(usual, key=lambda one: (one.pk not in owners, one.subscriber.language != "zh-hans", one.pk))


def _sign(account: Account, creditor: DebitCreditor) -> None:
    record_debit_mandate(
        account_id=account.pk,
        creditor_id=creditor.pk,
        iban=with_check_digits(country="GE", number=f"NB{account.pk:016d}"),
        holder_name=account.subscriber.name,
        signed_on=SIGNED_ON,
        at=moment(SIGNED_ON, 12),
        actor=staff("clerk"),
    )


def _collect(creditor: DebitCreditor) -> DebitBatch | None:
    if not DebitMandate.objects.exists():
        return None
    batch = propose_debit_batch(
        creditor_id=creditor.pk,
        due_by=DUE_ON,
        collect_on=CHECKED_DAY,
        at=moment(PROPOSED_ON, 10),
        actor=staff("specialist"),
    )
    return release_debit_batch(batch_id=batch.pk, at=moment(PROPOSED_ON, 11), actor=staff("accountant"))


def _answer(batch: DebitBatch) -> None:
    """Load the bank's list of the next morning."""
    lines = ["Order;Status;Reason;Day"]
    for n, item in enumerate(batch.items.order_by("n")):
        order = end_to_end_id(batch_number=str(batch.number), n=item.n)
        said = f"REFUSED;{REFUSED[n]}" if n < len(REFUSED) else "PAID;"
        lines.append(f"{order};{said};{CHECKED_DAY}")
    file = load_debit_results(
        creditor_id=batch.creditor_id,
        name=f"riverside-debits-{CHECKED_DAY:%Y%m%d}.csv",
        content="\n".join(lines).encode(),
        at=moment(TODAY, 9),
        actor=staff("accountant"),
    )
    apply_debit_results(file_id=file.pk, at=moment(TODAY, 9))


def _pay_online() -> None:
    """Let two who owe something pay a part in the sandbox: one is done, one is still at the provider's page."""
    code, name, secret = PROVIDER
    provider = add_online_provider(code=code, name=name, adapter=SANDBOX, secret=secret, actor=None)
    if OnlinePayment.objects.exists():
        return
    mandated = set(DebitMandate.objects.values_list("account_id", flat=True))
    others = [one for one in _payers() if one.pk not in mandated]
    for n, account in enumerate(others[:ONLINE]):
        begun = start_online_payment(
            account_id=account.pk,
            provider_id=provider.pk,
            amount_minor=1000,
            door="PORTAL",
            key=uuid5(NAMESPACE_URL, f"demo:{account.number}"),
            at=moment(TODAY, 11, n),
        )
        if n == 0:
            page_of_provider(online_payment=begun, return_url=f"/my/online/{begun.reference}/", language="en")
            decide_sandbox_payment(reference=begun.reference, choice=PAY, at=moment(TODAY, 11, 2))
