"""Whether it agrees: terminals, banks, pieces of the supply division, accounting; every difference has its case."""

from reconciliation.models.accounting import (
    AccountingClass,
    AccountingFile,
    AccountingLine,
    AccountingMap,
    AccountingTotal,
    ClassSource,
    Measure,
    Section,
)
from reconciliation.models.book_comparison import (
    BookCase,
    BookCause,
    BookComparison,
    BookDifference,
    BookFigure,
    BookMovement,
)
from reconciliation.models.discrepancy import LIVE_STATES, Discrepancy
from reconciliation.models.match import Match
from reconciliation.models.revenue_transfer import RevenueTransfer, RevenueTransferLine, TransferAnswer
from reconciliation.models.statement import BankAccount, Statement, StatementFile, StatementLine, masked
from reconciliation.models.supply import SupplyItem, SupplyMove, SupplyPrice, SupplySheet
from reconciliation.models.terminal_check import (
    RefusedRegister,
    TerminalCheck,
    TerminalRegister,
    TerminalRegisterLine,
)

__all__ = [
    "LIVE_STATES",
    "AccountingClass",
    "AccountingFile",
    "AccountingLine",
    "AccountingMap",
    "AccountingTotal",
    "BankAccount",
    "BookCase",
    "BookCause",
    "BookComparison",
    "BookDifference",
    "BookFigure",
    "BookMovement",
    "ClassSource",
    "Discrepancy",
    "Match",
    "Measure",
    "RefusedRegister",
    "RevenueTransfer",
    "RevenueTransferLine",
    "Section",
    "Statement",
    "StatementFile",
    "StatementLine",
    "SupplyItem",
    "SupplyMove",
    "SupplyPrice",
    "SupplySheet",
    "TerminalCheck",
    "TerminalRegister",
    "TerminalRegisterLine",
    "TransferAnswer",
    "masked",
]
