"""Words of addresses: ``<day:day>`` is a day written as 2026-03-04. Importing this module is enough."""

from datetime import date

from django.urls import register_converter


class DayConverter:
    """A day of the calendar."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Read it; what is no day leads nowhere."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """Write it."""
        return str(value)


register_converter(DayConverter, "day")
