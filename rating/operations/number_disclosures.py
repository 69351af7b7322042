"""Called numbers shown whole: asked for with a reason, for a short time, and every look is written down."""

from datetime import datetime, timedelta

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from rating.models import NumberDisclosure
from rating.queries.call_lists import find_disclosure
from subscribers.models import Account

# Long enough to read a list with the subscriber, short enough to be over when the next one comes.
OPEN_FOR = timedelta(minutes=15)


class DisclosureNeedsReason(BillingError):
    """Nobody sees hidden digits without saying why."""

    default_message = gettext_noop("Say why the whole numbers are needed: the reason is kept.")
    default_code = "DISCLOSURE_NEEDS_REASON"


class DisclosureIsOver(BillingError):
    """The time is over, or it was somebody else's."""

    default_message = gettext_noop("The whole numbers are not shown any more: ask for them again, with a reason.")
    default_code = "DISCLOSURE_IS_OVER"


@durable
def reveal_numbers(*, account_id: int, reason: str, at: datetime, actor: User) -> NumberDisclosure:
    """
    Let a person see the called numbers of an account whole for a quarter of an hour.

    :param reason: whose wish it is, or by what order
    :raises DisclosureNeedsReason: without one
    """
    if not reason.strip():
        raise DisclosureNeedsReason
    account = Account.objects.get(pk=account_id)
    disclosure = NumberDisclosure.objects.create(
        account=account, person=actor, reason=reason.strip(), opened_at=at, ends_at=at + OPEN_FOR
    )
    record(
        "rating.reveal_numbers",
        actor=actor,
        subject=account,
        changes={"reason": disclosure.reason, "until": disclosure.ends_at.isoformat()},
    )
    return disclosure


@durable
def show_whole_numbers(*, account_id: int, page: str, at: datetime, actor: User) -> NumberDisclosure:
    """
    Write down that a page with whole numbers is being shown; every page is an act of its own.

    :param page: its address, with the filter
    :raises DisclosureIsOver: if the person has no open disclosure of the account
    """
    disclosure = find_disclosure(account_id=account_id, person_id=actor.pk, at=at)
    if disclosure is None:
        raise DisclosureIsOver
    changes = {"disclosure": disclosure.pk, "page": page, "reason": disclosure.reason}
    record("rating.show_whole_numbers", actor=actor, subject=disclosure.account, changes=changes)
    return disclosure


@durable
def hide_numbers(*, account_id: int, at: datetime, actor: User) -> int:
    """End a person's disclosures of an account before their time; return how many were open."""
    open_ones = NumberDisclosure.objects.filter(account_id=account_id, person=actor, ends_at__gt=at, opened_at__lte=at)
    count = open_ones.update(ends_at=at)
    if count:
        record("rating.hide_numbers", actor=actor, subject=Account.objects.get(pk=account_id))
    return count
