"""Verbs that go together: roles are put together from these sets and from single verbs."""

SEE_SUBSCRIBERS = frozenset(
    {
        "console.search",
        "subscribers.view_subscriber",
        "subscribers.view_user_groups",
        "subscribers.view_customer_groups",
    }
)
# Who explains a bill sees the rules behind it.
SEE_BILLS = frozenset(
    {"invoicing.view_invoice", "invoicing.explain_line", "invoicing.view_charges", "tariffs.view_promotions"}
    | {"invoicing.view_bill_deliveries"}
)
SEE_DISPUTES = frozenset({"invoicing.view_disputes"})
OPEN_DISPUTES = SEE_DISPUTES | {"invoicing.open_dispute", "invoicing.withdraw_dispute"}
ANSWER_DISPUTES = OPEN_DISPUTES | {"invoicing.answer_dispute"}
SEE_CREDIT_NOTES = frozenset({"invoicing.view_credit_notes", "invoicing.view_letters"})
TAKE_BILLS_BACK = SEE_CREDIT_NOTES | {
    "invoicing.propose_credit_note",
    "invoicing.cancel_invoice",
    "invoicing.replace_invoice",
    "invoicing.view_held_usage",
    "invoicing.bill_held_usage",
    "invoicing.bill_left_charges",
    "payments.view_left_money",
    "invoicing.propose_held_write_off",
    "invoicing.decline_held_write_off",
    "invoicing.decline_credit_note",
    "invoicing.resend_credit_note",
}
APPROVE_CREDIT_NOTES = SEE_CREDIT_NOTES | {"invoicing.approve_credit_note", "invoicing.decline_credit_note"}
DO_PERIOD_STEPS = frozenset({"invoicing.view_periods", "invoicing.complete_period_step"})
FINISH_BILLS = DO_PERIOD_STEPS | {
    "invoicing.print_bills",
    "invoicing.print_waiting_bills",
    "invoicing.print_letters",
    "invoicing.hand_over_print_batch",
}
PERIOD_ACTS = ("open_period", "assign_period_step", "close_period", "ask_reopening", "approve_reopening")
CLOSE_PERIODS = DO_PERIOD_STEPS | {f"invoicing.{act}" for act in PERIOD_ACTS}
SEE_CALLS = frozenset({"rating.view_call_list", "rating.order_call_list"})
SEE_RECORDS = SEE_CALLS | {"rating.view_records"}
SEE_TRAFFIC = frozenset({"rating.view_traffic", "rating.view_premium_stations"})
SEE_INTAKE = frozenset({"rating.view_intake", "rating.view_quarantine", "rating.view_line_proposals"})
# The operator's own words on the bills and in letters, and the bills as other programs read them.
SEE_BILL_TEXTS = frozenset({"invoicing.view_bill_texts", "subscribers.view_letter_texts"})
SEE_RUNS = frozenset(
    {"invoicing.view_bill_runs", "invoicing.preview_bill_run", "invoicing.view_bill_bounds", "console.view_jobs"}
    | {"invoicing.view_print_batches", "subscribers.view_bill_cycles"}
)
# Money over the counter: the clerk's verbs, what a supervisor has besides, and what others look at.
SEE_TILLS = frozenset(
    {
        "payments.view_till_sessions",
        "payments.view_till_receipts",
        "payments.view_cheques",
        "payments.view_waiting_receipts",
        "payments.view_many_reversals",
        "payments.view_tills",
    }
)
TAKE_MONEY = frozenset(
    {
        "payments.take_till_payment",
        "payments.open_till_session",
        "payments.count_till_session",
        "payments.reverse_receipt",
        "payments.copy_receipt",
        "payments.view_till_sessions",
        "payments.view_till_receipts",
    }
)
SUPERVISE_TILLS = (
    SEE_TILLS
    | TAKE_MONEY
    | {
        "payments.force_close_till_session",
        "payments.sign_till_session",
        "payments.hand_over_cash",
        "payments.reverse_earlier_receipt",
        "payments.bounce_cheque",
        "payments.retry_fiscal_receipt",
    }
)
SET_UP_TILLS = SEE_TILLS | {"payments.create_till", "payments.change_till", "payments.bounce_cheque"}
SEE_PAYMENTS = frozenset({"payments.view_payments", "payments.view_online_payments"})
# Money whose owner is not known, and payments that did not stand.
SEE_SUSPENSE = SEE_PAYMENTS | {"payments.view_suspense"}
CLEAR_SUSPENSE = SEE_SUSPENSE | {
    "payments.give_suspense_payment",
    "payments.reverse_payment",
    "payments.reallocate_payment",
}
# Money given back and held; who asks for a refund does not decide about it.
SEE_REFUNDS = frozenset({"payments.view_refunds"})
ASK_REFUNDS = SEE_REFUNDS | {
    "payments.request_refund",
    "payments.take_deposit",
    "payments.use_deposit",
    "payments.agree_instalment_plan",
}
DECIDE_REFUNDS = SEE_REFUNDS | {"payments.approve_refund", "payments.reject_refund", "payments.view_left_money"}
SEE_COMMISSIONS = frozenset({"payments.view_commissions"})
SET_COMMISSIONS = SEE_COMMISSIONS | {"payments.set_commission_rate", "payments.end_commission_rate"}
SEE_NETWORKS = frozenset({"payments.view_terminal_networks", "payments.view_online_providers"})
# Networks that take money for us: their keys, addresses and limits, and what they are to be asked about.
KEEP_NETWORKS = SEE_NETWORKS | {
    "payments.add_terminal_network",
    "payments.change_terminal_network",
    "payments.make_network_key",
    "payments.switch_network_key",
    "payments.unlock_sender",
    "payments.settle_network_alarm",
    "payments.change_online_provider",
    "payments.make_provider_key",
    "payments.switch_provider_key",
}
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
# What is told at the till, and what is taken there.
SEE_DEBIT_FAILURES = frozenset({"payments.view_debit_failures"})
TAKE_MANDATES = SEE_DEBIT_FAILURES | {"payments.record_debit_mandate", "payments.revoke_debit_mandate"}
SEE_DEBITS = SEE_DEBIT_FAILURES | {"payments.view_direct_debits"}
# Another person releases what was proposed.
COLLECT_DEBITS = SEE_DEBITS | {
    "payments.propose_debit_batch",
    "payments.cancel_debit_batch",
    "payments.retry_debit_item",
    "payments.stop_debit_retry",
    "payments.set_debit_creditor",
}
SEND_DEBITS = frozenset({"payments.release_debit_batch", "payments.fetch_debit_file", "payments.load_debit_results"})
DECIDE_BAD_DEBTS = frozenset({"payments.view_bad_debts", "payments.approve_bad_debt", "payments.reject_bad_debt"})
SEE_CHECKS = frozenset({"reconciliation.view_terminal_checks", "reconciliation.view_supply"})
CHECK_ACTS = ("load_register", "check_terminals", "sign_off_day", "set_register_map")
SUPPLY_ACTS = ("load_supply_sheet", "add_supply_item", "set_supply_price")
CASE_ACTS = ("explain", "assign", "resolve", "approve", "decline")
DO_CHECKS = (
    SEE_CHECKS
    | {f"reconciliation.{act}" for act in CHECK_ACTS}
    | {f"reconciliation.{act}_discrepancy" for act in CASE_ACTS}
    | {f"reconciliation.{act}" for act in SUPPLY_ACTS}
)
SEE_STATEMENTS = frozenset({"reconciliation.view_statements"})
MATCH_STATEMENTS = SEE_STATEMENTS | {
    "reconciliation.load_statement",
    "reconciliation.release_statement",
    "reconciliation.discard_statement",
    "reconciliation.add_bank_account",
    "reconciliation.change_bank_account",
    "reconciliation.match_line",
    "reconciliation.undo_match",
    "reconciliation.park_line",
    "reconciliation.ask_colleague",
    "reconciliation.dismiss_line",
    "reconciliation.match_return",
}
# Billing against the accounting ledger, and revenue handed over to it; each of the last acts wants a second person.
SEE_BOOKS = frozenset(
    f"reconciliation.view_{noun}"
    for noun in ("accounting_files", "accounting_classes", "book_comparisons", "book_cases", "revenue_transfers")
)
CORRECT_BOOKS = SEE_BOOKS | {f"reconciliation.{act}_book_case" for act in ("assign", "correct", "confirm", "return")}
KEEP_BOOKS = CORRECT_BOOKS | {
    "reconciliation.load_accounting_file",
    "reconciliation.compare_books",
    "reconciliation.set_accounting_class",
    "reconciliation.set_accounting_map",
    "reconciliation.set_book_cause",
    "reconciliation.prepare_revenue_transfer",
    "reconciliation.send_revenue_transfer",
    "reconciliation.note_transfer_answer",
}
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
SEE_LOGINS = frozenset({"portal.view_logins"})
GIVE_LOGINS = SEE_LOGINS | {"portal.create_portal_login", "portal.make_activation_code", "portal.send_activation_code"}
LOCK_LOGINS = frozenset({"portal.lock_portal_login", "portal.unlock_portal_login"})
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
        "subscribers.set_bill_setting",
    }
    | {"subscribers.change_bill_delivery", "subscribers.change_postal_address"}
    | {"invoicing.resend_bill", "invoicing.resend_credit_note", "invoicing.note_returned_bill"}
)
# Which employee has which business number.
KEEP_STAFF_LINES = frozenset(
    {"subscribers.view_staff_lines", "subscribers.give_staff_line", "subscribers.end_staff_line"}
)
# The report centre: figures, and those that name people.
SEE_REPORTS = frozenset({"reports.view_reports"})
SEE_REPORTS_OF_PEOPLE = SEE_REPORTS | {"reports.view_reports_of_people", "subscribers.view_staff_lines"}
ORDER_REPORTS = frozenset({"documents.order_report", "documents.cancel_report"})
ANSWER_FOR_FIGURES = ORDER_REPORTS | {"payments.confirm_collection", "payments.review_operation"}
# At the counter, when somebody leaves.
END_SERVICE = frozenset({"invoicing.make_final_bill", "subscribers.close_account"})
# Who pays, with what tax, in which group: another person approves an exemption.
ARRANGE_PAYING = frozenset(
    {
        "subscribers.give_discount",
        "subscribers.end_discount",
        "subscribers.appoint_payer",
        "subscribers.dismiss_payer",
        "subscribers.record_exemption",
        "subscribers.end_exemption",
        "subscribers.create_customer_group",
        "subscribers.join_customer_group",
        "subscribers.leave_customer_group",
        "subscribers.set_tax_number",
    }
)
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
        "tariffs.create_window_scheme",
        "tariffs.create_feature",
        "tariffs.set_feature_price",
        "tariffs.create_bill_item",
        "tariffs.edit_bill_item",
        "tariffs.create_tax_category",
        "tariffs.set_tax_rate",
        "tariffs.create_usage_category",
        "tariffs.create_zone",
        "tariffs.rename_zone",
        "tariffs.load_zone_prefixes",
        "tariffs.draft_commitment",
        "tariffs.end_commitment",
        "tariffs.set_cash_rounding",
        "tariffs.create_discount",
        "tariffs.create_provider",
        "tariffs.assign_provider",
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
