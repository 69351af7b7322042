"""
The attack list: what the application's role might try against what is written, and a superuser by mistake.

Every statement is refused, and afterwards every guarded table is what it was, to the last byte. Proves 2 and 3 of the
invariants of the books.
"""

from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection, cursor as Cursor  # noqa: N812  they are classes

from tests.factories.small_book import SmallBook, make_small_book
from tests.fixtures.databases import TestDatabase

APPEND_ONLY = (
    "ledger_entry",
    "ledger_posting",
    "ledger_account",
    "ledger_bookseal",
    "audit_auditentry",
    "audit_rowhistory",
    "invoicing_invoiceline",
    "invoicing_invoicetax",
    "invoicing_billrunaccount",
    "invoicing_finalbill",
    "invoicing_creditnoteline",
    "invoicing_letter",
    "invoicing_invoicereplacement",
    "payments_payment",
    "payments_allocation",
    "rating_planpreview",
    "rating_planpreviewaccount",
    "rating_planpreviewfee",
    "rating_planpreviewzone",
    "rating_ratedusage",
    "rating_limitnotice",
    "{partition}",
    "reconciliation_terminalregister",
    "reconciliation_terminalregisterline",
    "documents_storedfile",
    "portal_nodebtcertificate",
)
NEVER_DELETED = (
    *APPEND_ONLY,
    "ledger_periodlock",
    "ledger_balance",
    "invoicing_invoice",
    "invoicing_billrun",
    "invoicing_billrunchunk",
    "invoicing_billbound",
    "invoicing_billrunpreview",
    "invoicing_billrunpreviewchunk",
    "invoicing_dispute",
    "invoicing_disputedline",
    "invoicing_creditnote",
    "invoicing_creditreason",
    "rating_usagelimit",
    "rating_fraudrule",
    "rating_fraudhit",
    "subscribers_subscriptionrestriction",
    "subscribers_networkorder",
    "subscribers_notice",
    "rating_usagefile",
    "rating_usagetotal",
    "rating_usagepartition",
    "rating_numberdisclosure",
    "rating_calllistorder",
    "rating_premiumstation",
    "rating_premiumnumber",
    "rating_trafficday",
    "rating_trafficserviceday",
    "rating_stafflineday",
    "rating_followedstaffline",
    "subscribers_monthcount",
    "rating_legalhold",
    "rating_detachedpartition",
    "rating_detachedtotal",
    "rating_detachedfile",
    "rating_detachedcorrection",
    "rating_correctiontotal",
    "rating_rerating",
    "reconciliation_terminalcheck",
    "reconciliation_discrepancy",
    "documents_numberseries",
    "portal_portallogin",
    "portal_portalsession",
    "portal_portalcode",
    "portal_portalcalllist",
    "django_migrations",
)
# An entry of its own to be attacked: one that begins well.
ENTRY = (
    "INSERT INTO ledger_entry (id, source_type, source_id, posted_on, actor) VALUES ({id}, 'X', '{id}', '{day}', 'x')"
)
GOOD = ENTRY.format(id=900001, day="2026-03-04")
POSTING = (
    "INSERT INTO ledger_posting (entry_id, n, debit_id, credit_id, currency, amount_minor)"
    " VALUES ({entry}, {n}, {debit}, {credit}, '{currency}', {amount})"
)


def _posting(entry: object = 900001, **changes: object) -> str:
    revenue = "(SELECT id FROM ledger_account WHERE code = 'REVENUE:MOBILE:CALLS')"
    values = {"n": 1, "debit": "{ledger_account_id}", "credit": revenue, "currency": "AMD", "amount": 1, **changes}
    return POSTING.format(entry=entry, **values)


DEFINED = {
    "entry_without_posting": GOOD,
    "entry_without_posting_among_good_ones": f"{GOOD}; {_posting()}; {ENTRY.format(id=900002, day='2026-03-04')}",
    "entry_without_posting_deferred_again": f"SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; {GOOD}",
    "entry_proved_early_then_another": f"{GOOD}; {_posting()}; SET CONSTRAINTS ALL IMMEDIATE;"
    f" {ENTRY.format(id=900002, day='2026-03-04')}",
    "posting_to_an_old_entry": _posting("{entry_id}", n=9),
    "posting_to_no_entry": _posting(4711),
    "posting_from_an_unknown_account": f"{GOOD}; {_posting(credit=4711)}",
    "posting_in_another_currency": f"{GOOD}; {_posting(currency='EUR')}",
    "posting_of_nothing": f"{GOOD}; {_posting(amount=0)}",
    "posting_below_zero": f"{GOOD}; {_posting(amount=-5)}",
    "posting_to_itself": f"{GOOD}; {_posting(credit='{ledger_account_id}')}",
    "entry_in_a_closed_period": f"{ENTRY.format(id=900001, day='1999-12-31')}; {_posting()}",
    "entry_of_the_same_document": "INSERT INTO ledger_entry (source_type, source_id, posted_on, actor)"
    " SELECT source_type, source_id, posted_on, actor FROM ledger_entry WHERE id = {entry_id}",
    "entry_under_the_seal": f"{ENTRY.format(id=0, day='2026-03-04')}; {_posting(0)}",
    "entry_with_its_own_transaction": "INSERT INTO ledger_entry (source_type, source_id, posted_on, actor, xact)"
    " VALUES ('X', 'Y', '2026-03-04', 'x', '1')",
    "entry_with_its_own_time": "INSERT INTO ledger_entry (source_type, source_id, posted_on, actor, recorded_at)"
    " VALUES ('X', 'Y', '2026-03-04', 'x', '2020-01-01')",
    "second_reversal": "INSERT INTO ledger_entry (id, source_type, source_id, posted_on, actor, reverses_id)"
    " SELECT 900001, 'X', 'Y', '2026-03-04', 'x', reverses_id FROM ledger_entry WHERE reverses_id IS NOT NULL;"
    + _posting(),
    "copy_into_an_old_entry": "INSERT INTO ledger_line SELECT entry_id, 9, account_id, currency, 1 FROM ledger_line",
    "shadowed_period_lock": "CREATE TEMP TABLE ledger_periodlock (one boolean, closed_through date);"
    f" INSERT INTO pg_temp.ledger_periodlock VALUES (true, '1900-01-01'); {ENTRY.format(id=900001, day='1999-12-31')};"
    f" {_posting()}",
    "shadowed_entry": "CREATE TEMP TABLE ledger_entry (id bigint, xact xid8);"
    " INSERT INTO pg_temp.ledger_entry VALUES ({entry_id}, pg_current_xact_id()); " + _posting("{entry_id}", n=9),
    "shadowed_account": "CREATE TEMP TABLE ledger_account (id bigint, currency text);"
    f" INSERT INTO pg_temp.ledger_account VALUES (4711, 'AMD'); {GOOD}; {_posting(credit=4711)}",
    "shadowed_posting": "CREATE TEMP TABLE ledger_posting (entry_id bigint);"
    f" INSERT INTO pg_temp.ledger_posting VALUES (900001); {GOOD}",
    "shadowed_by_search_path": f"CREATE TEMP TABLE ledger_posting (entry_id bigint); SET search_path = pg_temp, public;"
    f" INSERT INTO pg_temp.ledger_posting VALUES (900001); {GOOD}",
    "shadowed_plan_version": "CREATE TEMP TABLE tariffs_planversion (id bigint, state text);"
    " UPDATE tariffs_rate SET connect_fee = 99",
    "shadowed_invoice": "CREATE TEMP TABLE invoicing_invoice (id bigint, state text);"
    " INSERT INTO pg_temp.invoicing_invoice VALUES ({invoice_id}, 'DRAFT');"
    " INSERT INTO invoicing_invoicetax VALUES ({invoice_id}, 1, 5, 1, 1)",
    "own_table_with_the_historian": "CREATE TEMP TABLE identity_user (id bigint);"
    " CREATE TRIGGER forge AFTER UPDATE ON pg_temp.identity_user FOR EACH ROW EXECUTE FUNCTION audit_follow_row();"
    " INSERT INTO pg_temp.identity_user VALUES (1); UPDATE pg_temp.identity_user SET id = 2",
    "own_table_with_the_prover": "CREATE TEMP TABLE mine (first_entry_id bigint, last_entry_id bigint);"
    " CREATE TRIGGER forge AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION ledger_prove_entries()",
    "unproved_emptied": "DELETE FROM ledger_unproved",
    "books_opened_again": "SELECT ledger_close_through('1990-01-01')",
    "period_lock_moved": "UPDATE ledger_periodlock SET closed_through = '1990-01-01'",
    "second_period_lock": "INSERT INTO ledger_periodlock VALUES (false, '1990-01-01')",
    "seal_of_what_is_not_there": "INSERT INTO ledger_bookseal (sealed_on, last_entry_id, last_audit_id, digest)"
    " VALUES ('2027-01-01', 999999999, 0, '')",
    "seal_before_the_last": "INSERT INTO ledger_bookseal (sealed_on, last_entry_id, last_audit_id, digest)"
    " VALUES ('2020-01-01', 0, 0, '')",
    "account_of_another_kind": "UPDATE ledger_account SET kind = 'REVENUE'",
    "balance_of_another_account": "UPDATE ledger_balance SET account_id = account_id + 1",
    "sequence_set_back": "SELECT setval('ledger_entry_id_seq', 1)",
    "posted_invoice_changed": "UPDATE invoicing_invoice SET number = 'INV-2026-777777' WHERE id = {invoice_id}",
    "posted_invoice_thrown_away": "UPDATE invoicing_invoice SET state = 'CANCELLED', number = NULL"
    " WHERE id = {invoice_id}",
    "posted_invoice_made_a_draft": "UPDATE invoicing_invoice SET state = 'DRAFT', number = NULL"
    " WHERE id = {invoice_id}",
    "draft_with_another_amount": "UPDATE invoicing_invoice SET gross_minor = 0 WHERE id = {draft_id}",
    "invoice_born_posted": "INSERT INTO invoicing_invoice (run_id, account_id, state, number, period_from,"
    " period_until,"
    " issued_on, due_on, currency, currency_digits, language, frozen, net_minor, tax_minor, gross_minor)"
    " VALUES ({run_id}, {account_id}, 'POSTED', 'INV-1', '2020-01-01', '2020-02-01', '2020-02-01', '2020-02-01',"
    " 'AMD', 0,"
    " 'hy', '{{}}', 1, 0, 1)",
    "line_on_a_posted_invoice": "INSERT INTO invoicing_invoiceline SELECT"
    " (jsonb_populate_record(l, '{{\"n\": 9}}')).* FROM invoicing_invoiceline l"
    " WHERE invoice_id = {invoice_id} AND n = 1",
    "tax_on_a_posted_invoice": "INSERT INTO invoicing_invoicetax VALUES ({invoice_id}, 1, 5, 1, 1)",
    "line_on_no_invoice": "INSERT INTO invoicing_invoiceline SELECT"
    " (jsonb_populate_record(l, '{{\"invoice_id\": 4711}}')).* FROM invoicing_invoiceline l"
    " WHERE invoice_id = {invoice_id}",
    "dispute_of_another_amount": "UPDATE invoicing_dispute SET disputed_minor = 1",
    "answer_changed": "UPDATE invoicing_dispute SET answer_text = 'x' WHERE state <> 'OPEN'",
    "disputed_line_of_another_amount": "UPDATE invoicing_disputedline SET disputed_minor = 1",
    "dispute_of_more_than_the_line": "INSERT INTO invoicing_disputedline"
    " (dispute_id, invoice_id, n, disputed_minor, is_open, records) SELECT dispute_id, invoice_id, 2, 99999999, true,"
    " '[]' FROM invoicing_disputedline",
    "credit_note_changed": "UPDATE invoicing_creditnote SET number = 'CRN-2026-777777' WHERE id = {credit_note_id}",
    "credit_note_declined_after_posting": "UPDATE invoicing_creditnote SET state = 'DECLINED', number = NULL,"
    " issued_on = NULL WHERE id = {credit_note_id}",
    "credit_note_of_another_amount": "UPDATE invoicing_creditnote SET gross_minor = -1 WHERE id = {credit_note_id}",
    "credit_note_of_another_bill": "UPDATE invoicing_creditnote SET invoice_id = {invoice_id}",
    "credit_note_born_posted": "INSERT INTO invoicing_creditnote SELECT (jsonb_populate_record(c,"
    ' \'{{"id": 4711, "number": "X"}}\')).* FROM invoicing_creditnote c WHERE id = {credit_note_id}',
    "line_on_a_posted_credit_note": "INSERT INTO invoicing_creditnoteline SELECT (jsonb_populate_record(l,"
    ' \'{{"n": 9, "invoice_n": 2}}\')).* FROM invoicing_creditnoteline l',
    "bill_taken_back_that_is_not_credited": "UPDATE invoicing_invoice SET state = 'CANCELLED'"
    " WHERE id = {other_invoice_id}",
    "credit_note_without_a_letter": "INSERT INTO invoicing_creditnote (id, kind, state, account_id, invoice_id,"
    " reason_id, note, is_replaced, currency, currency_digits, language, frozen, net_minor, tax_minor, gross_minor,"
    " limit_minor, freed_periods, proposed_at) SELECT 4711, 'CORRECTION', 'PROPOSED', account_id, invoice_id,"
    " reason_id, '', false, currency, 0, 'hy', '{{}}', 0, 0, 0, 0, '{{}}', proposed_at FROM invoicing_creditnote"
    " WHERE id = {credit_note_id}",
    "successor_of_a_bill_that_is_owed": "INSERT INTO invoicing_invoicereplacement (old_invoice_id, new_invoice_id,"
    " credit_note_id) VALUES ({other_invoice_id}, {invoice_id}, {credit_note_id})",
    "run_posted_by_its_starter": "UPDATE invoicing_billrun SET posted_by_id = started_by_id WHERE id = {run_id}",
    "file_that_does_not_add_up": "UPDATE rating_usagefile SET rated_count = rated_count + 1 WHERE id = {file_id}",
    "record_again": "INSERT INTO rating_ratedusage SELECT * FROM rating_ratedusage",
    "record_again_in_its_partition": "INSERT INTO {partition} SELECT * FROM {partition}",
    "record_of_another_day_in_a_partition": "INSERT INTO {partition} SELECT"
    ' (jsonb_populate_record(r, \'{{"start_at": "2020-01-01T00:00:00Z"}}\')).* FROM {partition} r',
    "partition_detached": "ALTER TABLE rating_ratedusage DETACH PARTITION {partition}",
    "payment_again": "INSERT INTO payments_payment SELECT (jsonb_populate_record(p, '{{\"id\": 4711}}')).*"
    " FROM payments_payment p",
    "series_counted_back": "UPDATE documents_numberseries SET last_number = last_number - 1",
    "series_given_another_prefix": "UPDATE documents_numberseries SET prefix = 'X'",
    "act_under_the_seal": "INSERT INTO audit_auditentry (id, actor_name, action, subject_type, subject_id, changes)"
    " VALUES (0, 'x', 'x', 'x', 'x', '{{}}')",
    "history_written_by_hand": "INSERT INTO audit_rowhistory (table_name, row_id, operation, actor_name)"
    " VALUES ('identity_user', '1', 'UPDATE', 'somebody else')",
    "published_price_changed": "UPDATE tariffs_ratestep SET price = 0",
    "published_version_withdrawn": "UPDATE tariffs_planversion SET state = 'DRAFT'",
    "triggers_by_replica_role": "SET session_replication_role = replica; UPDATE ledger_posting SET amount_minor = 1",
    "other_role": "SET ROLE saldo_owner; UPDATE ledger_posting SET amount_minor = 1",
    "other_session": "SET SESSION AUTHORIZATION saldo_owner",
    "superuser": "ALTER ROLE saldo_app SUPERUSER",
    "owner_given_to_itself": "GRANT saldo_owner TO saldo_app",
    "table_taken": "ALTER TABLE ledger_posting OWNER TO saldo_app",
    "program": "COPY ledger_posting TO PROGRAM 'true'",
    "server_file": "COPY ledger_posting FROM '/dev/null'",
    "server_file_read": "SELECT pg_read_file('/etc/hostname')",
    "object_in_the_schema": "CREATE TABLE public.mine (id bigint)",
    "function_in_the_schema": "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "guard_replaced": "CREATE OR REPLACE FUNCTION saldo_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN RETURN NULL; END'",
    "guard_dropped": "DROP FUNCTION saldo_refuse_change() CASCADE",
    "rule": "CREATE RULE swallow AS ON INSERT TO ledger_posting DO INSTEAD NOTHING",
    "own_trigger": "CREATE TRIGGER mine BEFORE INSERT ON ledger_posting FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "child_table": "CREATE TEMP TABLE child () INHERITS (ledger_posting)",
    "foreign_key_that_cascades": "CREATE TEMP TABLE mine (id bigint REFERENCES ledger_entry ON DELETE CASCADE)",
    "index_dropped": "DROP INDEX ledger_entry_reversed_once",
    "schema_dropped": "DROP SCHEMA public CASCADE",
    "catalogue": "UPDATE pg_trigger SET tgenabled = 'D'",
    "database_setting": "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 0',"
    " current_database()); END $$",
    "extension": "DROP EXTENSION btree_gist CASCADE",
    "history_stopped": "SELECT audit_follow('identity_user')",
}
SHAPED = {
    f"{verb.split()[0].lower()}_{verb.split()[-1].lower()}_{table.strip('{}')}": f"{verb} {table} {rest}"
    for verb, rest in {
        "TRUNCATE": "CASCADE",
        "ALTER TABLE": "ADD COLUMN mine int",
        "ALTER TABLE ONLY": "DISABLE TRIGGER ALL",
        "DROP TABLE": "CASCADE",
    }.items()
    for table in APPEND_ONLY
}
DELETED = {f"delete_{table.strip('{}')}": f"DELETE FROM {table}" for table in NEVER_DELETED}
# Refused because we wrote it wrongly: syntax, unknown column, table or function, wrong type.
MISTAKES = {"42601", "42703", "42P01", "42883", "42804", "22P02", "42P10"}
ATTACKS = DEFINED | SHAPED | DELETED


@pytest.fixture(scope="module")
def book(fresh_database: TestDatabase) -> SmallBook:
    return make_small_book()


@pytest.fixture(scope="module")
def app_connection(book: SmallBook, fresh_database: TestDatabase) -> Iterator[Connection]:
    with closing(psycopg2.connect(fresh_database.environment["DATABASE_URL"])) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture(scope="module")
def superuser(book: SmallBook, fresh_database: TestDatabase) -> Iterator[Connection]:
    with closing(psycopg2.connect(fresh_database.environment["DATABASE_SUPERUSER_URL"])) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture(scope="module")
def before(book: SmallBook, superuser: Connection) -> dict[str, str]:
    return _digests(superuser)


def _only(cursor: Cursor) -> str:
    row = cursor.fetchone()
    assert row is not None
    return str(row[0])


def _digests(connection: Connection) -> dict[str, str]:
    """Hash every table of ours, and what guards them."""
    digests = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        for (table,) in sorted(cursor.fetchall()):
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
            )
            digests[table] = _only(cursor)
        cursor.execute(
            "SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM ("
            "  SELECT tgrelid::regclass, tgname, tgenabled::text, tgfoid::regprocedure FROM pg_trigger"
            "  WHERE NOT tgisinternal"
            "  UNION ALL SELECT oid::regclass, relname, relacl::text, relowner::regproc FROM pg_class"
            "  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')) AS t"
        )
        digests["guards and rights"] = _only(cursor)
    return digests


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_by_the_application_is_refused_and_changes_nothing(
    book: SmallBook, app_connection: Connection, superuser: Connection, before: dict[str, str], attack: str
):
    ids = {name: getattr(book, name) for name in SmallBook.__dataclass_fields__}

    with app_connection.cursor() as cursor, pytest.raises(psycopg2.Error) as refused:
        cursor.execute(ATTACKS[attack].format(**ids))

    assert refused.value.pgcode not in MISTAKES, refused.value
    assert _digests(superuser) == before


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_update_by_the_application_is_refused(
    book: SmallBook, app_connection: Connection, superuser: Connection, before: dict[str, str], table: str
):
    table = table.format(partition=book.partition)
    with superuser.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]

    for column in columns:
        with app_connection.cursor() as cursor, pytest.raises(psycopg2.Error):
            cursor.execute(f"UPDATE {table} SET {column} = {column}")

    assert _digests(superuser) == before


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_plain_change_by_a_superuser_is_refused_too(  # noqa: PLR0917 - fixtures and cases
    book: SmallBook, superuser: Connection, before: dict[str, str], role: str, table: str, verb: str
):
    table = table.format(partition=book.partition)
    with superuser.cursor() as cursor:
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", [table])
        column = _only(cursor)
        statement = {
            "UPDATE": f"UPDATE {table} SET {column} = {column}",
            "DELETE": f"DELETE FROM {table}",
            "TRUNCATE": f"TRUNCATE {table} CASCADE",
        }[verb]
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute(f"SET session_replication_role = {role}; {statement}")
        cursor.execute("RESET session_replication_role")

    assert _digests(superuser) == before


def test_rights_given_by_the_application_to_itself_are_none(
    app_connection: Connection, superuser: Connection, before: dict[str, str]
):
    with app_connection.cursor() as cursor:
        cursor.execute("GRANT ALL ON ledger_posting, invoicing_invoice, audit_auditentry TO saldo_app, PUBLIC")

    assert any("no privileges were granted" in notice for notice in app_connection.notices)
    assert _digests(superuser) == before


def test_reserved_rights_of_the_application_are_none(app_connection: Connection):
    with app_connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole AND relnamespace = 2200")
        assert cursor.fetchone() == (0,)
