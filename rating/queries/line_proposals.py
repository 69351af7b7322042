"""What is proposed for waiting lines, and what became of it."""

from django.db.models import OuterRef, QuerySet, Subquery

from billing_site.identity.models import User
from rating.models import LineProposal, SetAsideLine, UsageFile


def line_proposals(*, viewer: User, state: str | None = None) -> "QuerySet[LineProposal]":
    """Return proposals, the latest first: of a centre's staff the own centre's."""
    proposals = LineProposal.objects.select_related("proposed_by", "decided_by").order_by("-id")
    if viewer.centre_id is not None:
        proposals = proposals.filter(proposed_by__centre_id=viewer.centre_id)
    return proposals.filter(state=state) if state else proposals


def lines_of_proposal(proposal_id: int) -> "QuerySet[SetAsideLine]":
    """Return the lines that a proposal was the last one about, by file and line, each with its ``file_name``."""
    name = UsageFile.objects.filter(pk=OuterRef("file_id")).values("name")
    lines = SetAsideLine.objects.filter(proposal_id=proposal_id).annotate(file_name=Subquery(name))
    return lines.order_by("file_id", "line_number")
