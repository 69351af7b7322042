"""The paper of a bill that is not kept: the draft is written and read back in a transaction that is taken back."""

from django.db import transaction

from invoicing.models import BillRun, Invoice
from invoicing.operations.bill_run_drafts import calculate_accounts, scope_of, write_drafts
from invoicing.operations.bill_run_pairs import rules_around
from invoicing.operations.bill_run_payers import settle_payers
from invoicing.operations.invoice_rows import Draft
from invoicing.queries.account_scopes import Scope, read_scope
from invoicing.queries.bill_inputs import ChunkInputs, read_chunk
from invoicing.queries.papers import Paper, make_paper
from invoicing.queries.reference import Reference


def draft_paper(*, run: BillRun, account_id: int, language: str = "") -> Paper | None:
    """
    Return the paper of the bill that an account would get from a run, or ``None`` if it would get none.

    What it pays for others, or others pay for it, stands on it as it will on the bill.

    :param run: with everything that decides it; it need not be in any table
    :param language: one of the site's; empty: the subscriber's own
    """
    reference = Reference(run.reference)
    with transaction.atomic(durable=True):
        inputs, drafts = _drafts_of(run, account_id, reference)
        ids = write_drafts(run, inputs, drafts)
        invoice = Invoice.objects.get(pk=ids[0]) if ids else None
        paper = (
            make_paper(invoice=invoice, reference=run.reference, language=language or invoice.language)
            if invoice
            else None
        )
        transaction.set_rollback(True)
    return paper


def _drafts_of(run: BillRun, account_id: int, reference: Reference) -> tuple[ChunkInputs, list[Draft]]:
    """Return the draft of an account, made with those of everybody tied to it; without them where those cannot be."""
    rules = rules_around(run=run, account_id=account_id)
    if rules:
        tied = sorted({account for rule in rules for account in (rule.account_id, rule.payer_id)})
        read = scope_of(run, first_id=tied[0], last_id=tied[-1], only=tied)
        inputs = read_chunk(scope=read, reference=reference)
        result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=Scope())
        settle_payers(run=run, result=result, rules=rules, reference=reference, inputs=inputs)
        own = [draft for draft in result.drafts if draft.account.account_id == account_id]
        if own:
            return inputs, own
    inputs = read_chunk(scope=scope_of(run, first_id=account_id, last_id=account_id), reference=reference)
    scope = read_scope(run=run, first_id=account_id, last_id=account_id, chosen=[account_id])
    result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=scope, defers=False)
    settle_payers(run=run, result=result, rules=(), reference=reference, inputs=inputs)
    return inputs, result.drafts
