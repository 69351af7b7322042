"""What they owe: bill runs, invoices with lines and taxes, disputes of them, credit notes that take them back."""

from invoicing.models.bill_opinion import BillOpinion
from invoicing.models.bill_run import BillBound, BillRun, BillRunAccount, BillRunChunk, ParkedAccount
from invoicing.models.bill_run_preview import BillRunPreview, BillRunPreviewChunk
from invoicing.models.bill_text import BillText
from invoicing.models.carried_charge import CarriedBilling, CarriedCharge
from invoicing.models.charged_days import ChargedDays
from invoicing.models.contract_billing import ContractBilling
from invoicing.models.credit_note import CreditNote, CreditNoteLine, CreditReason, InvoiceReplacement, Letter
from invoicing.models.delivery import BillDelivery, PrintBatch, PrintPart
from invoicing.models.dispute import Dispute, DisputedLine
from invoicing.models.final_bill import FinalBill
from invoicing.models.freed_settlement import FreedSettlement
from invoicing.models.held_usage import HeldUsageDecision
from invoicing.models.invoice import Invoice, InvoiceLine, InvoiceRendering, InvoiceTax
from invoicing.models.old_bill import OldBill
from invoicing.models.one_off_charge import ChargeBilling, OneOffCharge
from invoicing.models.period_step import PeriodStep
from invoicing.models.plan_revenue import PlanRevenue
from invoicing.models.ubl_archive import UblArchive

__all__ = [
    "BillBound",
    "BillDelivery",
    "BillOpinion",
    "BillRun",
    "BillRunAccount",
    "BillRunChunk",
    "BillRunPreview",
    "BillRunPreviewChunk",
    "BillText",
    "CarriedBilling",
    "CarriedCharge",
    "ChargeBilling",
    "ChargedDays",
    "ContractBilling",
    "CreditNote",
    "CreditNoteLine",
    "CreditReason",
    "Dispute",
    "DisputedLine",
    "FinalBill",
    "FreedSettlement",
    "HeldUsageDecision",
    "Invoice",
    "InvoiceLine",
    "InvoiceRendering",
    "InvoiceReplacement",
    "InvoiceTax",
    "Letter",
    "OldBill",
    "OneOffCharge",
    "ParkedAccount",
    "PeriodStep",
    "PlanRevenue",
    "PrintBatch",
    "PrintPart",
    "UblArchive",
]
