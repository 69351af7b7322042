"""Whether it agrees: registers of the terminal networks, the daily check, statements of the banks, every difference."""

from reconciliation.models.match import Match
from reconciliation.models.statement import BankAccount, Statement, StatementFile, StatementLine, masked
from reconciliation.models.terminal_check import Discrepancy, TerminalCheck, TerminalRegister, TerminalRegisterLine

__all__ = [
    "BankAccount",
    "Discrepancy",
    "Match",
    "Statement",
    "StatementFile",
    "StatementLine",
    "TerminalCheck",
    "TerminalRegister",
    "TerminalRegisterLine",
    "masked",
]
