"""Anticipated refusals. Anything else that is raised is a fault of ours and is logged, never shown."""

from collections.abc import Mapping
from datetime import datetime

from billing_site.core.clock import operator_zone


class BillingError(Exception):
    """
    A refusal that was foreseen, with a sentence fit for the person who asked.

    ``template`` may hold ``%(name)s`` places that ``context`` fills, so that a face can translate the template first;
    a lazily translated string is welcome too and is evaluated when read. ``code`` is a stable short word for programs
    (``"AMOUNT_TOO_PRECISE"``). A subclass may set ``default_message`` and ``default_code`` and be raised without
    arguments.
    """

    default_message: object = "The request was refused."
    default_code: str = ""

    def __init__(
        self, message: object = None, *, code: str | None = None, context: Mapping[str, object] | None = None
    ) -> None:
        """
        Keep the sentence, the code and the values.

        :param message: sentence or template (a string or a lazily translated one)
        :param code: stable word for programs; the class's own when left out
        :param context: values for the places of the template, also useful to logs
        """
        self.template: object = self.default_message if message is None else message
        self.code: str = self.default_code if code is None else code
        self.context: dict[str, object] = dict(context or {})
        super().__init__(self.template)

    @property
    def message(self) -> str:
        """The sentence, in the language active now if its template is lazily translated."""
        return self.fill(str(self.template))

    def fill(self, template: str) -> str:
        """Put the values into a (translated) template; without values the template is returned as it is."""
        return template % {name: _shown(value) for name, value in self.context.items()} if self.context else template

    def __str__(self) -> str:
        """Return the sentence."""
        return self.message


def _shown(value: object) -> object:
    """Return an instant by the operator's clock, to the minute; other values as they are."""
    return f"{value.astimezone(operator_zone()):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value
