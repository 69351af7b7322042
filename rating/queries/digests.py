"""One figure for all that rating wrote: equal where the results are equal, whatever way they came about."""

import hashlib
from dataclasses import dataclass

from django.db import connection

_RATED = (
    "SELECT subscription_id, extract(epoch FROM start_at), duplicate_key, revision, account_id, f.source_id,"
    " line_number, calling, called, r.duration_seconds, zone_id, bill_item_id, plan_version_id, rate_id,"
    " charged_units, allowance_id, allowance_units, unit_price_micro, r.amount_micro, bill_period, is_late,"
    " service, volume_bytes, third_party_micro, units_before, events_before, corrects"
    " FROM rating_ratedusage r JOIN rating_usagefile f ON f.id = r.file_id ORDER BY 1, 2, 3, 4"
)
_ASIDE = (
    "SELECT c.sha256, line_number, outcome, reason, raw, duration_seconds FROM rating_setasideline s"
    " JOIN rating_usagefile f ON f.id = s.file_id JOIN documents_storedfile c ON c.id = f.content_id ORDER BY 1, 2"
)
_TOTALS = "SELECT * FROM rating_usagetotal ORDER BY account_id, bill_period, subscription_id, bill_item_id"
_CORRECTIONS = (
    "SELECT * FROM rating_correctiontotal ORDER BY account_id, bill_period, subscription_id, bill_item_id, corrects"
)
_BUCKETS = "SELECT * FROM rating_allowancebucket ORDER BY 1, 2, 3, 4"
_FILES = (
    "SELECT c.sha256, state, line_count, rated_count, duplicate_count, joined_count, quarantined_count, rejected_count,"
    " total_seconds, rated_seconds, duplicate_seconds, joined_seconds, quarantined_seconds, amount_micro,"
    " total_bytes, rated_bytes, duplicate_bytes, joined_bytes, quarantined_bytes"
    " FROM rating_usagefile f JOIN documents_storedfile c ON c.id = f.content_id ORDER BY 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingDigest:
    """SHA-256 of each of the six tables that rating writes, without ids and times that depend on the order of work."""

    rated: str
    set_aside: str
    totals: str
    corrections: str
    allowances: str
    files: str


def get_rating_digest() -> RatingDigest:
    """Return the digests of everything rated so far; memory stays flat, the whole tables are read."""
    return RatingDigest(
        rated=_digest(_RATED),
        set_aside=_digest(_ASIDE),
        totals=_digest(_TOTALS),
        corrections=_digest(_CORRECTIONS),
        allowances=_digest(_BUCKETS),
        files=_digest(_FILES),
    )


class _Hasher:
    """Takes what COPY writes."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, block: bytes) -> int:
        self.digest.update(block)
        return len(block)


def _digest(select: str) -> str:
    hasher = _Hasher()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({select}) TO STDOUT", hasher)
    return hasher.digest.hexdigest()
