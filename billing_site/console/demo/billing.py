"""The bills of February: previewed, run by the specialist, posted by the approver, rendered by the workers."""

from collections.abc import Mapping
from typing import Any

from billing_site.console.demo.customers import CYCLE
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import DUE_ON, MONTH_END, MONTH_START
from billing_site.console.demo.steps import Workforce
from invoicing.models import BillRun, Invoice, InvoiceRendering
from invoicing.operations.bill_run_delivery import deliver_bill_run
from invoicing.operations.bill_run_planning import plan_bill_run
from invoicing.operations.bill_run_posting import post_bill_run
from invoicing.operations.bill_run_preview import PREVIEW, preview_bill_run
from invoicing.queries.previews import get_preview_figures
from subscribers.models import BillCycle

CALCULATE = ("invoicing.calculate_chunk",)
POST = ("invoicing.post_chunk",)
DELIVER = ("invoicing.deliver_bill_run", "invoicing.write_deliveries", "invoicing.render_invoices")
# Planted: calls of a number without owner stay in quarantine. A demo of a few days lacks the other files.
PASSED_OVER = ("LINES_IN_QUARANTINE", "FILES_MISSING")


def preview_bills(workforce: Workforce) -> Mapping[str, Any]:
    """Look at what the run would bill; it counts for nothing."""
    if _run() is not None:
        return {}
    preview = preview_bill_run(**_wish())
    workforce.finish((PREVIEW,))
    figures = get_preview_figures(preview_id=preview.pk).figures
    return {"bills": figures.billed_count, "gross": figures.gross_minor}


def calculate_bills(workforce: Workforce) -> Mapping[str, Any]:
    """Plan the run and let the workers make the drafts."""
    if _run() is None:
        plan_bill_run(**_plan())
    workforce.finish(CALCULATE)
    run = known_run()
    return {"drafts": run.billed_count, "parked": run.parked_count, "gross": run.gross_minor}


def post_bills(workforce: Workforce) -> Mapping[str, Any]:
    """Post the drafts: another person, the workers do it."""
    run = known_run()
    if run.state == BillRun.State.CALCULATED:
        post_bill_run(run_id=run.pk, posted_by=staff("approver"))
    workforce.finish(POST)
    run.refresh_from_db()
    return {"posted": run.posted_count, "gross": run.posted_gross_minor}


def deliver_bills(workforce: Workforce) -> Mapping[str, Any]:
    """Let the workers render the papers of subscribers with an e-mail address: some in each language."""
    run = known_run()
    workforce.finish(DELIVER[:1])
    deliver_bill_run(run_id=run.pk)
    for kind in DELIVER[1:]:
        workforce.finish((kind,))
    rendered = InvoiceRendering.objects.values("invoice_id")
    languages = set(Invoice.objects.filter(pk__in=rendered).values_list("language", flat=True))
    return {"papers": InvoiceRendering.objects.count(), "languages": " ".join(sorted(languages))}


def _plan() -> dict[str, Any]:
    return {**_wish(), "overridden": PASSED_OVER, "reason": "Planted for the demo."}


def _wish() -> dict[str, Any]:
    return {
        "cycle_id": BillCycle.objects.get(code=CYCLE).pk,
        "issued_on": MONTH_END,
        "due_on": DUE_ON,
        "started_by": staff("specialist"),
    }


def _run() -> BillRun | None:
    runs = BillRun.objects.filter(period_from=MONTH_START).exclude(state=BillRun.State.CANCELLED)
    return runs.first()


def known_run() -> BillRun:
    """Return the run of the month."""
    return BillRun.objects.exclude(state=BillRun.State.CANCELLED).get(period_from=MONTH_START)
