"""Whether it agrees: the terminals' daily check with its cases, and what the supply division gave to the centres."""

from reconciliation.models.discrepancy import LIVE_STATES, Discrepancy
from reconciliation.models.supply import SupplyItem, SupplyMove, SupplyPrice, SupplySheet
from reconciliation.models.terminal_check import (
    RefusedRegister,
    TerminalCheck,
    TerminalRegister,
    TerminalRegisterLine,
)

__all__ = [
    "LIVE_STATES",
    "Discrepancy",
    "RefusedRegister",
    "SupplyItem",
    "SupplyMove",
    "SupplyPrice",
    "SupplySheet",
    "TerminalCheck",
    "TerminalRegister",
    "TerminalRegisterLine",
]
