"""
Roles and what each may do, by verb.

A verb is the name of an operation or a page (``invoicing.post_invoice``): one word for the permission,
the audit action and the URL. Nobody has all of them; the administrator has none that touches money.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing_site.identity import verb_sets as sets


class Role(models.TextChoices):
    """The roles of the screens' design; letters in comments are the ones used there."""

    CLERK = "CLERK", _("Clerk")  # C
    CENTRE_SUPERVISOR = "CENTRE_SUPERVISOR", _("Supervisor of a centre")  # V
    BILLING_SPECIALIST = "BILLING_SPECIALIST", _("Billing specialist")  # B
    TARIFF_APPROVER = "TARIFF_APPROVER", _("Tariff approver")  # T
    ACCOUNTANT = "ACCOUNTANT", _("Accountant")  # F
    CALL_DESK = "CALL_DESK", _("Call desk agent")  # K
    REPAIR_DISPATCHER = "REPAIR_DISPATCHER", _("Repair dispatcher")  # R
    TECHNICIAN = "TECHNICIAN", _("Technician")  # M
    MANAGER = "MANAGER", _("Manager")  # D
    AUDITOR = "AUDITOR", _("Auditor")  # X
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")  # O


VERBS: dict[Role, frozenset[str]] = {
    Role.CLERK: sets.SEE_SUBSCRIBERS
    | sets.ASK_REFUNDS
    | sets.TAKE_MONEY
    | sets.GIVE_LOGINS
    | sets.SEE_BILLS
    | sets.SEE_CREDIT_NOTES
    | sets.OPEN_DISPUTES
    | sets.SEE_LIMITS
    | sets.SEE_CALLS
    | sets.SELL
    | sets.SERVE
    | sets.CHARGE
    | sets.ADVISE
    | sets.END_SERVICE
    | sets.SEE_DUNNING
    | sets.TAKE_MANDATES
    | {
        "rating.view_quarantine",
        "payments.view_payments",
        "rating.set_usage_limit",
        "subscribers.tell_notice",
    },
    Role.CENTRE_SUPERVISOR: sets.SEE_SUBSCRIBERS
    | sets.ASK_REFUNDS
    | {"payments.end_instalment_plan"}
    | sets.SUPERVISE_TILLS
    | sets.GIVE_LOGINS
    | sets.LOCK_LOGINS
    | sets.SEE_BILLS
    | sets.SEE_CREDIT_NOTES
    | sets.ANSWER_DISPUTES
    | sets.SEE_CALLS
    | sets.SEE_PAYMENTS
    | sets.SEE_LIMITS
    | sets.SET_LIMITS
    | sets.BAR_LINES
    | sets.SELL
    | sets.SERVE
    | sets.CHARGE
    | sets.ADVISE
    | sets.END_SERVICE
    | sets.SEE_DUNNING
    | sets.TAKE_MANDATES
    | sets.ARRANGE_PAYING
    | sets.KEEP_STAFF_LINES
    | sets.SEE_REPORTS_OF_PEOPLE
    | sets.ANSWER_FOR_FIGURES
    | {
        "invoicing.approve_charge",
        "reconciliation.view_supply",
        "rating.view_quarantine",
        "rating.reveal_numbers",
        "rating.recycle_lines",
        "rating.propose_write_off",
        "subscribers.change_account_category",
    },
    Role.BILLING_SPECIALIST: sets.SEE_SUBSCRIBERS
    | sets.ASK_REFUNDS
    | sets.SEE_COMMISSIONS
    | {"payments.end_instalment_plan"}
    | sets.CLEAR_SUSPENSE
    | sets.SET_UP_TILLS
    | sets.SEE_NETWORKS
    | sets.DO_CHECKS
    | sets.GIVE_LOGINS
    | sets.LOCK_LOGINS
    | sets.FINISH_BILLS
    | sets.SEE_BILLS
    | sets.TAKE_BILLS_BACK
    | sets.ANSWER_DISPUTES
    | sets.SEE_RECORDS
    | sets.SEE_INTAKE
    | sets.SEE_RUNS
    | sets.SEE_BILL_TEXTS
    | sets.SELL
    | sets.SERVE
    | sets.CHARGE
    | sets.SEE_PLANS
    | sets.EDIT_PRICES
    | sets.SEE_CALENDAR
    | sets.SEE_ZONES
    | sets.EDIT_CALENDAR
    | sets.TRY_PRICES
    | sets.ADVISE
    | sets.SEE_LIMITS
    | sets.SEE_FRAUD
    | sets.SET_LIMITS
    | sets.BAR_LINES
    | sets.EDIT_FRAUD_RULES
    | sets.SEE_TRAFFIC
    | sets.SEE_DUNNING
    | sets.RUN_DUNNING
    | sets.TAKE_MANDATES
    | sets.COLLECT_DEBITS
    | sets.ARRANGE_PAYING
    | sets.CORRECT_BOOKS
    | sets.KEEP_STAFF_LINES
    | sets.SEE_REPORTS_OF_PEOPLE
    | sets.ORDER_REPORTS
    | {
        "payments.view_bad_debts",
        "payments.propose_bad_debt",
        "rating.set_default_limit",
        "rating.dismiss_fraud_hit",
        "rating.create_premium_station",
        "rating.change_premium_contact",
        "rating.end_premium_station",
        "rating.follow_key_account",
        "rating.view_legal_holds",
        "rating.place_legal_hold",
        "subscribers.give_group_discount",
        "subscribers.end_group_discount",
        "invoicing.view_provider_dues",
        "subscribers.change_account_category",
        "subscribers.close_account",
        "invoicing.make_final_bill",
        "reconciliation.send_revenue_transfer",
        "rating.load_usage",
        "rating.create_usage_source",
        "rating.edit_usage_source",
        "rating.explain_gap",
        "rating.release_file",
        "rating.rate_usage",
        "rating.recycle_lines",
        "rating.propose_write_off",
        "rating.propose_release",
        "rating.decline_proposal",
        "rating.view_reratings",
        "rating.propose_rerating",
        "rating.cancel_rerating",
        "rating.resume_rerating",
        "invoicing.load_charges",
        "subscribers.create_bill_cycle",
        "invoicing.start_bill_run",
        "invoicing.pause_bill_run",
        "invoicing.load_old_bills",
        "invoicing.draft_bill_text",
        "subscribers.draft_letter_text",
        "invoicing.export_ubl",
        "invoicing.accept_parked_account",
        "invoicing.recalculate_parked_account",
        "invoicing.catch_up_bill_run",
        "invoicing.set_bill_bound",
        "invoicing.ask_undo_bill_run",
        "console.control_jobs",
        "identity.view_reference_data",
        "identity.edit_reference_data",
    },
    Role.TARIFF_APPROVER: sets.SEE_SUBSCRIBERS
    | sets.SEE_BILLS
    | sets.APPROVE_CREDIT_NOTES
    | sets.SEE_DISPUTES
    | sets.SEE_LIMITS
    | sets.SEE_FRAUD
    | sets.SEE_RECORDS
    | sets.SEE_INTAKE
    | sets.SEE_RUNS
    | sets.SEE_BILL_TEXTS
    | sets.SEE_CALENDAR
    | sets.SEE_PLANS
    | sets.TRY_PRICES
    | sets.SEE_ZONES
    | {
        "rating.look_up_price",
        "subscribers.view_number_ranges",
        "rating.view_reratings",
        "rating.approve_rerating",
        "rating.cancel_rerating",
        "invoicing.post_bill_run",
        "invoicing.undo_bill_run",
        "invoicing.approve_charge",
        "invoicing.publish_bill_text",
        "subscribers.publish_letter_text",
        "invoicing.view_held_usage",
        "invoicing.approve_held_write_off",
        "invoicing.decline_held_write_off",
        "rating.release_file",
        "rating.approve_write_off",
        "rating.release_lines",
        "rating.decline_proposal",
        "rating.view_legal_holds",
        "rating.lift_legal_hold",
        "payments.view_dunning",
        "payments.publish_dunning_policy",
        "tariffs.publish_plan_version",
        "tariffs.reject_plan_version",
        "tariffs.confirm_rate_deck",
        "tariffs.retire_plan",
        "tariffs.approve_promotion",
        "tariffs.approve_contract_term",
        "tariffs.approve_commitment",
        "subscribers.approve_exemption",
        "tariffs.set_price_ceiling",
        "tariffs.end_price_ceiling",
        "tariffs.view_usage_categories",
    },
    Role.ACCOUNTANT: sets.SEE_SUBSCRIBERS
    | sets.DECIDE_REFUNDS
    | sets.SET_COMMISSIONS
    | {"payments.pay_refund", "payments.pay_online_refund", "payments.confirm_centre_day"}
    | sets.CLEAR_SUSPENSE
    | sets.SEE_TILLS
    | sets.CLOSE_PERIODS
    | sets.SEE_BILLS
    | sets.APPROVE_CREDIT_NOTES
    | sets.SEE_DISPUTES
    | sets.SEE_PAYMENTS
    | sets.MATCH_STATEMENTS
    | sets.SEE_CHECKS
    | sets.KEEP_NETWORKS
    | sets.DO_CHECKS
    | sets.KEEP_BOOKS
    | sets.DECIDE_BAD_DEBTS
    | sets.COLLECT_DEBITS
    | sets.SEND_DEBITS
    | sets.SEE_REPORTS_OF_PEOPLE
    | sets.ANSWER_FOR_FIGURES
    | {
        "rating.look_up_price",
        "payments.view_dunning",
        "payments.propose_bad_debt",
        "reports.view_reports",
        "reconciliation.load_register",
        "reconciliation.check_terminals",
        "reconciliation.resolve_discrepancy",
        "invoicing.export_ubl",
        "console.view_jobs",
        "console.check_books",
        "ledger.view_ledger",
        "rating.view_premium_stations",
        "invoicing.view_provider_dues",
        "subscribers.approve_exemption",
    },
    Role.CALL_DESK: sets.SEE_SUBSCRIBERS
    | sets.SEE_REFUNDS
    | {"payments.agree_instalment_plan", "subscribers.add_feature"}
    | sets.GIVE_LOGINS
    | sets.LOCK_LOGINS
    | sets.SEE_BILLS
    | sets.SEE_CREDIT_NOTES
    | sets.ANSWER_DISPUTES
    | sets.SEE_RECORDS
    | sets.SEE_LIMITS
    | sets.SET_LIMITS
    | sets.BAR_LINES
    | sets.ADVISE
    | sets.SEE_DUNNING
    | sets.SEE_DEBIT_FAILURES
    | {"payments.view_payments", "subscribers.view_number_ranges", "subscribers.set_bill_setting"},
    Role.REPAIR_DISPATCHER: frozenset({"console.search", "subscribers.view_subscriber", "rating.look_up_price"}),
    Role.TECHNICIAN: frozenset(),
    Role.MANAGER: sets.SEE_PLANS
    | sets.DECIDE_REFUNDS
    | sets.SEE_COMMISSIONS
    | sets.SEE_BOOKS
    | sets.DECIDE_BAD_DEBTS
    | {"payments.view_dunning"}
    | {"invoicing.view_periods", "invoicing.approve_reopening"}
    | sets.SEE_REPORTS
    | sets.ORDER_REPORTS
    | {"rating.look_up_price", "rating.view_traffic"},
    Role.AUDITOR: sets.SEE_SUBSCRIBERS
    | sets.SEE_REFUNDS
    | sets.SEE_COMMISSIONS
    | sets.SEE_SUSPENSE
    | sets.SEE_TILLS
    | sets.SEE_NETWORKS
    | sets.SEE_LOGINS
    | sets.SEE_BILLS
    | sets.SEE_CREDIT_NOTES
    | {"invoicing.view_held_usage", "payments.view_left_money"}
    | sets.SEE_DISPUTES
    | sets.SEE_LIMITS
    | sets.SEE_FRAUD
    | sets.SEE_RECORDS
    | sets.SEE_INTAKE
    | sets.SEE_RUNS
    | sets.SEE_BILL_TEXTS
    | sets.SEE_PAYMENTS
    | sets.SEE_STATEMENTS
    | sets.SEE_DEBITS
    | sets.SEE_CHECKS
    | sets.SEE_BOOKS
    | sets.SEE_CALENDAR
    | sets.SEE_PLANS
    | sets.SEE_TRAFFIC
    | sets.SEE_ZONES
    | sets.SEE_REPORTS_OF_PEOPLE
    | {
        "payments.view_dunning",
        "payments.view_bad_debts",
        "rating.look_up_price",
        "rating.view_reratings",
        "subscribers.view_number_ranges",
        "rating.reveal_numbers",
        "rating.view_legal_holds",
        "ledger.view_ledger",
        "invoicing.view_periods",
        "audit.view_audit",
        "identity.view_reference_data",
    },
    Role.ADMINISTRATOR: sets.EDIT_FRAUD_RULES
    | frozenset(
        {
            "console.view_jobs",
            "console.control_jobs",
            "identity.edit_users",
            "identity.view_reference_data",
            "identity.edit_reference_data",
        }
    ),
}

# Whoever has one of these roles belongs to a service centre: it decides which numbers are seen.
CENTRE_ROLES = frozenset({Role.CLERK, Role.CENTRE_SUPERVISOR})

# Django's own admin serves reference data: who may open it, and who may change what is there.
ADMIN_EDITORS = frozenset({Role.BILLING_SPECIALIST, Role.ADMINISTRATOR})
ADMIN_READERS = ADMIN_EDITORS | {Role.AUDITOR}


EVERY_VERB: frozenset[str] = frozenset().union(*VERBS.values())


def may(role: str, verb: str) -> bool:
    """Return whether a role has a verb."""
    return verb in VERBS.get(Role(role), frozenset())
