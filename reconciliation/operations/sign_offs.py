"""A day of the terminals is signed off: with a name, without an open case, and for good."""

from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from reconciliation.models import LIVE_STATES, TerminalCheck
from reconciliation.operations.registers import get_network


class DayNotChecked(BillingError):
    """Nothing was compared."""

    default_message = gettext_noop(
        "%(day)s was compared with no register yet: it cannot be signed off. Nothing was changed."
    )
    default_code = "DAY_NOT_CHECKED"


class DayHasOpenCases(BillingError):
    """Somebody has still to settle them."""

    default_message = gettext_noop(
        "%(day)s has %(count)s differences that are not settled: it cannot be signed off. Nothing was changed."
    )
    default_code = "DAY_HAS_OPEN_CASES"


class DaySignedOff(BillingError):
    """It was done before."""

    default_message = gettext_noop("%(day)s was signed off already, by %(person)s. Nothing was changed.")
    default_code = "DAY_SIGNED_OFF"


@durable
def sign_off_day(*, network_code: str, day: date, signed_at: datetime, actor: User) -> TerminalCheck:
    """
    Put a name under a network's day. What comes later is a case of the day on which it comes.

    :raises NetworkUnknown: no network has the code
    :raises DayNotChecked: if there is no register
    :raises DayHasOpenCases: if a difference is not settled
    :raises DaySignedOff: if somebody signed it off before
    """
    network = get_network(network_code)
    check = (
        TerminalCheck.objects.select_for_update(of=("self",), no_key=True)
        .select_related("signed_by")
        .filter(network=network, day=day)
        .first()
    )
    if check is None or check.state == TerminalCheck.State.MISSING:
        raise DayNotChecked(context={"day": day})
    if check.is_signed_off:
        raise DaySignedOff(context={"day": day, "person": str(check.signed_by)})
    open_count = check.discrepancies.filter(state__in=LIVE_STATES).count()
    refusal = DayHasOpenCases(context={"day": day, "count": open_count})
    if open_count:
        raise refusal
    check.signed_by, check.signed_at = actor, signed_at
    with constraint_errors({"reconciliation_terminalcheck_signed_without_open": lambda: refusal}):
        check.save(update_fields=["signed_by", "signed_at"])
    told = {"day": day.isoformat(), "matched": check.matched_count}
    record("reconciliation.sign_off_day", actor=actor, subject=check, changes=told)
    return check
