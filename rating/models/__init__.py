"""What was used and what it costs: sources and files, rated records, lines set aside, allowances, totals, limits."""

from rating.models.allowance_bucket import AllowanceBucket
from rating.models.fraud import FraudHit, FraudRule
from rating.models.line_proposal import LineProposal
from rating.models.numbering_plan import NumberingPlanVersion
from rating.models.quarantine_check import QuarantineCheck
from rating.models.rated_usage import RatedUsage, UsagePartition
from rating.models.set_aside import SetAsideLine
from rating.models.usage_file import GapExplanation, UsageFile, UsageSource
from rating.models.usage_limit import LimitNotice, UsageLimit
from rating.models.usage_total import UsageTotal

__all__ = [
    "AllowanceBucket",
    "FraudHit",
    "FraudRule",
    "GapExplanation",
    "LimitNotice",
    "LineProposal",
    "NumberingPlanVersion",
    "QuarantineCheck",
    "RatedUsage",
    "SetAsideLine",
    "UsageFile",
    "UsageLimit",
    "UsagePartition",
    "UsageSource",
    "UsageTotal",
]
