"""The paper of a bill that is not kept: the draft is written and read back in a transaction that is taken back."""

from django.db import transaction

from invoicing.models import BillRun, Invoice
from invoicing.operations.bill_run_calculation import calculate_accounts, scope_of, write_drafts
from invoicing.queries.account_scopes import read_scope
from invoicing.queries.bill_inputs import read_chunk
from invoicing.queries.papers import Paper, make_paper
from invoicing.queries.reference import Reference


def draft_paper(*, run: BillRun, account_id: int, language: str = "") -> Paper | None:
    """
    Return the paper of the bill that an account would get from a run, or ``None`` if it would get none.

    :param run: with everything that decides it; it need not be in any table
    :param language: one of the site's; empty: the subscriber's own
    """
    reference = Reference(run.reference)
    with transaction.atomic(durable=True):
        inputs = read_chunk(scope=scope_of(run, first_id=account_id, last_id=account_id), reference=reference)
        scope = read_scope(run=run, first_id=account_id, last_id=account_id, chosen=[account_id])
        result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=scope)
        ids = write_drafts(run, inputs, result.drafts)
        invoice = Invoice.objects.get(pk=ids[0]) if ids else None
        paper = (
            make_paper(invoice=invoice, reference=run.reference, language=language or invoice.language)
            if invoice
            else None
        )
        transaction.set_rollback(True)
    return paper
