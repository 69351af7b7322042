"""Whether it agrees: terminals, statements of the banks, pieces of the supply division, every difference."""

from reconciliation.models.discrepancy import LIVE_STATES, Discrepancy
from reconciliation.models.match import Match
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
    "BankAccount",
    "Discrepancy",
    "Match",
    "RefusedRegister",
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
    "masked",
]
