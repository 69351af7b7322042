"""Debts in the books, policies published by two people, runs done in this process."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import transaction

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from invoicing.models import Invoice
from payments.models import DunningPolicy, DunningRun
from payments.operations.dunning_policies import add_dunning_step, draft_dunning_policy, publish_dunning_policy
from payments.operations.dunning_runs import DUN, start_dunning_run
from subscribers.models import Account
from tests.factories.identity import make_staff
from tests.factories.invoicing import do_all
from tests.factories.payments import make_invoice

NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
# After days, action, text; a reminder, a warning, outgoing calls, all calls, collection.
LADDER = (
    (5, "REMINDER", "FRIENDLY"),
    (15, "REMINDER", "WARNING"),
    (20, "RESTRICTION", "BARRED"),
    (35, "SUSPENSION", "STOPPED"),
    (60, "COLLECTION", "HANDED_OVER"),
)


def person(role: Role, username: str) -> User:
    return User.objects.filter(username=username).first() or make_staff(role, username=username)


def drafter() -> User:
    return person(Role.BILLING_SPECIALIST, "dunning-drafter")


def publisher() -> User:
    return person(Role.TARIFF_APPROVER, "dunning-publisher")


def draft_policy(
    *,
    code: str = "D1",
    category: str = "",
    valid_from: date = date(2026, 1, 1),
    ladder: Sequence[tuple[int, str, str]] = LADDER,
    channel: str = "EMAIL",
    **fields: object,
) -> DunningPolicy:
    given = {"minimum_minor": 100, "restore_below_minor": 100, "currency": settings.SALDO_CURRENCY, **fields}
    policy = draft_dunning_policy(
        code=code,
        names={"en": "Everybody"},
        category=category,
        valid_from=valid_from,
        actor=drafter(),
        **given,  # type: ignore[arg-type]
    )
    for after_days, action, text in ladder:
        add_dunning_step(
            policy_id=policy.pk, after_days=after_days, action=action, channel=channel, text=text, actor=drafter()
        )
    return policy


def make_policy(**fields: object) -> DunningPolicy:
    policy = draft_policy(**fields)  # type: ignore[arg-type]
    return publish_dunning_policy(policy_id=policy.pk, published_at=NOW, actor=publisher())


def make_debt(account: Account, gross_minor: int, *, due_on: date) -> Invoice:
    """A posted bill with its entry in the books."""
    invoice = make_invoice(account, gross_minor=gross_minor, due_on=due_on)
    with transaction.atomic():
        code = "REVENUE:FIXED:TESTS"
        revenue = open_accounts(codes=[code], kind=LedgerAccount.Kind.REVENUE, currency=account.currency)[code]
        pair = Pair(debit_id=account.ledger_account_id, credit_id=revenue, amount_minor=gross_minor)
        post_entry(
            NewEntry(
                source_type="INVOICE",
                source_id=str(invoice.number),
                posted_on=due_on,
                actor="tests",
                currency=account.currency,
                pairs=[pair],
            )
        )
    return invoice


def run_on(day: date) -> DunningRun:
    """Plan the run of a day and do its pieces."""
    run = start_dunning_run(day=day, today=day, started_by=None)
    do_all(DUN)
    run.refresh_from_db()
    return run
