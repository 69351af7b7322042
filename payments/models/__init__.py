"""What they paid, what is done where they do not, and what is given up."""

from payments.models.bad_debt import BadDebtRecovery, WriteOff, WriteOffItem
from payments.models.commission import CommissionRate
from payments.models.confirmation import CentreDayConfirmation, CollectionConfirmation, OperationReview
from payments.models.daily_summary import BooksDay, BooksMonth, ReceiptDay, SummaryMark
from payments.models.debit import (
    DebitBankAccount,
    DebitBatch,
    DebitCreditor,
    DebitItem,
    DebitItemBill,
    DebitMandate,
    DebitResultFile,
    DebitResultLine,
)
from payments.models.debt_age import DebtAge, DebtNight
from payments.models.deposit import Deposit, DepositUse
from payments.models.dunning import DunningAct, DunningCase, DunningExclusion, DunningFee, DunningRun, PaymentPromise
from payments.models.dunning_policy import DunningPolicy, DunningStep
from payments.models.gateway import BadSender, NetworkAlarm, NetworkDay, NetworkDayPart, UsedNonce
from payments.models.instalments import Instalment, InstalmentBill, InstalmentPlan
from payments.models.left_tally import LeftTally
from payments.models.online import OnlineNoticeEntry, OnlinePayment, OnlineProvider, SandboxPayment, SandboxRefund
from payments.models.payment import Allocation, Payment
from payments.models.reallocation import PaymentReallocation
from payments.models.refund import Refund, RefundPart
from payments.models.reversal import PaymentReversal
from payments.models.terminal import TerminalNetwork
from payments.models.till import CashHandOver, Method, Till, TillCount, TillMove, TillSession
from payments.models.till_receipt import FiscalRegistration, ReceiptCopy, ReceiptPart, TillReceipt

__all__ = [
    "Allocation",
    "BadDebtRecovery",
    "BadSender",
    "BooksDay",
    "BooksMonth",
    "CashHandOver",
    "CentreDayConfirmation",
    "CollectionConfirmation",
    "CommissionRate",
    "DebitBankAccount",
    "DebitBatch",
    "DebitCreditor",
    "DebitItem",
    "DebitItemBill",
    "DebitMandate",
    "DebitResultFile",
    "DebitResultLine",
    "DebtAge",
    "DebtNight",
    "Deposit",
    "DepositUse",
    "DunningAct",
    "DunningCase",
    "DunningExclusion",
    "DunningFee",
    "DunningPolicy",
    "DunningRun",
    "DunningStep",
    "FiscalRegistration",
    "Instalment",
    "InstalmentBill",
    "InstalmentPlan",
    "LeftTally",
    "Method",
    "NetworkAlarm",
    "NetworkDay",
    "NetworkDayPart",
    "OnlineNoticeEntry",
    "OnlinePayment",
    "OnlineProvider",
    "OperationReview",
    "Payment",
    "PaymentPromise",
    "PaymentReallocation",
    "PaymentReversal",
    "ReceiptCopy",
    "ReceiptDay",
    "ReceiptPart",
    "Refund",
    "RefundPart",
    "SandboxPayment",
    "SandboxRefund",
    "SummaryMark",
    "TerminalNetwork",
    "Till",
    "TillCount",
    "TillMove",
    "TillReceipt",
    "TillSession",
    "UsedNonce",
    "WriteOff",
    "WriteOffItem",
]
