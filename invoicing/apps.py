"""Application configuration."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks
from tariffs.queries.plan_uses import answer_plan_uses

STATE_LOOKS = {
    "PLANNED": StateLook(label=pgettext_lazy("state", "Planned"), tone=Tone.QUIET),
    "CALCULATING": StateLook(label=pgettext_lazy("state", "Calculating"), tone=Tone.BUSY),
    "CALCULATED": StateLook(label=pgettext_lazy("state", "To be reviewed"), tone=Tone.WARN),
    "POSTING": StateLook(label=pgettext_lazy("state", "Posting"), tone=Tone.BUSY),
    "DELIVERING": StateLook(label=pgettext_lazy("state", "Delivering"), tone=Tone.BUSY),
    "DELIVERED": StateLook(label=pgettext_lazy("state", "Delivered"), tone=Tone.GOOD),
    "SENDING": StateLook(label=pgettext_lazy("state", "Being sent"), tone=Tone.BUSY),
    "VIEWED": StateLook(label=pgettext_lazy("state", "Seen by the subscriber"), tone=Tone.GOOD),
    "PRINTED": StateLook(label=pgettext_lazy("state", "Printed"), tone=Tone.GOOD),
    "BOUNCED": StateLook(label=pgettext_lazy("state", "Came back"), tone=Tone.BAD),
    "RECALLED": StateLook(label=pgettext_lazy("state", "To be called back"), tone=Tone.BAD),
    "CALLED_BACK": StateLook(label=pgettext_lazy("state", "Called back"), tone=Tone.QUIET),
    "RESENT": StateLook(label=pgettext_lazy("state", "Sent again"), tone=Tone.QUIET),
    "LATE": StateLook(label=pgettext_lazy("state", "Late"), tone=Tone.BAD),
    "ASKED": StateLook(label=pgettext_lazy("state", "Asked for"), tone=Tone.WARN),
    "MAKING": StateLook(label=pgettext_lazy("state", "Being made"), tone=Tone.BUSY),
    "HANDED_OVER": StateLook(label=pgettext_lazy("state", "Handed over"), tone=Tone.GOOD),
    "READY": StateLook(label=pgettext_lazy("state", "To be billed"), tone=Tone.BUSY),
    "BILLED": StateLook(label=pgettext_lazy("state", "Billed"), tone=Tone.GOOD),
    "WITHDRAWN": StateLook(label=pgettext_lazy("state", "Withdrawn"), tone=Tone.QUIET),
    "UNDOING": StateLook(label=pgettext_lazy("state", "Being taken back"), tone=Tone.BUSY),
    "UNDONE": StateLook(label=pgettext_lazy("state", "Taken back"), tone=Tone.QUIET),
}
CORRECTION_LOOKS = {
    "ACCEPTED": StateLook(label=pgettext_lazy("state", "Accepted"), tone=Tone.GOOD),
    "PARTLY": StateLook(label=pgettext_lazy("state", "Accepted in part"), tone=Tone.GOOD),
    "REFUSED": StateLook(label=pgettext_lazy("state", "Refused"), tone=Tone.QUIET),
    "PROPOSED": StateLook(label=pgettext_lazy("state", "Proposed"), tone=Tone.WARN),
    "DECLINED": StateLook(label=pgettext_lazy("state", "Declined"), tone=Tone.QUIET),
    "TAKEN_BACK": StateLook(label=pgettext_lazy("state", "Taken back"), tone=Tone.BAD),
}
FURTHER_MENU = (
    (_("Disputes"), "invoicing:disputes", "invoicing.view_disputes", 30),
    (_("Credit notes"), "invoicing:credit-notes", "invoicing.view_credit_notes", 40),
    (_("Letters"), "invoicing:letters", "invoicing.view_letters", 50),
    (_("Usage after the final bill"), "invoicing:held-usage", "invoicing.view_held_usage", 60),
    (_("Words on the bills"), "invoicing:view-bill-texts", "invoicing.view_bill_texts", 80),
)


DELIVERY_MENU = (
    (_("Bills sent and returned"), "invoicing:bill-deliveries", "invoicing.view_bill_deliveries", MenuGroup.BILLS, 70),
    (_("Print batches"), "invoicing:print-batches", "invoicing.view_print_batches", MenuGroup.BILLS, 80),
    (_("Accounting periods"), "invoicing:periods", "invoicing.view_periods", MenuGroup.CHECKS, 40),
)


class InvoicingConfig(AppConfig):
    """What they owe."""

    name = "invoicing"

    def ready(self) -> None:
        """Add the menu's entries and the words of the states; tell those below what is billed and what is not."""
        from invoicing.queries.billed_days import find_billed_until  # noqa: PLC0415 - needs the loaded models
        from invoicing.queries.credit_notes import credited_usage_of  # noqa: PLC0415
        from invoicing.queries.final_bills import find_account_cuts  # noqa: PLC0415
        from invoicing.queries.periods import OWN_CHECKS, add_period_checks  # noqa: PLC0415
        from invoicing.queries.plan_revenue import find_plan_revenue  # noqa: PLC0415

        # Models are loaded only now.
        from invoicing.queries.unbilled_usage import first_unbilled_period  # noqa: PLC0415
        from rating.queries.account_cuts import answer_account_cuts  # noqa: PLC0415
        from rating.queries.credited_usage import answer_credited_usage  # noqa: PLC0415
        from rating.queries.retention import add_retention_guard  # noqa: PLC0415

        import_module("invoicing.receivers")
        add_period_checks(OWN_CHECKS)
        answer_account_cuts(find_account_cuts)
        answer_credited_usage(credited_usage_of)
        answer_plan_uses(billed_until=find_billed_until, revenue=find_plan_revenue)
        add_retention_guard(first_unbilled_period)
        add_state_looks(STATE_LOOKS)
        add_state_looks(CORRECTION_LOOKS)
        add_menu_entries(
            MenuEntry(label=label, url_name=url_name, permission=verb, group=MenuGroup.BILLS, order=order)
            for label, url_name, verb, order in FURTHER_MENU
        )
        add_menu_entries(
            MenuEntry(label=label, url_name=url_name, permission=verb, group=group, order=order)
            for label, url_name, verb, group, order in DELIVERY_MENU
        )
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Bill runs"),
                    url_name="invoicing:bill-runs",
                    permission="invoicing.view_bill_runs",
                    group=MenuGroup.BILLS,
                    order=10,
                ),
                MenuEntry(
                    label=_("Bills"),
                    url_name="invoicing:invoices",
                    permission="invoicing.view_invoice",
                    group=MenuGroup.BILLS,
                    order=20,
                ),
                MenuEntry(
                    label=_("Owed to other providers"),
                    url_name="invoicing:provider-dues",
                    permission="invoicing.view_provider_dues",
                    group=MenuGroup.BILLS,
                    order=60,
                ),
                MenuEntry(
                    label=_("One-off charges"),
                    url_name="invoicing:charges",
                    permission="invoicing.view_charges",
                    group=MenuGroup.BILLS,
                    order=30,
                ),
            ]
        )
