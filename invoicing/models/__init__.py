"""What they owe: bill runs with their chunks, invoices with lines and taxes, disputes of them."""

from invoicing.models.bill_run import BillRun, BillRunChunk, ParkedAccount
from invoicing.models.contract_billing import ContractBilling
from invoicing.models.dispute import Dispute, DisputedLine
from invoicing.models.invoice import Invoice, InvoiceLine, InvoiceRendering, InvoiceTax

__all__ = [
    "BillRun",
    "BillRunChunk",
    "ContractBilling",
    "Dispute",
    "DisputedLine",
    "Invoice",
    "InvoiceLine",
    "InvoiceRendering",
    "InvoiceTax",
    "ParkedAccount",
]
