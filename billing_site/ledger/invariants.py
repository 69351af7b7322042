"""What must be true of the books."""

from collections.abc import Iterator

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant
from billing_site.ledger.sealing import broken_seals


def _broken_seals() -> Iterator[tuple[str, str]]:
    for seal in broken_seals():
        entries = f"entries {seal.first_entry_id}-{seal.last_entry_id}"
        acts = f"acts {seal.first_audit_id}-{seal.last_audit_id}"
        yield f"seal {seal.sealed_on}", f"{entries} or {acts} are not what was sealed"


INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "ledger.entries_balance",
        gettext_noop("Every entry sums to zero in each currency, and each of its amounts is positive."),
        """
        SELECT 'entry ' || entry_id, currency || ' sums to ' || sum(amount_minor) FROM ledger_line
        GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0
        UNION ALL
        SELECT 'posting ' || entry_id || '/' || n,
               'amount ' || amount_minor || ' from account ' || credit_id || ' to ' || debit_id
        FROM ledger_posting WHERE amount_minor <= 0 OR debit_id = credit_id
        """,
    ),
    sql_invariant(
        "ledger.entries_have_postings",
        gettext_noop("Every entry has postings, and every posting has its entry."),
        """
        SELECT 'entry ' || e.id, 'no posting' FROM ledger_entry e
        WHERE NOT EXISTS (SELECT FROM ledger_posting p WHERE p.entry_id = e.id)
        UNION ALL
        SELECT 'posting ' || p.entry_id || '/' || p.n, 'no entry' FROM ledger_posting p
        WHERE NOT EXISTS (SELECT FROM ledger_entry e WHERE e.id = p.entry_id)
        UNION ALL
        SELECT 'entry ' || entry_id, count(*) || ' postings, numbered to ' || max(n) FROM ledger_posting
        GROUP BY entry_id HAVING count(*) <> max(n) OR min(n) <> 1
        """,
    ),
    sql_invariant(
        "ledger.postings_name_accounts",
        gettext_noop("Every posting names accounts that exist and have its currency."),
        """
        SELECT 'posting ' || p.entry_id || '/' || p.n,
               'account ' || s.account_id
               || coalesce(' is kept in ' || a.currency || ', not in ' || p.currency, ' does not exist')
        FROM ledger_posting p CROSS JOIN LATERAL (VALUES (p.debit_id), (p.credit_id)) AS s (account_id)
        LEFT JOIN ledger_account a ON a.id = s.account_id
        WHERE a.currency IS DISTINCT FROM p.currency
        """,
    ),
    sql_invariant(
        "ledger.balances_equal_ledger",
        gettext_noop(
            "The balance kept for a subscriber's account is the sum of its postings; no other account has one."
        ),
        """
        SELECT 'account ' || coalesce(b.account_id, l.account_id),
               'kept ' || coalesce(b.amount_minor::text, 'nothing')
               || ', postings sum to ' || coalesce(l.amount_minor::text, 'nothing')
        FROM ledger_balance b
        FULL JOIN (
            SELECT l.account_id, sum(l.amount_minor) AS amount_minor FROM ledger_line l
            JOIN ledger_account a ON a.id = l.account_id AND a.kind = 'SUBSCRIBER' GROUP BY l.account_id
        ) AS l USING (account_id)
        WHERE coalesce(b.amount_minor, 0) <> coalesce(l.amount_minor, 0)
        """,
    ),
    sql_invariant(
        "ledger.reversals_mirror",
        gettext_noop("A reversal mirrors its entry exactly, and an entry is reversed at most once."),
        """
        SELECT 'entry ' || r.id, 'reverses entry ' || r.reverses_id || ', which does not exist' FROM ledger_entry r
        WHERE r.reverses_id IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_entry e WHERE e.id = r.reverses_id)
        UNION ALL
        SELECT 'entry ' || reverses_id, 'reversed ' || count(*) || ' times' FROM ledger_entry
        WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1
        UNION ALL
        SELECT DISTINCT 'entry ' || r.id, 'does not mirror entry ' || r.reverses_id
        FROM ledger_entry r CROSS JOIN LATERAL (
            SELECT FROM (
                SELECT n, debit_id, credit_id, currency, amount_minor FROM ledger_posting WHERE entry_id = r.id
            ) AS mirror
            FULL JOIN (
                SELECT n, credit_id AS debit_id, debit_id AS credit_id, currency, amount_minor
                FROM ledger_posting WHERE entry_id = r.reverses_id
            ) AS original USING (n, debit_id, credit_id, currency, amount_minor)
            WHERE mirror IS NULL OR original IS NULL
        ) AS different
        WHERE r.reverses_id IS NOT NULL
        """,
    ),
    sql_invariant(
        "ledger.periods_match_the_lock",
        gettext_noop(
            "The books are closed through every closed period and not through an open one; opened again by two people."
        ),
        """
        SELECT 'period ' || p.code, 'is ' || p.state || ', the books are closed through ' || l.closed_through
        FROM ledger_accountingperiod p CROSS JOIN ledger_periodlock l
        WHERE (p.state = 'CLOSED') <> (p.until_on <= l.closed_through + 1)
        UNION ALL
        SELECT 'period ' || p.code, 'opened again by person ' || r.approved_by_id || ' alone'
        FROM ledger_periodreopening r JOIN ledger_accountingperiod p ON p.id = r.period_id
        WHERE r.state = 'APPROVED' AND r.approved_by_id IS NOT DISTINCT FROM r.asked_by_id
        """,
    ),
    Invariant(
        name="ledger.seals_hold",
        sentence=gettext_noop("Entries, postings and acts are what they were when they were sealed."),
        find=_broken_seals,
    ),
)
