"""How old debts were in a night that was counted to its end."""

from collections.abc import Collection
from datetime import date

from payments.domain.ageing import Ageing
from payments.models import DebtAge, DebtNight


def last_debt_night(*, on: date) -> DebtNight | None:
    """Return the last finished night up to a day, that day's included; ``None`` without one."""
    return DebtNight.objects.filter(state=DebtNight.State.DONE, day__lte=on).order_by("-day").first()


def debt_ages(*, night_id: int, currency: str, centre_ids: Collection[int]) -> dict[int, DebtAge]:
    """Return the figures of a night of service centres, by centre; one without any account is left out."""
    found = DebtAge.objects.filter(night_id=night_id, currency=currency, centre_id__in=list(centre_ids))
    return {one.centre_id: one for one in found}


def ageing_of(age: DebtAge) -> Ageing:
    """Return the classes of age of a centre."""
    return Ageing(
        not_due_minor=age.not_due_minor,
        to_30_minor=age.to_30_minor,
        to_60_minor=age.to_60_minor,
        to_90_minor=age.to_90_minor,
        older_minor=age.older_minor,
    )
