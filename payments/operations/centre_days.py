"""The accountant says that a day of a service centre is in order."""

from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import ServiceCentre, User
from payments.models import CentreDayConfirmation, TillSession
from payments.queries.centre_days import sum_sessions
from payments.queries.till_sessions import till_sessions


class CentreDayNotOver(BillingError):
    """Something of it is still open."""

    default_message = gettext_noop(
        "The day of %(centre)s is not in order yet: %(count)s sessions are open or wait for a signature."
    )
    default_code = "CENTRE_DAY_NOT_OVER"


class CentreDayEmpty(BillingError):
    """No till was open."""

    default_message = gettext_noop("No till of %(centre)s was open on %(day)s.")
    default_code = "CENTRE_DAY_EMPTY"


class CentreDayOfOwn(BillingError):
    """Who took the money, counted it or signed for it does not confirm it."""

    default_message = gettext_noop("You have worked on this day of %(centre)s yourself: another person confirms it.")
    default_code = "CENTRE_DAY_OF_OWN"


class CentreDayConfirmed(BillingError):
    """Once is enough."""

    default_message = gettext_noop("The day %(day)s of %(centre)s was confirmed before.")
    default_code = "CENTRE_DAY_CONFIRMED"


class CentreDayWithoutWords(BillingError):
    """Money is missing, or too much, and nobody says what comes of it."""

    default_message = gettext_noop("There is a difference: say what comes of it.")
    default_code = "CENTRE_DAY_WITHOUT_WORDS"


@durable
def confirm_centre_day(
    *, centre_id: int, day: date, note: str, confirmed_at: datetime, actor: User
) -> CentreDayConfirmation:
    """
    Confirm a day of a centre: every session is closed, every difference has its signature and a word here.

    :raises CentreDayEmpty: if no till was open
    :raises CentreDayNotOver: if a session is open, or counted and not signed
    :raises CentreDayOfOwn: if ``actor`` took money on that day there, counted it or signed for it
    :raises CentreDayWithoutWords: if there is a difference and no note
    :raises CentreDayConfirmed: if it was confirmed before
    """
    centre = ServiceCentre.objects.get(pk=centre_id)
    found = sum_sessions(till_sessions(centre_id=centre.pk, opened_on=day))
    named = {"centre": centre.code, "day": day}
    if not found:
        raise CentreDayEmpty(context=named)
    waiting = sum(one.session.state != TillSession.State.CLOSED for one in found)
    if waiting:
        raise CentreDayNotOver(context={**named, "count": waiting})
    people = {pk for one in found for pk in (one.session.clerk_id, one.session.counted_by_id, one.session.signed_by_id)}
    if actor.pk in people:
        raise CentreDayOfOwn(context=named)
    difference_minor = sum(one.difference_minor or 0 for one in found)
    if any(one.difference_minor for one in found) and not note.strip():
        raise CentreDayWithoutWords
    with constraint_errors({"payments_centreday_confirmed_once": lambda: CentreDayConfirmed(context=named)}):
        made = CentreDayConfirmation.objects.create(
            centre=centre,
            day=day,
            net_minor=sum(one.net_minor for one in found),
            difference_minor=difference_minor,
            note=note.strip(),
            confirmed_by=actor,
            confirmed_at=confirmed_at,
        )
    changes = {"day": day.isoformat(), "net_minor": str(made.net_minor), "difference_minor": str(difference_minor)}
    record("payments.confirm_centre_day", actor=actor, subject=centre, changes=changes)
    return made
