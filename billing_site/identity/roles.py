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
    {
        "invoicing.view_invoice",
        "invoicing.explain_line",
        "invoicing.view_bill_deliveries",
        "tariffs.view_promotions",
    }
)
SEE_CALLS = frozenset({"rating.view_call_list", "rating.order_call_list"})
SEE_RECORDS = SEE_CALLS | {"rating.view_records"}
SEE_TRAFFIC = frozenset({"rating.view_traffic", "rating.view_premium_stations"})
SEE_INTAKE = frozenset({"rating.view_intake", "rating.view_quarantine", "rating.view_line_proposals"})
SEE_RUNS = frozenset({"invoicing.view_bill_runs", "invoicing.view_print_batches", "console.view_jobs"})
SEE_PAYMENTS = frozenset({"payments.view_payments"})
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
        "subscribers.change_bill_delivery",
        "subscribers.change_postal_address",
        "invoicing.resend_bill",
        "invoicing.note_returned_bill",
    }
)
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
    | SEE_LIMITS
    | SEE_CALLS
    | SELL
    | SERVE
    | ADVISE
    | {
        "rating.view_quarantine",
        "payments.view_payments",
        "rating.set_usage_limit",
        "subscribers.tell_notice",
    },
    Role.CENTRE_SUPERVISOR: SEE_SUBSCRIBERS
    | SEE_BILLS
    | SEE_CALLS
    | SEE_PAYMENTS
    | SEE_LIMITS
    | SET_LIMITS
    | BAR_LINES
    | SELL
    | SERVE
    | ADVISE
    | {
        "rating.view_quarantine",
        "rating.reveal_numbers",
        "rating.recycle_lines",
        "rating.propose_write_off",
        "subscribers.give_discount",
        "subscribers.change_account_category",
    },
    Role.BILLING_SPECIALIST: SEE_SUBSCRIBERS
    | SEE_BILLS
    | SEE_RECORDS
    | SEE_INTAKE
    | SEE_RUNS
    | SELL
    | SERVE
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
    | {
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
        "invoicing.start_bill_run",
        "invoicing.pause_bill_run",
        "invoicing.print_bills",
        "invoicing.hand_over_print_batch",
        "invoicing.view_periods",
        "invoicing.complete_period_step",
        "console.control_jobs",
        "identity.view_reference_data",
        "identity.edit_reference_data",
    },
    Role.TARIFF_APPROVER: SEE_SUBSCRIBERS
    | SEE_BILLS
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
        "rating.release_file",
        "rating.approve_write_off",
        "rating.release_lines",
        "rating.decline_proposal",
        "rating.view_legal_holds",
        "rating.lift_legal_hold",
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
    | SEE_BILLS
    | SEE_PAYMENTS
    | SEE_CHECKS
    | {
        "rating.look_up_price",
        "reconciliation.load_register",
        "reconciliation.check_terminals",
        "reconciliation.resolve_discrepancy",
        "reports.view_reports",
        "console.view_jobs",
        "console.check_books",
        "ledger.view_ledger",
        "rating.view_premium_stations",
        "invoicing.view_periods",
        "invoicing.open_period",
        "invoicing.complete_period_step",
        "invoicing.assign_period_step",
        "invoicing.close_period",
        "invoicing.ask_reopening",
        "invoicing.approve_reopening",
    },
    Role.CALL_DESK: SEE_SUBSCRIBERS
    | SEE_BILLS
    | SEE_RECORDS
    | SEE_LIMITS
    | SET_LIMITS
    | BAR_LINES
    | ADVISE
    | {"payments.view_payments", "subscribers.view_number_ranges"},
    Role.REPAIR_DISPATCHER: frozenset({"console.search", "subscribers.view_subscriber", "rating.look_up_price"}),
    Role.TECHNICIAN: frozenset(),
    Role.MANAGER: SEE_PLANS
    | {
        "reports.view_reports",
        "rating.look_up_price",
        "rating.view_traffic",
        "invoicing.view_periods",
        "invoicing.approve_reopening",
    },
    Role.AUDITOR: SEE_SUBSCRIBERS
    | SEE_BILLS
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
