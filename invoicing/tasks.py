"""Work items of bill runs; each calls one operation in the transaction that marks it done."""

from typing import Any

from billing_site.jobs.work import handles
from invoicing.operations.bill_run_calculation import calculate_chunk
from invoicing.operations.bill_run_delivery import render_invoices, start_delivery
from invoicing.operations.bill_run_posting import post_chunk
from invoicing.operations.bill_run_preview import preview_chunk
from invoicing.operations.bill_run_undo import undo_chunk
from invoicing.operations.ubl_exports import archive_chunk


@handles("invoicing.calculate_chunk")
def do_calculate_chunk(payload: dict[str, Any]) -> None:
    """Make the drafts of a chunk."""
    calculate_chunk(chunk_id=payload["chunk_id"])


@handles("invoicing.preview_chunk")
def do_preview_chunk(payload: dict[str, Any]) -> None:
    """Calculate a piece of a preview."""
    preview_chunk(chunk_id=payload["chunk_id"])


@handles("invoicing.post_chunk")
def do_post_chunk(payload: dict[str, Any]) -> None:
    """Post the drafts of a chunk."""
    post_chunk(chunk_id=payload["chunk_id"])


@handles("invoicing.undo_chunk")
def do_undo_chunk(payload: dict[str, Any]) -> None:
    """Take the bills of a chunk back."""
    undo_chunk(chunk_id=payload["chunk_id"])


@handles("invoicing.deliver_bill_run")
def do_deliver_bill_run(payload: dict[str, Any]) -> None:
    """Hand out the papers of a posted run."""
    start_delivery(run_id=payload["run_id"])


@handles("invoicing.render_invoices")
def do_render_invoices(payload: dict[str, Any]) -> None:
    """Render some papers of a run."""
    render_invoices(run_id=payload["run_id"], invoice_ids=payload["invoice_ids"])


@handles("invoicing.export_ubl")
def do_export_ubl(payload: dict[str, Any]) -> None:
    """Write the electronic bills of a chunk into an archive."""
    archive_chunk(chunk_id=payload["chunk_id"], job_id=payload["job_id"])
