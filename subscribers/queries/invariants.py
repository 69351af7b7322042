"""What must be true of subscriptions and numbers."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "subscribers.numbers_have_one_holder",
        gettext_noop("A number belongs to one subscription at any instant."),
        """
        SELECT 'number ' || a.number, 'assignments ' || b.id || ' and ' || a.id || ' overlap'
        FROM subscribers_numberassignment a
        JOIN subscribers_numberassignment b ON b.number = a.number AND b.id < a.id AND b.during && a.during
        UNION ALL
        SELECT 'number ' || number, 'assignment ' || id || ' is not a half-open period'
        FROM subscribers_numberassignment WHERE isempty(during) OR NOT lower_inc(during) OR upper_inc(during)
        """,
    ),
    sql_invariant(
        "subscribers.held_numbers_are_not_free",
        gettext_noop("A number that a subscription holds is not offered to another."),
        """
        SELECT 'number ' || p.number, 'is ' || p.state || ' and held by subscription ' || a.subscription_id
        FROM subscribers_phonenumber p
        JOIN subscribers_numberassignment a ON a.number = p.number AND upper_inf(a.during)
        WHERE p.state = 'FREE'
        """,
    ),
    sql_invariant(
        "subscribers.accounts_have_books",
        gettext_noop("Every account has a subscriber's account of the books, in its own currency."),
        """
        SELECT 'account ' || a.id, 'account ' || a.ledger_account_id || ' of the books is '
               || coalesce(l.kind || ' in ' || l.currency, 'missing')
        FROM subscribers_account a LEFT JOIN ledger_account l ON l.id = a.ledger_account_id
        WHERE l.kind IS DISTINCT FROM 'SUBSCRIBER' OR l.currency IS DISTINCT FROM a.currency
        """,
    ),
    sql_invariant(
        "subscribers.agreements_are_of_their_account",
        gettext_noop("An agreement for a line is one of the line's own account."),
        """
        SELECT 'agreement ' || p.number, 'is of account ' || p.account_id || ', its line of account ' || s.account_id
        FROM subscribers_promotionagreement p JOIN subscribers_subscription s ON s.id = p.subscription_id
        WHERE s.account_id <> p.account_id
        """,
    ),
    sql_invariant(
        "subscribers.lines_have_one_state",
        gettext_noop("The states of a line follow each other without a gap, and the last one is open."),
        """
        SELECT 'line ' || subscription_id, 'state ' || id || ' (' || state || ') '
               || CASE WHEN after IS NULL THEN 'is the last one and has ended' ELSE 'does not meet the next one' END
        FROM (
            SELECT *, lead(lower(during)) OVER (PARTITION BY subscription_id ORDER BY lower(during)) AS after
            FROM subscribers_subscriptionrestriction
        ) AS r
        WHERE upper(during) IS DISTINCT FROM after
        """,
    ),
    sql_invariant(
        "subscribers.exchange_is_told",
        gettext_noop("Each time that a line is barred or freed the exchange has an order."),
        """
        SELECT 'line ' || subscription_id, 'state ' || id || ' (' || state || ') gave no order'
        FROM (
            SELECT *, coalesce(lag(state) OVER (PARTITION BY subscription_id ORDER BY lower(during)), 'RESTORED') AS was
            FROM subscribers_subscriptionrestriction
        ) AS r
        WHERE state <> was AND NOT EXISTS (SELECT FROM subscribers_networkorder o WHERE o.restriction_id = r.id)
        """,
    ),
    sql_invariant(
        "subscribers.daily_counts_are_the_lines",
        gettext_noop("The daily counts of accounts and lines are what these say of themselves."),
        """
        SELECT 'day ' || day, kind || ' of centre ' || centre_id || ', ' || category || ': counted ' || sum(begun)
               || ' begun and ' || sum(ended) || ' ended more than there are'
        FROM (
            SELECT day, centre_id, category, kind, reason, begun_count AS begun, ended_count AS ended
            FROM subscribers_dailycount
            UNION ALL
            SELECT day, centre_id, category, kind, reason, -begun_count, -ended_count
            FROM subscribers_begun_and_ended
            UNION ALL
            SELECT day, centre_id, category, kind, reason, -begun_count, -ended_count
            FROM subscribers_suspended_and_resumed
        ) AS c
        GROUP BY day, centre_id, category, kind, reason HAVING sum(begun) <> 0 OR sum(ended) <> 0
        """,
    ),
    sql_invariant(
        "subscribers.month_counts_are_the_days",
        gettext_noop("The counts of a month are those of its days, and it begins with what was there."),
        """
        WITH days AS (
            SELECT date_trunc('month', day)::date AS month, centre_id, category, kind, sum(begun_count) AS begun,
                   sum(ended_count) AS ended
            FROM subscribers_dailycount WHERE is_folded GROUP BY 1, 2, 3, 4
        ), months AS (
            SELECT DISTINCT month, true AS is_kept FROM subscribers_monthcount
            UNION ALL
            SELECT DISTINCT month, false FROM days WHERE month NOT IN (SELECT month FROM subscribers_monthcount)
        ), groups AS (
            SELECT centre_id, category, kind FROM days
            UNION
            SELECT centre_id, category, kind FROM subscribers_monthcount
        ), counted AS (
            SELECT month, is_kept, centre_id, category, kind, coalesce(d.begun, 0) AS begun,
                   coalesce(d.ended, 0) AS ended, coalesce(sum(d.begun - d.ended) OVER (
                       PARTITION BY centre_id, category, kind ORDER BY month
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                   ), 0) AS opening
            FROM months CROSS JOIN groups LEFT JOIN days d USING (month, centre_id, category, kind)
        )
        SELECT 'month ' || c.month, c.kind || ' of centre ' || c.centre_id || ', ' || c.category || ': kept '
               || coalesce(m.opening_count, 0) || ' + ' || coalesce(m.begun_count, 0) || ' - '
               || coalesce(m.ended_count, 0) || ', counted ' || c.opening || ' + ' || c.begun || ' - ' || c.ended
        FROM counted c LEFT JOIN subscribers_monthcount m USING (month, centre_id, category, kind)
        WHERE c.is_kept AND (coalesce(m.opening_count, 0), coalesce(m.begun_count, 0), coalesce(m.ended_count, 0))
              <> (c.opening, c.begun, c.ended)
        """,
    ),
)
