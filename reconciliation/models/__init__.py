"""Whether it agrees: registers of the terminal networks, the daily check, each difference as a case."""

from reconciliation.models.discrepancy import LIVE_STATES, Discrepancy
from reconciliation.models.terminal_check import (
    RefusedRegister,
    TerminalCheck,
    TerminalRegister,
    TerminalRegisterLine,
)

__all__ = ["LIVE_STATES", "Discrepancy", "RefusedRegister", "TerminalCheck", "TerminalRegister", "TerminalRegisterLine"]
