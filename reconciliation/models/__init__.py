"""Whether it agrees: registers of the terminal networks, the daily check, each difference as a case."""

from reconciliation.models.terminal_check import Discrepancy, TerminalCheck, TerminalRegister, TerminalRegisterLine

__all__ = ["Discrepancy", "TerminalCheck", "TerminalRegister", "TerminalRegisterLine"]
