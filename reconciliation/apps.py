"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks

# Label, address, verb, order.
MENU = (
    (_("Daily terminal check"), "terminal-checks", "view_terminal_checks", 10),
    (_("Differences of the terminals"), "discrepancies", "view_terminal_checks", 11),
    (_("Confirmed payments of the terminals"), "terminal-payments", "view_terminal_checks", 12),
    (_("Pieces of the supply division"), "supply-day", "view_supply", 13),
    (_("Sales of the centres"), "sales-day", "view_supply", 14),
    (_("Bank statements"), "statements", "view_statements", 20),
    (_("Lines without an owner"), "open-lines", "view_statements", 21),
    (_("Billing against accounting"), "book-comparisons", "view_book_comparisons", 50),
    (_("Differences from accounting"), "book-cases", "view_book_cases", 51),
    (_("Files of the accounting ledger"), "accounting-files", "view_accounting_files", 52),
    (_("Revenue transfers to accounting"), "revenue-transfers", "view_revenue_transfers", 53),
    (_("Classes of the accounting ledger"), "accounting-classes", "view_accounting_classes", 54),
    (_("Column maps of accounting files"), "accounting-maps", "view_accounting_classes", 55),
    (_("Causes of differences from accounting"), "book-causes", "view_accounting_classes", 56),
)
LOOKS = {
    "AGREED": StateLook(label=pgettext_lazy("state", "Agreed"), tone=Tone.GOOD),
    "DIFFERENT": StateLook(label=pgettext_lazy("state", "With differences"), tone=Tone.WARN),
    "MISSING": StateLook(label=pgettext_lazy("state", "No register"), tone=Tone.BAD),
    "BEING_BOOKED": StateLook(label=pgettext_lazy("state", "Being booked"), tone=Tone.BUSY),
    "BOOKED": StateLook(label=pgettext_lazy("state", "Booked"), tone=Tone.GOOD),
    "DISCARDED": StateLook(label=pgettext_lazy("state", "Thrown away"), tone=Tone.QUIET),
    "NOT_BOOKED": StateLook(label=pgettext_lazy("state", "Not booked yet"), tone=Tone.QUIET),
    "MATCHED": StateLook(label=pgettext_lazy("state", "Matched"), tone=Tone.GOOD),
    "DUPLICATE": StateLook(label=pgettext_lazy("state", "Duplicate"), tone=Tone.QUIET),
    "NOT_A_RECEIPT": StateLook(label=pgettext_lazy("state", "No receipt"), tone=Tone.QUIET),
    "RESOLVED": StateLook(label=pgettext_lazy("state", "Settled"), tone=Tone.GOOD),
    "EXPLAINED": StateLook(label=pgettext_lazy("state", "Explained"), tone=Tone.WARN),
    "CONFIRMED": StateLook(label=pgettext_lazy("state", "Confirmed"), tone=Tone.GOOD),
    "UNCONFIRMED": StateLook(label=pgettext_lazy("state", "Waits for the register"), tone=Tone.QUIET),
    "LEFT_AS_IT_IS": StateLook(label=pgettext_lazy("state", "Accepted as it is"), tone=Tone.WARN),
    "REVERSED": StateLook(label=pgettext_lazy("state", "Taken back"), tone=Tone.QUIET),
    "CORRECTED": StateLook(label=pgettext_lazy("state", "Corrected"), tone=Tone.WARN),
    "GONE": StateLook(label=pgettext_lazy("state", "No longer there"), tone=Tone.QUIET),
    "PREPARED": StateLook(label=pgettext_lazy("state", "Prepared"), tone=Tone.WARN),
    "SENT": StateLook(label=pgettext_lazy("state", "Sent"), tone=Tone.GOOD),
}


class ReconciliationConfig(AppConfig):
    """Whether it agrees."""

    name = "reconciliation"

    def ready(self) -> None:
        """Add the menu's entry and the words of the states, and say what of the checks keeps a period open."""
        # Models are loaded only now.
        from invoicing.queries.periods import add_period_checks  # noqa: PLC0415
        from reconciliation.queries.period_checks import PERIOD_CHECKS  # noqa: PLC0415

        add_period_checks(PERIOD_CHECKS)
        add_state_looks(LOOKS)
        add_menu_entries(
            MenuEntry(
                label=label,
                url_name=f"reconciliation:{name}",
                permission=f"reconciliation.{verb}",
                group=MenuGroup.CHECKS,
                order=order,
            )
            for label, name, verb, order in MENU
        )
