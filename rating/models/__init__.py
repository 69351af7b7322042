"""What was used and what it costs: sources and files, rated records, lines set aside, allowances, totals, limits."""

from rating.models.allowance_bucket import AllowanceBucket
from rating.models.call_list import CallListOrder, NumberDisclosure
from rating.models.fraud import FraudHit, FraudRule
from rating.models.line_proposal import LineProposal
from rating.models.numbering_plan import NumberingPlanVersion
from rating.models.plan_preview import PlanPreview, PlanPreviewAccount, PlanPreviewFee, PlanPreviewZone
from rating.models.premium import PremiumDay, PremiumNumber, PremiumStation, PremiumTotal
from rating.models.quarantine_check import QuarantineCheck
from rating.models.rated_usage import RatedUsage, UsagePartition
from rating.models.rerating import Rerating, ReratingAccount
from rating.models.retention import DetachedCorrection, DetachedFile, DetachedPartition, DetachedTotal, LegalHold
from rating.models.set_aside import SetAsideLine
from rating.models.traffic import FollowedStaffLine, KeyAccountDay, StaffLineDay, TrafficDay, TrafficServiceDay
from rating.models.usage_day_check import UsageDayCheck
from rating.models.usage_file import GapExplanation, UsageFile, UsageSource
from rating.models.usage_limit import LimitNotice, UsageLimit
from rating.models.usage_total import CorrectionTotal, UsageTotal

__all__ = [
    "AllowanceBucket",
    "CallListOrder",
    "CorrectionTotal",
    "DetachedCorrection",
    "DetachedFile",
    "DetachedPartition",
    "DetachedTotal",
    "FollowedStaffLine",
    "FraudHit",
    "FraudRule",
    "GapExplanation",
    "KeyAccountDay",
    "LegalHold",
    "LimitNotice",
    "LineProposal",
    "NumberDisclosure",
    "NumberingPlanVersion",
    "PlanPreview",
    "PlanPreviewAccount",
    "PlanPreviewFee",
    "PlanPreviewZone",
    "PremiumDay",
    "PremiumNumber",
    "PremiumStation",
    "PremiumTotal",
    "QuarantineCheck",
    "RatedUsage",
    "Rerating",
    "ReratingAccount",
    "SetAsideLine",
    "StaffLineDay",
    "TrafficDay",
    "TrafficServiceDay",
    "UsageDayCheck",
    "UsageFile",
    "UsageLimit",
    "UsagePartition",
    "UsageSource",
    "UsageTotal",
]
