"""
Roles and what each may do, by verb.

A verb is the name of an operation or a page (``invoicing.post_invoice``): one word for the permission,
the audit action and the URL. Nobody has all of them; the administrator has none that touches money.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


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


SEE_SUBSCRIBERS = frozenset({"console.search", "subscribers.view_subscriber", "subscribers.view_user_groups"})
# Who explains a bill sees the rules behind it.
SEE_BILLS = frozenset(
    {"invoicing.view_invoice", "invoicing.explain_line", "invoicing.view_charges", "tariffs.view_promotions"}
    | {"invoicing.view_bill_deliveries"}
)
SEE_DISPUTES = frozenset({"invoicing.view_disputes"})
OPEN_DISPUTES = SEE_DISPUTES | {"invoicing.open_dispute"}
ANSWER_DISPUTES = OPEN_DISPUTES | {"invoicing.answer_dispute"}
SEE_CREDIT_NOTES = frozenset({"invoicing.view_credit_notes", "invoicing.view_letters"})
TAKE_BILLS_BACK = SEE_CREDIT_NOTES | {
    "invoicing.propose_credit_note",
    "invoicing.cancel_invoice",
    "invoicing.replace_invoice",
    "invoicing.view_held_usage",
    "invoicing.decline_credit_note",
}
APPROVE_CREDIT_NOTES = SEE_CREDIT_NOTES | {"invoicing.approve_credit_note", "invoicing.decline_credit_note"}
DO_PERIOD_STEPS = frozenset({"invoicing.view_periods", "invoicing.complete_period_step"})
FINISH_BILLS = DO_PERIOD_STEPS | {"invoicing.print_bills", "invoicing.hand_over_print_batch"}
PERIOD_ACTS = ("open_period", "assign_period_step", "close_period", "ask_reopening", "approve_reopening")
CLOSE_PERIODS = DO_PERIOD_STEPS | {f"invoicing.{act}" for act in PERIOD_ACTS}
SEE_CALLS = frozenset({"rating.view_call_list", "rating.order_call_list"})
SEE_RECORDS = SEE_CALLS | {"rating.view_records"}
SEE_TRAFFIC = frozenset({"rating.view_traffic", "rating.view_premium_stations"})
SEE_INTAKE = frozenset({"rating.view_intake", "rating.view_quarantine", "rating.view_line_proposals"})
SEE_RUNS = frozenset(
    {"invoicing.view_bill_runs", "invoicing.preview_bill_run", "invoicing.view_bill_bounds", "console.view_jobs"}
    | {"invoicing.view_print_batches"}
)
SEE_PAYMENTS = frozenset({"payments.view_payments"})
SEE_DUNNING = frozenset({"payments.view_dunning", "payments.view_debtor_calls", "payments.promise_payment"})
RUN_DUNNING = frozenset(
    {
        "payments.draft_dunning_policy",
        "payments.add_dunning_step",
        "payments.remove_dunning_step",
        "payments.start_dunning_run",
        "payments.exclude_from_dunning",
        "payments.end_dunning_exclusion",
    }
)
DECIDE_BAD_DEBTS = frozenset({"payments.view_bad_debts", "payments.approve_bad_debt", "payments.reject_bad_debt"})
SEE_CHECKS = frozenset({"reconciliation.view_terminal_checks"})
SEE_LIMITS = frozenset({"rating.view_limits", "subscribers.view_notices"})
SEE_FRAUD = frozenset({"rating.view_fraud_rules", "rating.view_fraud_hits", "rating.view_default_limits"})
SET_LIMITS = frozenset({"rating.set_usage_limit", "rating.lift_usage_limit", "subscribers.tell_notice"})
BAR_LINES = frozenset(
    {
        "subscribers.restrict_subscription",
        "subscribers.stop_subscription",
        "subscribers.restore_subscription",
        "subscribers.resend_notice",
    }
)
EDIT_FRAUD_RULES = frozenset({"rating.create_fraud_rule", "rating.change_fraud_rule", "rating.view_fraud_rules"})
SELL = frozenset(
    {
        "subscribers.view_number_ranges",
        "subscribers.create_subscriber",
        "subscribers.open_account",
        "subscribers.activate_subscription",
        "subscribers.hold_number",
        "subscribers.assign_number",
    }
)
SERVE = frozenset(
    {
        "subscribers.change_plan",
        "subscribers.add_feature",
        "subscribers.suspend_subscription",
        "subscribers.resume_subscription",
        "subscribers.terminate_subscription",
        "subscribers.agree_promotion",
        "subscribers.end_promotion",
        "subscribers.begin_contract",
        "subscribers.add_favourite_number",
        "subscribers.remove_favourite_number",
        "subscribers.create_user_group",
        "subscribers.join_user_group",
        "subscribers.leave_user_group",
    }
    | {"subscribers.change_bill_delivery", "subscribers.change_postal_address"}
    | {"invoicing.resend_bill", "invoicing.note_returned_bill"}
)
# At the counter, when somebody leaves.
END_SERVICE = frozenset({"invoicing.make_final_bill", "subscribers.close_account"})
# What an account owes once, entered by hand.
CHARGE = frozenset({"invoicing.add_charge", "invoicing.relocate_subscription", "invoicing.withdraw_charge"})
EDIT_PRICES = frozenset(
    {
        "tariffs.create_plan",
        "tariffs.draft_plan_version",
        "tariffs.edit_plan_version",
        "tariffs.copy_plan_version",
        "tariffs.set_test_calls",
        "tariffs.load_rate_deck",
        "tariffs.submit_plan_version",
        "rating.run_test_calls",
        "rating.take_test_calls",
        "tariffs.draft_promotion",
        "tariffs.draft_contract_term",
        "tariffs.create_zone",
        "tariffs.load_zone_prefixes",
        "tariffs.load_zone_points",
        "tariffs.end_zone_point",
        "tariffs.view_usage_categories",
        "tariffs.map_usage_category",
        "subscribers.create_number_range",
    }
)
SEE_PLANS = frozenset({"tariffs.view_plans"})
# Where use goes and what limits its price.
SEE_ZONES = frozenset({"tariffs.view_zones", "tariffs.view_price_ceilings"})
EDIT_CALENDAR = frozenset(
    {
        "tariffs.mark_special_day",
        "tariffs.unmark_special_day",
        "tariffs.load_special_days",
        "tariffs.import_special_days",
    }
)
# At a counter or on the phone: what a call costs, and which plan is the cheapest.
ADVISE = frozenset({"rating.look_up_price", "rating.advise_plan"})
# What a draft would do to those who have the plan: for who makes it and for who approves it.
TRY_PRICES = frozenset({"rating.preview_plan_version", "rating.cancel_plan_preview"})
SEE_CALENDAR = frozenset({"tariffs.view_calendar"})

VERBS: dict[Role, frozenset[str]] = {
    Role.CLERK: SEE_SUBSCRIBERS
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
    | {
        "rating.view_quarantine",
        "payments.view_payments",
        "rating.set_usage_limit",
        "subscribers.tell_notice",
    },
    Role.CENTRE_SUPERVISOR: SEE_SUBSCRIBERS
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
    | {
        "invoicing.approve_charge",
        "rating.view_quarantine",
        "rating.reveal_numbers",
        "rating.recycle_lines",
        "rating.propose_write_off",
        "subscribers.give_discount",
        "subscribers.change_account_category",
    },
    Role.BILLING_SPECIALIST: SEE_SUBSCRIBERS
    | FINISH_BILLS
    | SEE_BILLS
    | TAKE_BILLS_BACK
    | ANSWER_DISPUTES
    | SEE_RECORDS
    | SEE_INTAKE
    | SEE_RUNS
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
        "subscribers.give_discount",
        "subscribers.change_account_category",
        "subscribers.close_account",
        "invoicing.make_final_bill",
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
        "tariffs.set_price_ceiling",
        "tariffs.end_price_ceiling",
        "tariffs.view_usage_categories",
    },
    Role.ACCOUNTANT: SEE_SUBSCRIBERS
    | CLOSE_PERIODS
    | SEE_BILLS
    | APPROVE_CREDIT_NOTES
    | SEE_DISPUTES
    | SEE_PAYMENTS
    | SEE_CHECKS
    | DECIDE_BAD_DEBTS
    | {
        "rating.look_up_price",
        "payments.view_dunning",
        "payments.propose_bad_debt",
        "reconciliation.load_register",
        "reconciliation.check_terminals",
        "reconciliation.resolve_discrepancy",
        "reports.view_reports",
        "console.view_jobs",
        "console.check_books",
        "ledger.view_ledger",
        "rating.view_premium_stations",
    },
    Role.CALL_DESK: SEE_SUBSCRIBERS
    | SEE_BILLS
    | SEE_CREDIT_NOTES
    | ANSWER_DISPUTES
    | SEE_RECORDS
    | SEE_LIMITS
    | SET_LIMITS
    | BAR_LINES
    | ADVISE
    | SEE_DUNNING
    | {"payments.view_payments", "subscribers.view_number_ranges"},
    Role.REPAIR_DISPATCHER: frozenset({"console.search", "subscribers.view_subscriber", "rating.look_up_price"}),
    Role.TECHNICIAN: frozenset(),
    Role.MANAGER: SEE_PLANS
    | DECIDE_BAD_DEBTS
    | {"payments.view_dunning"}
    | {"invoicing.view_periods", "invoicing.approve_reopening"}
    | {"reports.view_reports", "rating.look_up_price", "rating.view_traffic"},
    Role.AUDITOR: SEE_SUBSCRIBERS
    | SEE_BILLS
    | SEE_CREDIT_NOTES
    | {"invoicing.view_held_usage"}
    | SEE_DISPUTES
    | SEE_LIMITS
    | SEE_FRAUD
    | SEE_RECORDS
    | SEE_INTAKE
    | SEE_RUNS
    | SEE_PAYMENTS
    | SEE_CHECKS
    | SEE_CALENDAR
    | SEE_PLANS
    | SEE_TRAFFIC
    | SEE_ZONES
    | {
        "payments.view_dunning",
        "payments.view_bad_debts",
        "rating.look_up_price",
        "rating.view_reratings",
        "subscribers.view_number_ranges",
        "rating.reveal_numbers",
        "rating.view_legal_holds",
        "reports.view_reports",
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
