"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks

MENU = (
    (_("Till"), "payments:take-till-payment", "payments.take_till_payment", 1),
    (_("Till sessions"), "payments:till-sessions", "payments.view_till_sessions", 2),
    (_("Service-centre day"), "payments:centre-day", "payments.view_till_sessions", 2),
    (_("Receipts of the tills"), "payments:till-receipts", "payments.view_till_receipts", 3),
    (_("Cheques"), "payments:cheques", "payments.view_cheques", 4),
    (_("Receipts that wait for the fiscal device"), "payments:waiting-receipts", "payments.view_waiting_receipts", 5),
    (_("Many reversals"), "payments:many-reversals", "payments.view_many_reversals", 6),
    (_("Tills"), "payments:tills", "payments.view_tills", 7),
    (_("Payments"), "payments:payments", "payments.view_payments", 10),
    (_("Money in suspense"), "payments:suspense", "payments.view_suspense", 12),
    (_("Refunds"), "payments:refunds", "payments.view_refunds", 14),
    (_("Money of accounts that left"), "payments:left-money", "payments.view_left_money", 13),
    (_("Deposits"), "payments:deposits", "payments.view_refunds", 15),
    (_("Instalment plans"), "payments:instalment-plans", "payments.view_refunds", 16),
    (_("Commission of agents"), "payments:commissions", "payments.view_commissions", 50),
    (_("Payment networks"), "payments:terminal-networks", "payments.view_terminal_networks", 15),
    (_("Dunning"), "payments:dunning", "payments.view_dunning", 20),
    (_("Debtors to be told"), "payments:debtor-calls", "payments.view_debtor_calls", 25),
    (_("Direct debit"), "payments:debit-batches", "payments.view_direct_debits", 27),
    (_("Direct debits not paid"), "payments:debit-failures", "payments.view_debit_failures", 28),
    (_("Online payments"), "payments:online-payments", "payments.view_online_payments", 29),
    (_("Providers of online payments"), "payments:online-providers", "payments.view_online_providers", 29),
    (_("Age of debts"), "payments:debt-ageing", "payments.view_bad_debts", 30),
    (_("Bad debts"), "payments:write-offs", "payments.view_bad_debts", 40),
)


class PaymentsConfig(AppConfig):
    """What they paid."""

    name = "payments"

    def ready(self) -> None:
        """Add the menu's entries and the words of the states; have notices of dunning asked for before they leave."""
        # Models are loaded only now.
        from invoicing.queries.late_terms import answer_late_terms  # noqa: PLC0415
        from invoicing.queries.periods import add_period_checks  # noqa: PLC0415
        from invoicing.queries.told_facts import answer_money_facts  # noqa: PLC0415
        from payments.domain.dunning_texts import NOTICE_PREFIX  # noqa: PLC0415
        from payments.operations.dunning_cases import recheck_notices  # noqa: PLC0415
        from payments.queries.bill_facts import debits_of, later_parts_of, open_disputed_of  # noqa: PLC0415
        from payments.queries.direct_debits import held_back_by_debits  # noqa: PLC0415
        from payments.queries.dunning_letters import dunning_letters  # noqa: PLC0415
        from payments.queries.held_back import hold_back  # noqa: PLC0415
        from payments.queries.instalments import held_by_plans  # noqa: PLC0415
        from payments.queries.late_terms import late_terms_on  # noqa: PLC0415
        from payments.queries.period_checks import PERIOD_CHECKS  # noqa: PLC0415
        from subscribers.operations.notices import guard_notices  # noqa: PLC0415
        from subscribers.queries.letter_texts import offer_letter_kinds  # noqa: PLC0415

        add_period_checks(PERIOD_CHECKS)
        answer_late_terms(late_terms_on)
        answer_money_facts(disputed=open_disputed_of, later=later_parts_of, debits=debits_of)
        hold_back(name="payments.instalment_plans", holder=held_by_plans)
        hold_back(name="payments.direct_debits", holder=held_back_by_debits)
        guard_notices(prefix=NOTICE_PREFIX, guard=recheck_notices)
        offer_letter_kinds(dunning_letters())
        add_state_looks(
            {
                "COUNTED": StateLook(label=pgettext_lazy("state", "Counted, not signed"), tone=Tone.WARN),
                "REVERSAL": StateLook(label=pgettext_lazy("state", "Reversal"), tone=Tone.WARN),
                "REVERSED": StateLook(label=pgettext_lazy("state", "Taken back"), tone=Tone.QUIET),
                "WAITING": StateLook(label=pgettext_lazy("state", "Waiting"), tone=Tone.BUSY),
                "REGISTERED": StateLook(label=pgettext_lazy("state", "Registered"), tone=Tone.GOOD),
                "SUSPENSE": StateLook(label=pgettext_lazy("state", "In suspense"), tone=Tone.WARN),
                "REQUESTED": StateLook(label=pgettext_lazy("state", "Asked for"), tone=Tone.WARN),
                "RETURNED": StateLook(label=pgettext_lazy("state", "Returned by the bank"), tone=Tone.BAD),
                "CHEQUE_BOUNCED": StateLook(label=pgettext_lazy("state", "Cheque without cover"), tone=Tone.BAD),
                "RELEASED": StateLook(label=pgettext_lazy("state", "Released"), tone=Tone.BUSY),
                "ANSWERED": StateLook(label=pgettext_lazy("state", "Answered"), tone=Tone.GOOD),
                "REVOKED": StateLook(label=pgettext_lazy("state", "Ended"), tone=Tone.QUIET),
                "ENDED": StateLook(label=pgettext_lazy("state", "Ended"), tone=Tone.QUIET),
                "PAID": StateLook(label=pgettext_lazy("state", "Paid"), tone=Tone.GOOD),
                "PENDING": StateLook(label=pgettext_lazy("state", "Pending"), tone=Tone.BUSY),
                "EXPIRED": StateLook(label=pgettext_lazy("state", "Expired"), tone=Tone.QUIET),
                "CONFLICT": StateLook(label=pgettext_lazy("state", "Conflict"), tone=Tone.BAD),
                "NOTED": StateLook(label=pgettext_lazy("state", "Under way"), tone=Tone.BUSY),
                "PUBLISHED": StateLook(label=pgettext_lazy("state", "Published"), tone=Tone.GOOD),
                "KEPT": StateLook(label=pgettext_lazy("state", "Kept"), tone=Tone.GOOD),
                "BROKEN": StateLook(label=pgettext_lazy("state", "Broken"), tone=Tone.BAD),
            }
        )
        add_menu_entries(
            [
                MenuEntry(label=label, url_name=url_name, permission=permission, group=MenuGroup.PAYMENTS, order=order)
                for label, url_name, permission, order in MENU
            ]
        )
