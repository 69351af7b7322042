"""Exemptions of accounts from tax: recorded by one person with the certificate, approved by another."""

from collections.abc import Callable
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from subscribers.models import TaxExemption
from subscribers.operations.accounts import lock_open_account
from subscribers.operations.subscriptions import PeriodAlreadyBilled
from tariffs.models import TaxCategory


class ExemptionUnsound(BillingError):
    """Without a certificate, from a category to itself, or on no day."""

    default_message = gettext_noop(
        "An exemption needs the number of its certificate, another tax category in the place of the first, and at least"
        " one day."
    )
    default_code = "EXEMPTION_UNSOUND"


class ExemptionAlreadyApproved(BillingError):
    """It was approved before."""

    default_message = gettext_noop("Exemption %(certificate)s is approved already.")
    default_code = "EXEMPTION_ALREADY_APPROVED"


class ExemptionMadeBySamePerson(BillingError):
    """Who recorded it does not approve it."""

    default_message = gettext_noop("You recorded exemption %(certificate)s: another person approves it.")
    default_code = "EXEMPTION_MADE_BY_SAME_PERSON"


class ExemptionHeld(BillingError):
    """Two exemptions of a category on one day."""

    default_message = gettext_noop("The account is exempted from this tax on some of these days already.")
    default_code = "EXEMPTION_HELD"


class ExemptionNotHeld(BillingError):
    """There is nothing to end."""

    default_message = gettext_noop("Exemption %(certificate)s does not hold on %(day)s.")
    default_code = "EXEMPTION_NOT_HELD"


@durable
def record_exemption(
    *,
    account_id: int,
    category_id: int,
    instead_id: int,
    certificate: str,
    from_on: date,
    actor: User | None,
    until_on: date | None = None,
) -> TaxExemption:
    """
    Record that an account's charges of a tax category are taxed as another from a day on; it waits for approval.

    :param certificate: number of the paper that says so
    :param until_on: first day without it
    :raises AccountIsClosed: if nothing more is sold to the account
    :raises PeriodAlreadyBilled: if the first day lies in a period that is billed
    :raises ExemptionUnsound: without a certificate, for the same category, or for no day
    """
    account = lock_open_account(account_id)
    if from_on < account.cycle.open_from:
        raise PeriodAlreadyBilled(context={"day": from_on, "open": account.cycle.open_from})
    is_empty = until_on is not None and until_on <= from_on
    if not certificate.strip() or category_id == instead_id or is_empty:
        raise ExemptionUnsound
    exemption = TaxExemption.objects.create(
        account=account,
        category=TaxCategory.objects.get(pk=category_id),
        instead=TaxCategory.objects.get(pk=instead_id),
        certificate=certificate.strip(),
        during=days_from(from_on, until_on),
        created_by=actor,
    )
    changes = {"certificate": exemption.certificate, "from": from_on.isoformat()}
    record("subscribers.record_exemption", actor=actor, subject=exemption, changes=changes)
    return exemption


@durable
def approve_exemption(*, exemption_id: int, approved_at: datetime, actor: User) -> TaxExemption:
    """
    Approve a recorded exemption: bills count it, and it stays as it is but for its end.

    :raises ExemptionAlreadyApproved: if it is approved
    :raises ExemptionMadeBySamePerson: if ``actor`` recorded it
    :raises ExemptionHeld: if the account is exempted from the category on one of the days
    """
    exemption = TaxExemption.objects.select_for_update(of=("self",)).get(pk=exemption_id)
    named = {"certificate": exemption.certificate}
    if not exemption.is_draft:
        raise ExemptionAlreadyApproved(context=named)
    if exemption.created_by_id == actor.pk:
        raise ExemptionMadeBySamePerson(context=named)
    exemption.state = TaxExemption.State.APPROVED
    exemption.approved_by = actor
    exemption.approved_at = approved_at
    refusals: dict[str, Callable[[], BillingError]] = {
        "subscribers_taxexemption_second_person": lambda: ExemptionMadeBySamePerson(context=named),
        "subscribers_taxexemption_one_at_a_time": ExemptionHeld,
    }
    with constraint_errors(refusals):
        exemption.save(update_fields=["state", "approved_by", "approved_at"])
    record("subscribers.approve_exemption", actor=actor, subject=exemption, changes=named)
    return exemption


@durable
def end_exemption(*, exemption_id: int, until_on: date, actor: User | None) -> TaxExemption:
    """
    End an exemption: ``until_on`` is the first day without it.

    :raises ExemptionNotHeld: if it does not hold on the day before
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    rows = TaxExemption.objects.select_related("account__cycle").select_for_update(of=("self",))
    exemption = rows.get(pk=exemption_id)
    open_from = exemption.account.cycle.open_from
    if until_on < open_from:
        raise PeriodAlreadyBilled(context={"day": until_on, "open": open_from})
    during = date_period(exemption.during)
    if until_on <= during.start or (during.until is not None and during.until <= until_on):
        raise ExemptionNotHeld(context={"certificate": exemption.certificate, "day": until_on})
    exemption.during = days_from(during.start, until_on)
    exemption.save(update_fields=["during"])
    changes = {"certificate": exemption.certificate, "until": until_on.isoformat()}
    record("subscribers.end_exemption", actor=actor, subject=exemption, changes=changes)
    return exemption
