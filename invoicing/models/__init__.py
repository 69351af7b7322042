"""What they owe: bill runs with their chunks, invoices with lines and taxes."""

from invoicing.models.bill_run import BillBound, BillRun, BillRunAccount, BillRunChunk, ParkedAccount
from invoicing.models.bill_run_preview import BillRunPreview, BillRunPreviewChunk
from invoicing.models.charged_days import ChargedDays
from invoicing.models.contract_billing import ContractBilling
from invoicing.models.final_bill import FinalBill
from invoicing.models.invoice import Invoice, InvoiceLine, InvoiceRendering, InvoiceTax
from invoicing.models.one_off_charge import ChargeBilling, OneOffCharge

__all__ = [
    "BillBound",
    "BillRun",
    "BillRunAccount",
    "BillRunChunk",
    "BillRunPreview",
    "BillRunPreviewChunk",
    "ChargeBilling",
    "ChargedDays",
    "ContractBilling",
    "FinalBill",
    "Invoice",
    "InvoiceLine",
    "InvoiceRendering",
    "InvoiceTax",
    "OneOffCharge",
    "ParkedAccount",
]
