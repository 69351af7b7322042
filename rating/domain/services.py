"""What was used: the kinds of usage that a record can be of."""

from enum import StrEnum

from billing_site.core.quantities import Unit


class Service(StrEnum):
    """
    A kind of usage.

    ``VOICE`` is charged by seconds, ``MESSAGE`` each, ``DATA`` by bytes or seconds, ``CONTENT`` by what a third party
    charges. Of ``VOICE`` and ``MESSAGE`` the called is a number, of the others the name of an access point or of a
    service.
    """

    VOICE = "VOICE"
    MESSAGE = "MESSAGE"
    DATA = "DATA"
    CONTENT = "CONTENT"

    @property
    def candidate_units(self) -> tuple[Unit, ...]:
        """The units in which it may be priced: the first for which the plan has a rate in the zone counts."""
        return _CANDIDATE_UNITS[self]


_CANDIDATE_UNITS = {
    Service.VOICE: (Unit.SECONDS,),
    Service.MESSAGE: (Unit.EVENTS,),
    Service.DATA: (Unit.BYTES, Unit.SECONDS),
    Service.CONTENT: (Unit.MONEY, Unit.EVENTS),
}

# How a kind of usage is written where it must be small: in columns and rows. Never changed, only added to.
SERVICE_CODES = {Service.VOICE: 0, Service.MESSAGE: 1, Service.DATA: 2, Service.CONTENT: 3}
SERVICES_BY_CODE = {code: service for service, code in SERVICE_CODES.items()}
NAMED_SERVICES = frozenset({Service.DATA, Service.CONTENT})
"""Services whose called is a name, not a number."""
