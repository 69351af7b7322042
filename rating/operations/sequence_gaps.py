"""Holes in the sequence of a source's files: somebody looks after each, and says why."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from rating.models import GapExplanation, UsageSource
from rating.operations.usage_files import ReasonMissing
from rating.queries.intake import sequence_gaps


class GapNotThere(BillingError):
    """The numbers did come, or are no gap of this source."""

    default_message = _("From %(first)s to %(last)s nothing is missing of %(source)s. Open the list again.")
    default_code = "GAP_NOT_THERE"


@durable
def explain_gap(
    *, source_id: int, first: int, last: int, owner: User, reason: str, explained_at: datetime, actor: User
) -> GapExplanation:
    """
    Say why numbers never came and who looks after it; a later word replaces the earlier, which stays in the audit.

    :param first: place of the sequence, as ``SequenceGap.first_place``
    :raises GapNotThere: if these places are no gap
    :raises ReasonMissing: without a reason
    """
    source = UsageSource.objects.select_for_update(no_key=True).get(pk=source_id)
    if not any((gap.first_place, gap.last_place) == (first, last) for gap in sequence_gaps(source=source)):
        raise GapNotThere(context={"first": first, "last": last, "source": source.code})
    if not reason.strip():
        raise ReasonMissing
    values = {"owner": owner, "reason": reason.strip()[:300], "explained_by": actor, "explained_at": explained_at}
    explanation, _is_new = GapExplanation.objects.update_or_create(
        source=source, first=first, last=last, defaults=values
    )
    record(
        "rating.explain_gap",
        actor=actor,
        subject=source,
        changes={"first": first, "last": last, "owner": owner.username, "reason": explanation.reason},
    )
    return explanation
