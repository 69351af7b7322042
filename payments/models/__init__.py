"""What they paid, what is done where they do not, and what is given up."""

from payments.models.bad_debt import BadDebtRecovery, WriteOff, WriteOffItem
from payments.models.dunning import DunningAct, DunningCase, DunningExclusion, DunningFee, DunningRun, PaymentPromise
from payments.models.dunning_policy import DunningPolicy, DunningStep
from payments.models.gateway import BadSender, NetworkAlarm, NetworkDay, NetworkDayPart, UsedNonce
from payments.models.payment import Allocation, Payment
from payments.models.reversal import PaymentReversal
from payments.models.terminal import TerminalNetwork

__all__ = [
    "Allocation",
    "BadDebtRecovery",
    "BadSender",
    "DunningAct",
    "DunningCase",
    "DunningExclusion",
    "DunningFee",
    "DunningPolicy",
    "DunningRun",
    "DunningStep",
    "NetworkAlarm",
    "NetworkDay",
    "NetworkDayPart",
    "Payment",
    "PaymentPromise",
    "PaymentReversal",
    "TerminalNetwork",
    "UsedNonce",
    "WriteOff",
    "WriteOffItem",
]
