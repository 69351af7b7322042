"""Whether it agrees: the terminals' daily check, supply of the centres, billing against accounting; cases of each."""

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
from reconciliation.models.revenue_transfer import RevenueTransfer, RevenueTransferLine
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
    "BookCase",
    "BookCause",
    "BookComparison",
    "BookDifference",
    "BookFigure",
    "BookMovement",
    "ClassSource",
    "Discrepancy",
    "Measure",
    "RefusedRegister",
    "RevenueTransfer",
    "RevenueTransferLine",
    "Section",
    "SupplyItem",
    "SupplyMove",
    "SupplyPrice",
    "SupplySheet",
    "TerminalCheck",
    "TerminalRegister",
    "TerminalRegisterLine",
]
