"""What was used and what it costs: sources and files, rated records, lines set aside, allowances, totals."""

from rating.models.allowance_bucket import AllowanceBucket
from rating.models.rated_usage import RatedUsage, UsagePartition
from rating.models.set_aside import SetAsideLine
from rating.models.usage_file import UsageFile, UsageSource
from rating.models.usage_total import UsageTotal

__all__ = [
    "AllowanceBucket",
    "RatedUsage",
    "SetAsideLine",
    "UsageFile",
    "UsagePartition",
    "UsageSource",
    "UsageTotal",
]
