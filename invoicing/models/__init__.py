"""What they owe: bill runs with their chunks, invoices with lines and taxes."""

from invoicing.models.bill_run import BillRun, BillRunChunk, ParkedAccount
from invoicing.models.contract_billing import ContractBilling
from invoicing.models.delivery import BillDelivery, PrintBatch, PrintPart
from invoicing.models.invoice import Invoice, InvoiceLine, InvoiceRendering, InvoiceTax
from invoicing.models.period_step import PeriodStep

__all__ = [
    "BillDelivery",
    "BillRun",
    "BillRunChunk",
    "ContractBilling",
    "Invoice",
    "InvoiceLine",
    "InvoiceRendering",
    "InvoiceTax",
    "ParkedAccount",
    "PeriodStep",
    "PrintBatch",
    "PrintPart",
]
