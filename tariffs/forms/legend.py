"""What the signs and words of a version's tables mean: read on the page where they are typed."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tariffs.queries.words import (
    CAP_POLICIES,
    CHANGE_PRORATIONS,
    END_PRORATIONS,
    MODELS,
    PRICE_KINDS,
    PRORATIONS,
    SCOPES,
    TIMINGS,
    UNITS,
)

Words = Mapping[str, str | Promise]
# A price in a cell, and what it says.
PRICES: Words = {
    "5": _("The price for as many units as the line says, counted in its increments."),
    "5; 2.5@180": _("The first price, and another from the 180th unit of the use on."),
    "0.6/60+6": _("A price for 60 units, counted in increments of 6: both are of this cell alone."),
    "3/1+0<1000; 2/1+0@1000": _("Tiers: one price up to unit 1000, another beyond. +0 leaves units uncut."),
    "0<1000=20; 1/1@1000": _("A tier with a flat fee of 20, whatever is used of it."),
    "100/10+10": _("Packages: the price of each started package of 10 units."),
    "0%2.5": _("A share of the money that the event costs, in per cent. The unit is MONEY."),
    "0<1000%1; 0@1000%0.5": _("One share up to 1000, another beyond. Signs stand in this order: / + @ < = %"),
}
LEGEND: tuple[tuple[str | Promise, Words], ...] = (
    (_("How a price is written"), PRICES),
    (_("Model"), MODELS),
    (_("Tiers run over"), SCOPES),
    (_("Unit"), UNITS),
    (_("At the maximum"), CAP_POLICIES),
    (_("When"), PRICE_KINDS),
    (_("When it is charged"), TIMINGS),
    (_("Part of a period"), PRORATIONS),
    (_("Part at the end"), END_PRORATIONS),
    (_("Part at a change"), CHANGE_PRORATIONS),
)
