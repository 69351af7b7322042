"""What they owe: bill runs with their chunks, invoices with lines and taxes."""

from invoicing.models.bill_run import BillRun, BillRunChunk, ParkedAccount
from invoicing.models.charged_days import ChargedDays
from invoicing.models.contract_billing import ContractBilling
from invoicing.models.invoice import Invoice, InvoiceLine, InvoiceRendering, InvoiceTax
from invoicing.models.one_off_charge import ChargeBilling, OneOffCharge

__all__ = [
    "BillRun",
    "BillRunChunk",
    "ChargeBilling",
    "ChargedDays",
    "ContractBilling",
    "Invoice",
    "InvoiceLine",
    "InvoiceRendering",
    "InvoiceTax",
    "OneOffCharge",
    "ParkedAccount",
]
