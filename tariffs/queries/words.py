"""The words of price lists that people read: when a price is charged, what is counted, how a quantity is priced."""

from django.utils.translation import gettext_lazy as _, pgettext_lazy

PRICE_KINDS = {"RECURRING": _("Every bill period"), "ONE_OFF": _("Once, at activation")}
TIMINGS = {"ARREARS": _("When the period is over"), "ADVANCE": _("When the period begins")}
PRORATIONS = {
    "CALENDAR_DAYS": _("By calendar days"),
    "THIRTY_DAYS": _("By days of a 30-day month"),
    "WHOLE": _("The whole period"),
}
CHANGE_PRORATIONS = {"SAME": _("As at the start"), **PRORATIONS}
END_PRORATIONS = {**CHANGE_PRORATIONS, "NO_REFUND": _("What is paid in advance is not given back")}
UNITS = {
    "SECONDS": pgettext_lazy("unit", "Seconds"),
    "EVENTS": pgettext_lazy("unit", "Events"),
    "BYTES": pgettext_lazy("unit", "Bytes"),
    "MONEY": pgettext_lazy("unit", "Money"),
}
MODELS = {
    "STANDARD": _("Price per increment, with steps"),
    "TIERS": _("Blocks in tiers, nothing beyond the last"),
    "GRADUATED": _("Every unit in its own tier"),
    "GRADUATED_PERCENTAGE": _("A share of each tier"),
    "VOLUME": _("All units in the tier reached"),
    "PACKAGE": _("Started packages"),
    "PERCENTAGE": _("A share of each event"),
}
SCOPES = {"EVENT": _("Each use by itself"), "PERIOD": _("All use of the bill period")}
CAP_POLICIES = {
    "CAP": _("The price stops there"),
    "DISCONNECT": _("The call ends there; the price is not capped"),
}
ROUNDING = {"HALF_UP": pgettext_lazy("rounding", "Half up"), "UP": pgettext_lazy("rounding", "Up")}
SERVICE_KINDS = {
    "FIXED": _("Fixed line"),
    "MOBILE": _("Mobile"),
    "INTERNET": _("Internet"),
    "OTHER": pgettext_lazy("kind of service", "Other"),
}
RANGE_FAULTS = {
    "OVERLAP": _("Two rows hold on these days"),
    "HOLE": _("No row holds on these days"),
    "REVERSED": _("It ends before it begins"),
}
TAX_TREATMENTS = {
    "S": pgettext_lazy("treatment by tax", "Standard"),
    "Z": pgettext_lazy("treatment by tax", "Zero rated"),
    "E": pgettext_lazy("treatment by tax", "Exempt"),
    "AE": pgettext_lazy("treatment by tax", "Reverse charge"),
    "K": pgettext_lazy("treatment by tax", "Supply within the community"),
    "G": pgettext_lazy("treatment by tax", "Export"),
    "O": pgettext_lazy("treatment by tax", "Not subject to tax"),
}
