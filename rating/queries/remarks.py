"""What a list says beside a call that is not an ordinary one."""

from billing_site.core.messages import gettext_noop
from rating.domain.services import SERVICE_CODES, Service
from rating.models import RatedUsage

TAKEN_BACK = gettext_noop("Taken back")
CORRECTED = gettext_noop("Corrected")
LATE = gettext_noop("Came late")


def remark_of(call: RatedUsage) -> str:
    """
    Return the remark of a record as an English msgid, empty for an ordinary one.

    Revision 0 is the first rating; odd ones take a rating back, even ones put a new one in its place.
    """
    if call.revision:
        return TAKEN_BACK if call.revision & 1 else CORRECTED
    return LATE if call.is_late else ""


def seconds_of(call: RatedUsage, units: int) -> int | None:
    """Return units of a record that are seconds; those of messages, data and contents are others and are left out."""
    return units if call.service == SERVICE_CODES[Service.VOICE] else None
