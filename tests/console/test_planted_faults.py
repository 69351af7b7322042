"""
The check of the checker: faults written by a superuser with every trigger off, each of which must be named.

A fault is planted in a transaction that is rolled back after the check, so each test begins with clean books.
"""

import os
import re
from collections.abc import Iterator

import dj_database_url
import pytest
from django.db import connection, transaction

from billing_site.console.books import INVARIANTS, check_books
from tests.console.account_faults import FAULTS as ACCOUNT_FAULTS
from tests.console.agreement_faults import FAULTS as AGREEMENT_FAULTS
from tests.console.bank_faults import FAULTS as BANK_FAULTS
from tests.console.book_faults import FAULTS as BOOK_FAULTS
from tests.console.charge_faults import FAULTS as CHARGE_FAULTS
from tests.console.collection_faults import FAULTS as COLLECTION_FAULTS
from tests.console.correction_faults import FAULTS as CORRECTION_FAULTS
from tests.console.debt_faults import FAULTS as DEBT_FAULTS
from tests.console.delivery_faults import FAULTS as DELIVERY_FAULTS
from tests.console.gateway_faults import FAULTS as GATEWAY_FAULTS
from tests.console.house_faults import FAULTS as HOUSE_FAULTS
from tests.console.money_faults import FAULTS as MONEY_FAULTS
from tests.console.reversal_faults import FAULTS as REVERSAL_FAULTS
from tests.console.summary_faults import SUMMARY_FAULTS
from tests.console.till_faults import FAULTS as TILL_FAULTS
from tests.factories.small_book import SmallBook, make_small_book
from tests.fixtures.databases import TestDatabase

# What is done, in SQL with the book's ids as {names}; the invariant that must find it; what it must name.
FAULTS = {
    "posting_amount_changed": (
        "UPDATE ledger_posting SET amount_minor = amount_minor + 1 WHERE entry_id = {entry_id} AND n = 1",
        {
            "ledger.balances_equal_ledger": r"account {ledger_account_id}",
            "ledger.seals_hold": "seal 2026-03-05",
            "invoicing.posted_is_in_the_books": "invoice {invoice_id}",
        },
    ),
    "posting_dropped": (
        "DELETE FROM ledger_posting WHERE entry_id = {entry_id} AND n = 1",
        {"ledger.entries_have_postings": "entry {entry_id}", "ledger.seals_hold": "seal 2026-03-05"},
    ),
    "postings_of_an_entry_dropped": (
        "DELETE FROM ledger_posting WHERE entry_id = {entry_id}",
        {"ledger.entries_have_postings": "entry {entry_id}"},
    ),
    "entry_dropped": (
        "DELETE FROM ledger_entry WHERE id = {entry_id}",
        {
            "ledger.entries_have_postings": "posting {entry_id}/1",
            "invoicing.posted_is_in_the_books": "invoice {invoice_id}",
        },
    ),
    "entry_moved_to_another_day": (
        "UPDATE ledger_entry SET posted_on = posted_on - 1 WHERE id = {entry_id}",
        {"ledger.seals_hold": "seal 2026-03-05", "invoicing.posted_is_in_the_books": "invoice {invoice_id}"},
    ),
    "entry_given_another_reason": (
        "UPDATE ledger_entry SET reason = 'nothing to see' WHERE id = {entry_id}",
        {"ledger.seals_hold": "seal 2026-03-05"},
    ),
    "posting_moved_to_another_account": (
        (
            "UPDATE ledger_posting SET debit_id = (SELECT ledger_account_id FROM subscribers_account"
            " WHERE id = {other_account_id}) WHERE entry_id = {entry_id} AND n = 1"
        ),
        {
            "ledger.balances_equal_ledger": "account {ledger_account_id}",
            "invoicing.posted_is_in_the_books": "invoice {invoice_id}",
        },
    ),
    "posting_to_no_account": (
        "UPDATE ledger_posting SET credit_id = 999999 WHERE entry_id = {entry_id} AND n = 1",
        {"ledger.postings_name_accounts": "posting {entry_id}/1"},
    ),
    "posting_in_another_currency": (
        "UPDATE ledger_posting SET currency = 'EUR' WHERE entry_id = {entry_id} AND n = 2",
        {"ledger.postings_name_accounts": "posting {entry_id}/2"},
    ),
    "posting_below_zero": (
        (
            "ALTER TABLE ledger_posting DROP CONSTRAINT ledger_posting_amount_positive;"
            "UPDATE ledger_posting SET amount_minor = -amount_minor WHERE entry_id = {entry_id} AND n = 1"
        ),
        {"ledger.entries_balance": "posting {entry_id}/1"},
    ),
    "cached_balance_changed": (
        "UPDATE ledger_balance SET amount_minor = amount_minor - 5 WHERE account_id = {ledger_account_id}",
        {"ledger.balances_equal_ledger": "account {ledger_account_id}"},
    ),
    "reversal_of_another_amount": (
        "UPDATE ledger_posting SET amount_minor = 8 WHERE entry_id = (SELECT max(id) FROM ledger_entry)",
        {"ledger.reversals_mirror": "entry "},
    ),
    "seal_changed": (
        "UPDATE ledger_bookseal SET digest = repeat('0', 64)",
        {"ledger.seals_hold": "seal 2026-03-05"},
    ),
    "act_deleted": (
        "DELETE FROM audit_auditentry WHERE action = 'invoicing.post_bill_run'",
        {"ledger.seals_hold": "seal 2026-03-05"},
    ),
    "act_put_on_another_person": (
        (
            "UPDATE audit_auditentry SET actor_id = (SELECT started_by_id FROM invoicing_billrun WHERE id = {run_id})"
            " WHERE action = 'invoicing.post_bill_run'"
        ),
        {"audit.second_person_acts": "act ", "ledger.seals_hold": "seal 2026-03-05"},
    ),
    "act_of_nobody": (
        "UPDATE audit_auditentry SET actor_name = '' WHERE action = 'invoicing.plan_bill_run'",
        {"audit.acts_name_people": "act "},
    ),
    "record_amount_changed": (
        (
            "UPDATE rating_ratedusage SET amount_micro = amount_micro + 1 WHERE subscription_id = {subscription_id}"
            " AND duplicate_key = 1"
        ),
        {
            "rating.totals_equal_records": "total {subscription_id} 2026-02-01 {usage_item_id}",
            "rating.files_add_up": "file {file_id}",
        },
    ),
    "traffic_changed": (
        (
            "INSERT INTO rating_trafficday (day, hour, source_id, trunk_in, trunk_out, category, service,"
            " usage_category_id, record_count, duration_seconds, volume_bytes, amount_micro)"
            " VALUES ('2026-02-10', 14, 4711, '', '', 'HOME', 0, 1, 1, 60, 0, 5)"
        ),
        {"rating.traffic_equals_records": "traffic 2026-02-10 of source 4711"},
    ),
    "key_account_without_its_days": (
        "UPDATE subscribers_account SET is_key = true WHERE id = {account_id}",
        {"rating.key_accounts_equal_records": "key account {account_id} 2026-02-10"},
    ),
    "detached_sums_invented": (
        (
            "INSERT INTO rating_detachedtotal VALUES ({account_id}, '2026-02-01', {subscription_id}, {usage_item_id},"
            " 1, 60, 0, 60, 0, 5); INSERT INTO rating_detachedfile VALUES ({file_id}, 1, 60, 0, 5)"
        ),
        {
            "rating.totals_equal_records": "total {subscription_id} 2026-02-01 {usage_item_id}",
            "rating.files_add_up": "file {file_id}",
        },
    ),
    "record_dropped": (
        "DELETE FROM rating_ratedusage WHERE subscription_id = {subscription_id} AND duplicate_key = 1",
        {
            "rating.totals_equal_records": "total {subscription_id} 2026-02-01",
            "rating.files_add_up": "file {file_id}",
        },
    ),
    "record_doubled": (
        (
            "INSERT INTO rating_ratedusage SELECT (jsonb_populate_record(r, '{{\"duplicate_key\": 99}}')).*"
            " FROM rating_ratedusage r WHERE subscription_id = {subscription_id} AND duplicate_key = 1"
        ),
        {
            "rating.lines_have_one_outcome": "line {file_id}/",
            "rating.totals_equal_records": "total {subscription_id} 2026-02-01",
        },
    ),
    "record_moved_to_another_period": (
        "UPDATE rating_ratedusage SET bill_period = '2026-03-01' WHERE subscription_id = {subscription_id}",
        {"rating.totals_equal_records": "total {subscription_id} 2026-03-01"},
    ),
    "record_of_no_file": (
        "UPDATE rating_ratedusage SET file_id = 4711 WHERE subscription_id = {subscription_id}",
        {"rating.records_have_files": "line 4711/", "rating.files_add_up": "file {file_id}"},
    ),
    "record_of_another_account": (
        "UPDATE rating_ratedusage SET account_id = {other_account_id} WHERE subscription_id = {subscription_id}",
        {"rating.records_name_what_exists": "record {file_id}/"},
    ),
    "record_without_zone": (
        "UPDATE rating_ratedusage SET zone_id = 4711 WHERE subscription_id = {subscription_id}",
        {"rating.records_name_what_exists": "record {file_id}/"},
    ),
    "number_given_away_under_a_record": (
        (
            "UPDATE subscribers_numberassignment SET during = tstzrange('2026-02-20', NULL)"
            " WHERE subscription_id = {subscription_id}"
        ),
        {"rating.records_are_the_holders": "record {file_id}/"},
    ),
    "revision_that_undoes_nothing": (
        (
            "INSERT INTO rating_ratedusage SELECT (jsonb_populate_record(r, '{{\"revision\": 1}}')).*"
            " FROM rating_ratedusage r WHERE subscription_id = {subscription_id} AND duplicate_key = 1"
        ),
        {"rating.revisions_undo": "record {file_id}/"},
    ),
    "total_changed": (
        "UPDATE rating_usagetotal SET amount_micro = amount_micro + 1000000 WHERE subscription_id = {subscription_id}",
        {
            "rating.totals_equal_records": "total {subscription_id} 2026-02-01",
            "invoicing.usage_is_billed_once": "line {invoice_id}/2",
        },
    ),
    "total_dropped": (
        "DELETE FROM rating_usagetotal WHERE subscription_id = {subscription_id}",
        {
            "rating.totals_equal_records": "total {subscription_id} 2026-02-01",
            "invoicing.usage_is_billed_once": "line {invoice_id}/2",
        },
    ),
    "line_set_aside_dropped": (
        "DELETE FROM rating_setasideline WHERE file_id = {file_id} AND outcome = 'QUARANTINED'",
        {"rating.files_add_up": "file {file_id}"},
    ),
    "line_set_aside_and_rated": (
        (
            "UPDATE rating_setasideline SET line_number = (SELECT min(line_number) FROM rating_ratedusage)"
            " WHERE file_id = {file_id} AND outcome = 'REJECTED'"
        ),
        {"rating.lines_have_one_outcome": "line {file_id}/"},
    ),
    "line_taken_up_without_record": (
        "UPDATE rating_setasideline SET outcome = 'TAKEN_UP' WHERE outcome = 'DUPLICATE'",
        {"rating.lines_taken_up_are_records": "line {file_id}/", "rating.files_add_up": "file {file_id}"},
    ),
    "line_written_off_by_one_person": (
        (
            "ALTER TABLE rating_lineproposal DROP CONSTRAINT rating_lineproposal_second_person;"
            "UPDATE rating_lineproposal SET decided_by_id = proposed_by_id"
        ),
        {"rating.lines_leave_quarantine_by_two_people": "line {file_id}/14"},
    ),
    "line_written_off_and_not_counted": (
        "UPDATE rating_setasideline SET outcome = 'WRITTEN_OFF', proposal_id = 4711 WHERE outcome = 'QUARANTINED'",
        {
            "rating.lines_leave_quarantine_by_two_people": "line {file_id}/",
            "rating.files_add_up": "file {file_id}",
        },
    ),
    "allowance_overdrawn": (
        "UPDATE rating_allowancebucket SET used_units = 601 WHERE holder_id = {subscription_id}",
        {"rating.allowances_not_overdrawn": "allowance "},
    ),
    "allowance_carried_from_nowhere": (
        "UPDATE rating_allowancebucket SET carried_units = 5 WHERE holder_id = {subscription_id}",
        {"rating.allowances_carried_once": "allowance "},
    ),
    "total_over_a_limit_unseen": (
        (
            "INSERT INTO rating_usagelimit (account_id, category, kind, amount_micro, during, reason)"
            " VALUES ({account_id}, '', 'OPERATOR', 1, tstzrange(now() - interval '1 day', NULL), '');"
            "UPDATE rating_usagetotal SET bill_period = date_trunc('month', now())::date"
            " WHERE subscription_id = {subscription_id}"
        ),
        {"rating.limits_are_told": "account {account_id}", "rating.limits_bar_lines": "line {subscription_id}"},
    ),
    "line_barred_for_nothing": (
        (
            "INSERT INTO subscribers_subscriptionrestriction (subscription_id, state, cause, causes, reason, during)"
            " VALUES ({subscription_id}, 'RESTRICTED', 'LIMIT', '{{LIMIT}}', '', tstzrange(now(), NULL))"
        ),
        {
            "rating.limits_bar_lines": "line {subscription_id}",
            "subscribers.exchange_is_told": "line {subscription_id}",
        },
    ),
    "state_of_a_line_ended_by_hand": (
        (
            "INSERT INTO subscribers_subscriptionrestriction (subscription_id, state, cause, causes, reason, during)"
            " VALUES ({subscription_id}, 'RESTRICTED', 'DEBT', '{{DEBT}}', '', tstzrange('2026-03-01', '2026-03-02'))"
        ),
        {"subscribers.lines_have_one_state": "line {subscription_id}"},
    ),
    "notice_of_a_limit_not_written": (
        (
            "INSERT INTO rating_usagelimit (id, account_id, category, kind, amount_micro, during, reason)"
            " VALUES (4711, {account_id}, '', 'OPERATOR', 10, tstzrange('2026-02-01', '2026-02-02'), '');"
            "INSERT INTO rating_limitnotice (limit_id, account_id, bill_period, percent, used_micro, limit_micro,"
            " is_running, given_at) VALUES (4711, {account_id}, '2026-02-01', 50, 5, 10, true, '2026-02-01')"
        ),
        {"rating.limit_notices_reach_subscribers": "limit notice "},
    ),
    "hit_that_barred_nobody": (
        (
            "INSERT INTO rating_fraudrule (id, code, names, kind, threshold, account_category, line_kind, effect,"
            " is_active) VALUES (4711, 'X', '{{}}', 'SIMULTANEOUS', 1, '', '', 'RESTRICT', true);"
            'INSERT INTO rating_fraudhit (rule_id, subscription_id, day, "window", number, figure, threshold,'
            " record_count, effect, state, dismiss_reason) VALUES (4711, {subscription_id}, '2026-03-01',"
            " '[2026-03-01,2026-03-01]', '', 2, 1, 2, 'RESTRICT', 'OPEN', '')"
        ),
        {"rating.hits_bar_lines": "hit "},
    ),
    "invoice_amount_changed": (
        "UPDATE invoicing_invoice SET net_minor = net_minor - 1, gross_minor = gross_minor - 1 WHERE id = {invoice_id}",
        {
            "invoicing.lines_add_up": "invoice {invoice_id}",
            "invoicing.posted_is_in_the_books": "invoice {invoice_id}",
            "invoicing.runs_add_up": "run {run_id}",
        },
    ),
    "invoice_line_dropped": (
        "DELETE FROM invoicing_invoiceline WHERE invoice_id = {invoice_id} AND n = 2",
        {
            "invoicing.lines_add_up": "invoice {invoice_id}",
            "invoicing.all_usage_is_billed": "total {subscription_id} 2026-02-01",
        },
    ),
    "invoice_line_of_no_invoice": (
        "UPDATE invoicing_invoiceline SET invoice_id = 4711 WHERE invoice_id = {invoice_id} AND n = 1",
        {"invoicing.lines_add_up": "invoice 4711"},
    ),
    "invoice_line_of_another_subscription": (
        "UPDATE invoicing_invoiceline SET subscription_id = {other_subscription_id} WHERE invoice_id = {invoice_id}",
        {
            "invoicing.ids_exist": "line {invoice_id}/1",
            "invoicing.usage_is_billed_once": "subscription {other_subscription_id}",
        },
    ),
    "tax_moved_between_tax_and_net": (
        "UPDATE invoicing_invoicetax SET tax_minor = tax_minor - 1 WHERE invoice_id = {invoice_id}",
        {
            "invoicing.taxes_are_of_their_lines": "invoice {invoice_id}",
            "invoicing.lines_add_up": "invoice {invoice_id}",
        },
    ),
    "record_revised_without_taking_back": (
        (
            "INSERT INTO rating_ratedusage SELECT (jsonb_populate_record(r, '{{\"revision\": 2}}')).*"
            " FROM rating_ratedusage r WHERE subscription_id = {subscription_id} AND duplicate_key = 1"
        ),
        {"rating.revisions_undo": "record {file_id}/"},
    ),
    "record_taken_back_and_not_followed": (
        (
            "INSERT INTO rating_ratedusage SELECT (jsonb_populate_record(r, jsonb_build_object('revision', 1,"
            " 'amount_micro', -amount_micro, 'duration_seconds', -duration_seconds, 'volume_bytes', -volume_bytes,"
            " 'charged_units', -charged_units, 'allowance_units', -allowance_units))).*"
            " FROM rating_ratedusage r WHERE subscription_id = {subscription_id} AND duplicate_key = 1"
        ),
        {
            "rating.revisions_undo": "record {file_id}/",
            "rating.totals_equal_records": "total {subscription_id} 2026-02-01",
        },
    ),
    "record_that_corrects_what_comes_later": (
        "UPDATE rating_ratedusage SET corrects = '2026-05-01' WHERE subscription_id = {subscription_id}",
        {"rating.corrections_are_of_the_past": "record {file_id}/"},
    ),
    "correction_of_no_record": (
        (
            "INSERT INTO rating_correctiontotal (account_id, bill_period, subscription_id, bill_item_id, corrects,"
            " record_count, duration_seconds, volume_bytes, charged_units, allowance_units, amount_micro)"
            " VALUES ({account_id}, '2026-02-01', {subscription_id}, {usage_item_id}, '2026-01-01', 0, 0, 0, 0, 0, 5)"
        ),
        {
            "rating.totals_equal_records": "total {subscription_id} 2026-02-01 {usage_item_id} of 2026-01-01",
            "invoicing.corrections_are_billed_once": "correction {subscription_id} 2026-02-01",
        },
    ),
    "usage_line_called_a_correction": (
        (
            "UPDATE invoicing_invoiceline SET kind = 'CORRECTION', explanation = '{{\"bill_period\": \"2026-02-01\"}}'"
            " WHERE invoice_id = {invoice_id} AND n = 2"
        ),
        {
            "invoicing.corrections_are_billed_once": "line {invoice_id}/2",
            "invoicing.all_usage_is_billed": "total {subscription_id}",
        },
    ),
    "rerating_approved_by_who_proposed": (
        (
            "ALTER TABLE rating_rerating DROP CONSTRAINT rating_rerating_second_person;"
            "INSERT INTO rating_rerating (used_from, used_until, scope, reason, state, proposed_by_id, approved_by_id)"
            " VALUES ('2026-02-01', '2026-03-01', '{{}}', 'x', 'DONE', {accountant_id}, {accountant_id})"
        ),
        {"rating.reratings_have_two_people": "rerating "},
    ),
    "invoice_of_another_account": (
        "UPDATE invoicing_invoice SET account_id = 4711 WHERE id = {invoice_id}",
        {"invoicing.ids_exist": "invoice {invoice_id}", "invoicing.posted_is_in_the_books": "invoice {invoice_id}"},
    ),
    "invoice_thrown_away_after_posting": (
        "UPDATE invoicing_invoice SET state = 'CANCELLED', number = NULL WHERE id = {invoice_id}",
        {
            "invoicing.numbers_have_no_gap": "number {invoice_number}",
            "invoicing.posted_is_in_the_books": "entry {entry_id}",
        },
    ),
    "gap_in_numbers": (
        "UPDATE documents_numberseries SET last_number = last_number + 1",
        {"invoicing.numbers_have_no_gap": "number INV-2026-000003"},
    ),
    "number_of_no_series": (
        "UPDATE invoicing_invoice SET number = 'INV-2026-900000' WHERE id = {invoice_id}",
        {"invoicing.numbers_have_no_gap": "invoice {invoice_id}"},
    ),
    "run_total_changed": (
        "UPDATE invoicing_billrun SET net_minor = net_minor + 1 WHERE id = {run_id}",
        {"invoicing.runs_add_up": "run {run_id}"},
    ),
    "account_parked_unseen": (
        (
            "INSERT INTO invoicing_parkedaccount (run_id, account_id, reason, detail)"
            " VALUES ({run_id}, {account_id}, 'X', '')"
        ),
        {"invoicing.runs_add_up": "run {run_id}"},
    ),
    "run_posted_by_its_starter": (
        (
            "ALTER TABLE invoicing_billrun DROP CONSTRAINT invoicing_billrun_second_person;"
            "UPDATE invoicing_billrun SET posted_by_id = started_by_id WHERE id = {run_id}"
        ),
        {"invoicing.runs_have_two_people": "run {run_id}"},
    ),
    "days_charged_again": (
        (
            "INSERT INTO invoicing_invoiceline SELECT (jsonb_populate_record(l, '{{\"invoice_id\": {draft_id}}}')).*"
            " FROM invoicing_invoiceline l WHERE l.invoice_id = {invoice_id} AND l.n = 1"
        ),
        {"invoicing.days_are_charged_once": "line {draft_id}/1"},
    ),
    "payment_amount_changed": (
        "UPDATE payments_payment SET amount_minor = amount_minor * 10 WHERE id = {payment_id}",
        {
            "payments.payments_are_in_the_books": "payment {payment_id}",
            "payments.amounts_agree": "payment {payment_id}",
        },
    ),
    "payment_dropped": (
        "DELETE FROM payments_payment WHERE id = {payment_id}",
        {"payments.payments_are_in_the_books": "entry ", "payments.allocations_fit": "allocation "},
    ),
    "payment_moved_to_another_account": (
        "UPDATE payments_payment SET account_id = {other_account_id} WHERE id = {payment_id}",
        {"payments.payments_are_in_the_books": "payment {payment_id}", "payments.allocations_fit": "allocation "},
    ),
    "payment_moved_to_another_day": (
        "UPDATE payments_payment SET posted_on = posted_on + 1 WHERE id = {payment_id}",
        {"payments.payments_are_in_the_books": "payment {payment_id}"},
    ),
    "allocation_above_the_payment": (
        "UPDATE payments_allocation SET amount_minor = 1001",
        {"payments.allocations_fit": "payment {payment_id}"},
    ),
    "register_line_dropped": (
        "DELETE FROM reconciliation_terminalregisterline WHERE register_id = {register_id} AND line_number = 2",
        {"reconciliation.registers_add_up": "register {register_id}"},
    ),
    "difference_hidden": (
        "DELETE FROM reconciliation_discrepancy",
        {"reconciliation.checks_account_for_all": "check {check_id}"},
    ),
    "register_swapped": (
        "UPDATE reconciliation_terminalregister SET amount_minor = 1 WHERE id = {register_id}",
        {"reconciliation.checks_use_registers": "check {check_id}"},
    ),
    "number_held_twice": (
        (
            "ALTER TABLE subscribers_numberassignment DROP CONSTRAINT subscribers_numberassignment_one_holder;"
            "INSERT INTO subscribers_numberassignment (number, subscription_id, during)"
            " SELECT number, {other_subscription_id},"
            " during FROM subscribers_numberassignment WHERE subscription_id = {subscription_id}"
        ),
        {"subscribers.numbers_have_one_holder": "number "},
    ),
    "held_number_offered": (
        "UPDATE subscribers_phonenumber SET state = 'FREE'",
        {"subscribers.held_numbers_are_not_free": "number "},
    ),
    "account_without_books": (
        "UPDATE ledger_account SET kind = 'REVENUE' WHERE id = {ledger_account_id}",
        {"subscribers.accounts_have_books": "account {account_id}"},
    ),
    "two_versions_on_a_day": (
        (
            "ALTER TABLE tariffs_planversion DROP CONSTRAINT tariffs_planversion_one_at_a_time;"
            'INSERT INTO tariffs_planversion SELECT (jsonb_populate_record(v, \'{{"id": 4711, "number": 2}}\')).*'
            " FROM tariffs_planversion v"
        ),
        {"tariffs.one_version_a_day": "plan version 4711"},
    ),
    "file_shorter_than_kept": (
        "UPDATE documents_storedfile SET size_bytes = size_bytes + 1",
        {"documents.files_are_there": "file "},
    ),
    "station_owed_for_calls_that_nobody_made": (
        (
            "INSERT INTO rating_premiumday (day, totalled_at) VALUES ('2026-02-05', '2100-01-01');"
            "INSERT INTO rating_premiumtotal (day, station_id, account_id, subscription_id, bill_period, bill_item_id,"
            " call_count, duration_seconds, amount_micro) VALUES ('2026-02-05', 4711, {account_id}, {subscription_id},"
            " '2026-02-01', {usage_item_id}, 1, 60, 1000000)"
        ),
        {"rating.premium_totals_equal_records": "station 4711 2026-02-05"},
    ),
    "work_forgotten": (
        "UPDATE jobs_workitem SET state = 'TODO', created_at = now() - interval '2 days'",
        {"jobs.work_is_done": "work item ", "jobs.done_means_done": "job "},
    ),
    **ACCOUNT_FAULTS,
    **AGREEMENT_FAULTS,
    **DELIVERY_FAULTS,
    **BANK_FAULTS,
    **CHARGE_FAULTS,
    **CORRECTION_FAULTS,
    **DEBT_FAULTS,
    **COLLECTION_FAULTS,
    **REVERSAL_FAULTS,
    **MONEY_FAULTS,
    **TILL_FAULTS,
    **GATEWAY_FAULTS,
    **BOOK_FAULTS,
    **SUMMARY_FAULTS,
    **HOUSE_FAULTS,
}


@pytest.fixture(scope="module")
def book(fresh_database: TestDatabase) -> Iterator[SmallBook]:
    made = make_small_book()
    usual = dict(connection.settings_dict)
    superuser = dj_database_url.parse(os.environ["DATABASE_SUPERUSER_URL"])
    connection.close()
    connection.settings_dict.update({key: superuser[key] for key in ("USER", "PASSWORD", "HOST", "PORT")})
    yield made
    connection.close()
    connection.settings_dict.update(usual)


def _switch_triggers_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('ALTER TABLE %I DISABLE TRIGGER ALL', relname) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


@pytest.mark.parametrize("fault", FAULTS)
def test_check_books_names_a_planted_fault(book: SmallBook, fault: str):
    planted, expected = FAULTS[fault]
    ids = {name: getattr(book, name) for name in SmallBook.__dataclass_fields__}

    with transaction.atomic():
        _switch_triggers_off()
        with connection.cursor() as cursor:
            cursor.execute(planted.format(**ids))
            assert cursor.rowcount > 0
        findings = check_books()
        transaction.set_rollback(True)

    found = {(one.invariant, one.subject) for one in findings}
    for invariant, subject in expected.items():
        named = re.escape(subject.format(**ids))
        assert any(one == invariant and re.match(named, text) for one, text in found), (invariant, sorted(found))


def test_check_books_after_all_faults_are_undone_finds_nothing(book: SmallBook):
    assert check_books() == ()


def test_every_invariant_has_a_fault_that_it_finds():
    found = {name for _, expected in FAULTS.values() for name in expected}

    assert sorted({one.name for one in INVARIANTS} - found) == []
