"""Debts in the books, policies published by two people, runs done in this process."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import transaction

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from invoicing.models import Invoice, InvoiceTax
from payments.models import DunningPolicy, DunningRun
from payments.operations.dunning_policies import add_dunning_step, draft_dunning_policy, publish_dunning_policy
from payments.operations.dunning_runs import DUN, start_dunning_run
from subscribers.models import Account
from tariffs.models import TaxCategory
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
    late_fees: Mapping[int, int] | None = None,
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
            policy_id=policy.pk,
            after_days=after_days,
            action=action,
            channel=channel,
            text=text,
            late_fee_minor=(late_fees or {}).get(after_days, 0),
            actor=drafter(),
        )
    return policy


def make_policy(**fields: object) -> DunningPolicy:
    policy = draft_policy(**fields)  # type: ignore[arg-type]
    return publish_dunning_policy(policy_id=policy.pk, published_at=NOW, actor=publisher())


def make_debt(
    account: Account,
    gross_minor: int,
    *,
    due_on: date,
    tax_minor: int = 0,
    frozen: Mapping[str, object] | None = None,
) -> Invoice:
    """A posted bill with its entry in the books; its tax, if any, is of the standard category."""
    invoice = make_invoice(
        account, gross_minor=gross_minor, due_on=due_on, state="DRAFT", tax_minor=tax_minor, frozen=frozen
    )
    category = TaxCategory.objects.get_or_create(code="STANDARD")[0]
    net_minor = gross_minor - tax_minor
    InvoiceTax.objects.create(
        invoice_id=invoice.pk,
        tax_category_id=category.pk,
        tax_percent="20.000",
        net_minor=net_minor,
        tax_minor=tax_minor,
    )
    Invoice.objects.filter(pk=invoice.pk).update(state=Invoice.State.POSTED, number=f"INV-D-{invoice.pk}")
    invoice.refresh_from_db()
    with transaction.atomic():
        kinds = {"REVENUE:FIXED:TESTS": LedgerAccount.Kind.REVENUE, "TAX:STANDARD": LedgerAccount.Kind.TAX}
        ids = {
            code: open_accounts(codes=[code], kind=kind, currency=account.currency)[code]
            for code, kind in kinds.items()
        }
        amounts = zip(ids.values(), (net_minor, tax_minor), strict=True)
        post_entry(
            NewEntry(
                source_type="INVOICE",
                source_id=str(invoice.number),
                posted_on=due_on,
                actor="tests",
                currency=account.currency,
                pairs=[Pair(account.ledger_account_id, credit_id, minor) for credit_id, minor in amounts if minor],
            )
        )
    return invoice


def run_on(day: date) -> DunningRun:
    """Plan the run of a day and do its pieces."""
    run = start_dunning_run(day=day, today=day, started_by=None)
    do_all(DUN)
    run.refresh_from_db()
    return run
