"""What waits for a second person."""

from django.db.models import QuerySet

from billing_site.identity.models import User
from tariffs.models import PlanVersion, RateDeck


def versions_to_approve(person: User) -> "QuerySet[PlanVersion]":
    """Return the submitted versions that a person may approve: those he neither made, changed nor submitted."""
    submitted = PlanVersion.objects.filter(state=PlanVersion.State.SUBMITTED)
    return submitted.exclude(created_by=person).exclude(changed_by=person).exclude(submitted_by=person)


def decks_to_confirm(person: User) -> "QuerySet[RateDeck]":
    """Return the rate decks of drafts whose jumps a person may confirm: those that another one loaded."""
    drafts = RateDeck.objects.filter(plan_version__state=PlanVersion.State.DRAFT, jump_count__gt=0)
    return drafts.filter(confirmed_by=None).exclude(loaded_by=person)
