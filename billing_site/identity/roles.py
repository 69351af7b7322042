"""
Roles and what each may do, by verb.

A verb is the name of an operation or a page (``invoicing.post_invoice``): one word for the permission,
the audit action and the URL. Nobody has all of them; the administrator has none that touches money.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing_site.identity.verb_sets import (
    ADVISE,
    ANSWER_DISPUTES,
    ANSWER_FOR_FIGURES,
    APPROVE_CREDIT_NOTES,
    ARRANGE_PAYING,
    ASK_REFUNDS,
    BAR_LINES,
    CHARGE,
    CLEAR_SUSPENSE,
    CLOSE_PERIODS,
    COLLECT_DEBITS,
    CORRECT_BOOKS,
    DECIDE_BAD_DEBTS,
    DECIDE_REFUNDS,
    DO_CHECKS,
    EDIT_CALENDAR,
    EDIT_FRAUD_RULES,
    EDIT_PRICES,
    END_SERVICE,
    FINISH_BILLS,
    GIVE_LOGINS,
    KEEP_BOOKS,
    KEEP_NETWORKS,
    KEEP_STAFF_LINES,
    LOCK_LOGINS,
    MATCH_STATEMENTS,
    OPEN_DISPUTES,
    ORDER_REPORTS,
    RUN_DUNNING,
    SEE_BILL_TEXTS,
    SEE_BILLS,
    SEE_BOOKS,
    SEE_CALENDAR,
    SEE_CALLS,
    SEE_CHECKS,
    SEE_COMMISSIONS,
    SEE_CREDIT_NOTES,
    SEE_DEBIT_FAILURES,
    SEE_DEBITS,
    SEE_DISPUTES,
    SEE_DUNNING,
    SEE_FRAUD,
    SEE_INTAKE,
    SEE_LIMITS,
    SEE_LOGINS,
    SEE_NETWORKS,
    SEE_PAYMENTS,
    SEE_PLANS,
    SEE_RECORDS,
    SEE_REFUNDS,
    SEE_REPORTS,
    SEE_REPORTS_OF_PEOPLE,
    SEE_RUNS,
    SEE_STATEMENTS,
    SEE_SUBSCRIBERS,
    SEE_SUSPENSE,
    SEE_TILLS,
    SEE_TRAFFIC,
    SEE_ZONES,
    SELL,
    SEND_DEBITS,
    SERVE,
    SET_COMMISSIONS,
    SET_LIMITS,
    SET_UP_TILLS,
    SUPERVISE_TILLS,
    TAKE_BILLS_BACK,
    TAKE_MANDATES,
    TAKE_MONEY,
    TRY_PRICES,
)


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
    Role.CLERK: SEE_SUBSCRIBERS
    | ASK_REFUNDS
    | TAKE_MONEY
    | GIVE_LOGINS
    | SEE_BILLS
    | SEE_CREDIT_NOTES
    | OPEN_DISPUTES
    | SEE_LIMITS
    | SEE_CALLS
    | SELL
    | SERVE
    | CHARGE
    | ADVISE
    | END_SERVICE
    | SEE_DUNNING
    | TAKE_MANDATES
    | {
        "rating.view_quarantine",
        "payments.view_payments",
        "rating.set_usage_limit",
        "subscribers.tell_notice",
    },
    Role.CENTRE_SUPERVISOR: SEE_SUBSCRIBERS
    | ASK_REFUNDS
    | {"payments.end_instalment_plan"}
    | SUPERVISE_TILLS
    | GIVE_LOGINS
    | LOCK_LOGINS
    | SEE_BILLS
    | SEE_CREDIT_NOTES
    | ANSWER_DISPUTES
    | SEE_CALLS
    | SEE_PAYMENTS
    | SEE_LIMITS
    | SET_LIMITS
    | BAR_LINES
    | SELL
    | SERVE
    | CHARGE
    | ADVISE
    | END_SERVICE
    | SEE_DUNNING
    | TAKE_MANDATES
    | ARRANGE_PAYING
    | KEEP_STAFF_LINES
    | SEE_REPORTS_OF_PEOPLE
    | ANSWER_FOR_FIGURES
    | {
        "invoicing.approve_charge",
        "reconciliation.view_supply",
        "rating.view_quarantine",
        "rating.reveal_numbers",
        "rating.recycle_lines",
        "rating.propose_write_off",
        "subscribers.change_account_category",
    },
    Role.BILLING_SPECIALIST: SEE_SUBSCRIBERS
    | ASK_REFUNDS
    | SEE_COMMISSIONS
    | {"payments.end_instalment_plan"}
    | CLEAR_SUSPENSE
    | SET_UP_TILLS
    | SEE_NETWORKS
    | DO_CHECKS
    | GIVE_LOGINS
    | LOCK_LOGINS
    | FINISH_BILLS
    | SEE_BILLS
    | TAKE_BILLS_BACK
    | ANSWER_DISPUTES
    | SEE_RECORDS
    | SEE_INTAKE
    | SEE_RUNS
    | SEE_BILL_TEXTS
    | SELL
    | SERVE
    | CHARGE
    | SEE_PLANS
    | EDIT_PRICES
    | SEE_CALENDAR
    | SEE_ZONES
    | EDIT_CALENDAR
    | TRY_PRICES
    | ADVISE
    | SEE_LIMITS
    | SEE_FRAUD
    | SET_LIMITS
    | BAR_LINES
    | EDIT_FRAUD_RULES
    | SEE_TRAFFIC
    | SEE_DUNNING
    | RUN_DUNNING
    | TAKE_MANDATES
    | COLLECT_DEBITS
    | ARRANGE_PAYING
    | CORRECT_BOOKS
    | KEEP_STAFF_LINES
    | SEE_REPORTS_OF_PEOPLE
    | ORDER_REPORTS
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
        "invoicing.start_bill_run",
        "invoicing.pause_bill_run",
        "invoicing.draft_bill_text",
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
    Role.TARIFF_APPROVER: SEE_SUBSCRIBERS
    | SEE_BILLS
    | APPROVE_CREDIT_NOTES
    | SEE_DISPUTES
    | SEE_LIMITS
    | SEE_FRAUD
    | SEE_RECORDS
    | SEE_INTAKE
    | SEE_RUNS
    | SEE_BILL_TEXTS
    | SEE_CALENDAR
    | SEE_PLANS
    | TRY_PRICES
    | SEE_ZONES
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
    Role.ACCOUNTANT: SEE_SUBSCRIBERS
    | DECIDE_REFUNDS
    | SET_COMMISSIONS
    | {"payments.pay_refund"}
    | CLEAR_SUSPENSE
    | SEE_TILLS
    | CLOSE_PERIODS
    | SEE_BILLS
    | APPROVE_CREDIT_NOTES
    | SEE_DISPUTES
    | SEE_PAYMENTS
    | MATCH_STATEMENTS
    | SEE_CHECKS
    | KEEP_NETWORKS
    | DO_CHECKS
    | KEEP_BOOKS
    | DECIDE_BAD_DEBTS
    | COLLECT_DEBITS
    | SEND_DEBITS
    | SEE_REPORTS_OF_PEOPLE
    | ANSWER_FOR_FIGURES
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
    Role.CALL_DESK: SEE_SUBSCRIBERS
    | SEE_REFUNDS
    | {"payments.agree_instalment_plan"}
    | GIVE_LOGINS
    | LOCK_LOGINS
    | SEE_BILLS
    | SEE_CREDIT_NOTES
    | ANSWER_DISPUTES
    | SEE_RECORDS
    | SEE_LIMITS
    | SET_LIMITS
    | BAR_LINES
    | ADVISE
    | SEE_DUNNING
    | SEE_DEBIT_FAILURES
    | {"payments.view_payments", "subscribers.view_number_ranges", "subscribers.set_bill_setting"},
    Role.REPAIR_DISPATCHER: frozenset({"console.search", "subscribers.view_subscriber", "rating.look_up_price"}),
    Role.TECHNICIAN: frozenset(),
    Role.MANAGER: SEE_PLANS
    | DECIDE_REFUNDS
    | SEE_COMMISSIONS
    | SEE_BOOKS
    | DECIDE_BAD_DEBTS
    | {"payments.view_dunning"}
    | {"invoicing.view_periods", "invoicing.approve_reopening"}
    | SEE_REPORTS
    | ORDER_REPORTS
    | {"rating.look_up_price", "rating.view_traffic"},
    Role.AUDITOR: SEE_SUBSCRIBERS
    | SEE_REFUNDS
    | SEE_COMMISSIONS
    | SEE_SUSPENSE
    | SEE_TILLS
    | SEE_NETWORKS
    | SEE_LOGINS
    | SEE_BILLS
    | SEE_CREDIT_NOTES
    | {"invoicing.view_held_usage"}
    | SEE_DISPUTES
    | SEE_LIMITS
    | SEE_FRAUD
    | SEE_RECORDS
    | SEE_INTAKE
    | SEE_RUNS
    | SEE_BILL_TEXTS
    | SEE_PAYMENTS
    | SEE_STATEMENTS
    | SEE_DEBITS
    | SEE_CHECKS
    | SEE_BOOKS
    | SEE_CALENDAR
    | SEE_PLANS
    | SEE_TRAFFIC
    | SEE_ZONES
    | SEE_REPORTS_OF_PEOPLE
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
    Role.ADMINISTRATOR: EDIT_FRAUD_RULES
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
