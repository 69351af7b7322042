"""What they paid."""

from payments.models.payment import Allocation, Payment
from payments.models.terminal import TerminalNetwork

__all__ = ["Allocation", "Payment", "TerminalNetwork"]
