"""What must be true of usage files, rated records and their totals."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant
from rating.queries.limit_invariants import LIMIT_INVARIANTS
from rating.queries.premium_invariants import PREMIUM_INVARIANTS
from rating.queries.retention_invariants import RETENTION_INVARIANTS
from rating.queries.traffic_invariants import TRAFFIC_INVARIANTS

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "rating.lines_have_one_outcome",
        gettext_noop("No line of a file has two outcomes."),
        """
        SELECT 'line ' || file_id || '/' || line_number, 'ended ' || count(*) || ' times'
        FROM (
            SELECT file_id, line_number FROM rating_ratedusage WHERE revision = 0
            UNION ALL SELECT file_id, line_number FROM rating_setasideline WHERE outcome <> 'TAKEN_UP'
        ) AS ended
        GROUP BY file_id, line_number HAVING count(*) > 1
        """,
    ),
    sql_invariant(
        "rating.files_add_up",
        gettext_noop("What a rated file says of its lines, seconds and money is what its lines are."),
        """
        WITH rated AS (
            SELECT file_id, sum(rows) AS rows, sum(seconds) AS seconds, sum(bytes) AS bytes, sum(amount) AS amount
            FROM (
                SELECT file_id, count(*) AS rows, sum(duration_seconds) AS seconds, sum(volume_bytes) AS bytes,
                    sum(amount_micro) AS amount
                FROM rating_ratedusage WHERE revision = 0 GROUP BY file_id
                UNION ALL
                SELECT file_id, record_count, duration_seconds, volume_bytes, amount_micro FROM rating_detachedfile
            ) AS parts GROUP BY file_id
        ), aside AS (
            SELECT file_id,
                count(*) FILTER (WHERE outcome = 'DUPLICATE') AS duplicate,
                count(*) FILTER (WHERE outcome = 'JOINED') AS joined,
                count(*) FILTER (WHERE outcome = 'QUARANTINED') AS quarantined,
                count(*) FILTER (WHERE outcome = 'REJECTED') AS rejected,
                count(*) FILTER (WHERE outcome = 'WRITTEN_OFF') AS written_off,
                coalesce(sum(duration_seconds) FILTER (WHERE outcome = 'QUARANTINED'), 0) AS quarantined_seconds,
                coalesce(sum(duration_seconds) FILTER (WHERE outcome = 'WRITTEN_OFF'), 0) AS written_off_seconds
            FROM rating_setasideline GROUP BY file_id
        ), compared AS (
            SELECT f.id, v.what, v.said, v.found FROM rating_usagefile f
            LEFT JOIN rated r ON r.file_id = f.id LEFT JOIN aside a ON a.file_id = f.id
            CROSS JOIN LATERAL (VALUES
                ('lines', f.line_count,
                    coalesce(r.rows, 0)
                    + coalesce(a.duplicate + a.joined + a.quarantined + a.rejected + a.written_off, 0)),
                ('rated lines', f.rated_count, coalesce(r.rows, 0)),
                ('rated seconds', f.rated_seconds, coalesce(r.seconds, 0)),
                ('rated bytes', f.rated_bytes, coalesce(r.bytes, 0)),
                ('millionths', f.amount_micro, coalesce(r.amount, 0)),
                ('duplicate lines', f.duplicate_count, coalesce(a.duplicate, 0)),
                ('joined lines', f.joined_count, coalesce(a.joined, 0)),
                ('quarantined lines', f.quarantined_count, coalesce(a.quarantined, 0)),
                ('quarantined seconds', f.quarantined_seconds, coalesce(a.quarantined_seconds, 0)),
                ('rejected lines', f.rejected_count, coalesce(a.rejected, 0)),
                ('lines written off', f.written_off_count, coalesce(a.written_off, 0)),
                ('seconds written off', f.written_off_seconds, coalesce(a.written_off_seconds, 0))
            ) AS v (what, said, found)
            WHERE f.state IN ('RATED', 'CLOSED')
        )
        SELECT 'file ' || id, 'says ' || said || ' ' || what || ', has ' || found FROM compared WHERE said <> found
        """,
    ),
    sql_invariant(
        "rating.lines_taken_up_are_records",
        gettext_noop("A line that was taken up from quarantine is a rated record, once."),
        """
        SELECT 'line ' || q.file_id || '/' || q.line_number,
               'was taken up, and is rated ' || count(u.file_id) || ' times'
        FROM rating_setasideline q
        LEFT JOIN rating_ratedusage u ON u.file_id = q.file_id AND u.line_number = q.line_number AND u.revision = 0
        WHERE q.outcome = 'TAKEN_UP'
        GROUP BY q.file_id, q.line_number
        -- The record may be among those of the file that were detached.
        HAVING count(u.file_id) > 1 OR (count(u.file_id) = 0
            AND NOT EXISTS (SELECT FROM rating_detachedfile d WHERE d.file_id = q.file_id))
        """,
    ),
    sql_invariant(
        "rating.lines_leave_quarantine_by_two_people",
        gettext_noop("A line is written off or released only by a proposal that a second person approved."),
        """
        SELECT 'line ' || q.file_id || '/' || q.line_number,
               'names proposal ' || coalesce(q.proposal_id::text, 'none') || CASE WHEN p.id IS NULL
                   THEN ', which does not exist' ELSE ', which is ' || p.kind || ' ' || p.state END
        FROM rating_setasideline q LEFT JOIN rating_lineproposal p ON p.id = q.proposal_id
        WHERE (q.outcome = 'WRITTEN_OFF' OR q.released_reasons <> '' OR q.proposal_id IS NOT NULL)
          AND (p.id IS NULL OR (p.state = 'APPROVED' AND p.decided_by_id = p.proposed_by_id)
            OR (q.outcome = 'WRITTEN_OFF' AND (p.kind <> 'WRITE_OFF' OR p.state <> 'APPROVED')))
        """,
    ),
    sql_invariant(
        "rating.records_have_files",
        gettext_noop("Every rated record and every line set aside belongs to a file that is there."),
        """
        SELECT 'line ' || r.file_id || '/' || r.line_number, 'its file does not exist'
        FROM (
            SELECT file_id, min(line_number) AS line_number FROM rating_ratedusage GROUP BY file_id
            UNION ALL SELECT file_id, min(line_number) FROM rating_setasideline GROUP BY file_id
        ) AS r
        WHERE NOT EXISTS (SELECT FROM rating_usagefile f WHERE f.id = r.file_id)
        """,
    ),
    sql_invariant(
        "rating.records_name_what_exists",
        gettext_noop(
            "Every rated record names a subscription of its account, a zone, a bill item, a plan version and a rate."
        ),
        """
        SELECT 'record ' || u.file_id || '/' || u.line_number, m.missing
        FROM rating_ratedusage u
        LEFT JOIN subscribers_subscription s ON s.id = u.subscription_id
        LEFT JOIN tariffs_zone z ON z.id = u.zone_id
        LEFT JOIN tariffs_billitem b ON b.id = u.bill_item_id
        LEFT JOIN tariffs_planversion v ON v.id = u.plan_version_id
        LEFT JOIN tariffs_rate t ON t.id = u.rate_id
        LEFT JOIN tariffs_allowance w ON w.id = u.allowance_id
        CROSS JOIN LATERAL (VALUES
            (s.account_id IS DISTINCT FROM u.account_id,
                'subscription ' || u.subscription_id || ' is not one of account ' || u.account_id),
            (z.id IS NULL, 'zone ' || u.zone_id || ' does not exist'),
            (b.id IS NULL, 'bill item ' || u.bill_item_id || ' does not exist'),
            (v.id IS NULL, 'plan version ' || u.plan_version_id || ' does not exist'),
            (u.rate_id IS NOT NULL AND t.plan_version_id IS DISTINCT FROM u.plan_version_id,
                'rate ' || u.rate_id || ' is not one of plan version ' || u.plan_version_id),
            (u.allowance_id IS NOT NULL AND w.id IS NULL, 'allowance ' || u.allowance_id || ' does not exist')
        ) AS m (is_missing, missing)
        WHERE m.is_missing
        """,
    ),
    sql_invariant(
        "rating.records_are_the_holders",
        gettext_noop("A call is charged to the subscription that held a number at its start."),
        """
        SELECT 'record ' || u.file_id || '/' || u.line_number,
               'subscription ' || u.subscription_id || ' held no number at '
               || to_char(u.start_at, 'YYYY-MM-DD HH24:MI:SS')
        FROM rating_ratedusage u
        WHERE NOT EXISTS (
            SELECT FROM subscribers_numberassignment a
            WHERE a.subscription_id = u.subscription_id AND a.during @> u.start_at
        )
        """,
    ),
    sql_invariant(
        "rating.revisions_undo",
        gettext_noop(
            "A rated record is never edited: a later revision takes the one before it back and is followed by another."
        ),
        """
        WITH revised AS (
            SELECT *, lag(revision) OVER record AS before, lead(revision) OVER record AS after,
                (lag((amount_micro, duration_seconds, volume_bytes, charged_units, allowance_units, bill_item_id))
                    OVER record)
                IS DISTINCT FROM
                (-amount_micro, -duration_seconds, -volume_bytes, -charged_units, -allowance_units, bill_item_id)
                AS is_no_mirror
            FROM rating_ratedusage u
            WHERE EXISTS (
                SELECT FROM rating_ratedusage other
                WHERE other.subscription_id = u.subscription_id AND other.start_at = u.start_at
                  AND other.duplicate_key = u.duplicate_key AND other.revision > 0
            )
            WINDOW record AS (PARTITION BY subscription_id, start_at, duplicate_key ORDER BY revision)
        )
        SELECT 'record ' || file_id || '/' || line_number, 'revision ' || revision || v.what
        FROM revised
        CROSS JOIN LATERAL (VALUES
            (revision > 0 AND before IS DISTINCT FROM revision - 1, ' has none before it'),
            (revision & 1 = 1 AND before = revision - 1 AND is_no_mirror, ' does not take back the one before it'),
            (revision & 1 = 1 AND after IS DISTINCT FROM revision + 1, ' takes one back that none follows')
        ) AS v (is_wrong, what)
        WHERE v.is_wrong
        """,
    ),
    sql_invariant(
        "rating.corrections_are_of_the_past",
        gettext_noop("Only a later revision corrects a bill period, and one that was before its own."),
        """
        SELECT 'record ' || file_id || '/' || line_number, 'revision ' || revision || ' of ' || bill_period
               || ' corrects ' || corrects
        FROM rating_ratedusage WHERE corrects IS NOT NULL AND (revision = 0 OR corrects >= bill_period)
        """,
    ),
    sql_invariant(
        "rating.totals_equal_records",
        gettext_noop("The totals of a bill period are the sums of its rated records, detached ones included."),
        """
        WITH parts AS (
            SELECT subscription_id, bill_period, bill_item_id, coalesce(corrects, '-infinity') AS corrects,
                min(account_id) AS account_id,
                sum(CASE WHEN revision & 1 = 1 THEN -1 ELSE 1 END) AS record_count,
                sum(duration_seconds) AS duration_seconds, sum(volume_bytes) AS volume_bytes,
                sum(charged_units) AS charged_units,
                sum(allowance_units) AS allowance_units, sum(amount_micro) AS amount_micro
            FROM rating_ratedusage
            GROUP BY subscription_id, bill_period, bill_item_id, coalesce(corrects, '-infinity')
            UNION ALL
            SELECT subscription_id, bill_period, bill_item_id, '-infinity', account_id, record_count, duration_seconds,
                volume_bytes, charged_units, allowance_units, amount_micro
            FROM rating_detachedtotal
            UNION ALL
            -- What is detached is summed with its corrections, and those once more apart.
            SELECT subscription_id, bill_period, bill_item_id, v.corrects, account_id, v.sign * record_count,
                v.sign * duration_seconds, v.sign * volume_bytes, v.sign * charged_units, v.sign * allowance_units,
                v.sign * amount_micro
            FROM rating_detachedcorrection d
            CROSS JOIN LATERAL (VALUES (d.corrects, 1), ('-infinity'::date, -1)) AS v (corrects, sign)
        ), records AS (
            SELECT subscription_id, bill_period, bill_item_id, corrects, min(account_id) AS account_id,
                sum(record_count) AS record_count, sum(duration_seconds) AS duration_seconds,
                sum(volume_bytes) AS volume_bytes, sum(charged_units) AS charged_units,
                sum(allowance_units) AS allowance_units, sum(amount_micro) AS amount_micro
            FROM parts GROUP BY subscription_id, bill_period, bill_item_id, corrects
        ), totals AS (
            SELECT subscription_id, bill_period, bill_item_id, '-infinity'::date AS corrects, account_id, record_count,
                duration_seconds, volume_bytes, charged_units, allowance_units, amount_micro
            FROM rating_usagetotal
            UNION ALL
            SELECT subscription_id, bill_period, bill_item_id, corrects, account_id, record_count,
                duration_seconds, volume_bytes, charged_units, allowance_units, amount_micro
            FROM rating_correctiontotal
        )
        SELECT 'total ' || k.subscription_id || ' ' || k.bill_period || ' ' || k.bill_item_id
               || CASE WHEN k.corrects = '-infinity' THEN '' ELSE ' of ' || k.corrects END,
               v.what || ': kept ' || v.kept || ', records sum to ' || v.summed
        FROM totals t FULL JOIN records r USING (subscription_id, bill_period, bill_item_id, corrects)
        CROSS JOIN LATERAL (SELECT subscription_id, bill_period, bill_item_id, corrects) AS k
        CROSS JOIN LATERAL (VALUES
            ('records', coalesce(t.record_count, 0), coalesce(r.record_count, 0)),
            ('seconds', coalesce(t.duration_seconds, 0), coalesce(r.duration_seconds, 0)),
            ('bytes', coalesce(t.volume_bytes, 0), coalesce(r.volume_bytes, 0)),
            ('charged units', coalesce(t.charged_units, 0), coalesce(r.charged_units, 0)),
            ('allowance units', coalesce(t.allowance_units, 0), coalesce(r.allowance_units, 0)),
            ('millionths', coalesce(t.amount_micro, 0), coalesce(r.amount_micro, 0)),
            ('account', coalesce(t.account_id, 0), coalesce(r.account_id, 0))
        ) AS v (what, kept, summed)
        WHERE v.kept <> v.summed
        """,
    ),
    sql_invariant(
        "rating.reratings_have_two_people",
        gettext_noop("Who proposes a re-rating is not who approves it, and nothing is written without approval."),
        """
        SELECT 'rerating ' || id, CASE WHEN approved_by_id IS NULL THEN state || ' without approval'
               ELSE 'proposed and approved by person ' || approved_by_id END
        FROM rating_rerating
        WHERE approved_by_id = proposed_by_id OR (state IN ('APPROVED', 'RUNNING', 'DONE') AND approved_by_id IS NULL)
        """,
    ),
    sql_invariant(
        "rating.allowances_not_overdrawn",
        gettext_noop("No more is drawn from an allowance than it holds."),
        """
        SELECT 'allowance ' || b.allowance_id || ' of ' || b.holder_kind || b.holder_id || ' ' || b.period_start,
               'used ' || b.used_units || ' of '
               || coalesce((a.quantity + b.carried_units - b.moved_units)::text, 'none: it does not exist')
        FROM rating_allowancebucket b LEFT JOIN tariffs_allowance a ON a.id = b.allowance_id
        WHERE b.holder_kind <> 'C'
          AND (a.id IS NULL OR b.used_units > a.quantity + b.carried_units - b.moved_units OR b.used_units < 0)
        """,
    ),
    sql_invariant(
        "rating.allowances_carried_once",
        gettext_noop("What an allowance carries over leaves the period before."),
        """
        SELECT 'allowance ' || b.allowance_id || ' of ' || b.holder_kind || b.holder_id || ' ' || b.period_start,
               'carried in ' || b.carried_units || ', moved out before ' || coalesce(e.moved_units, 0)
        FROM rating_allowancebucket b
        LEFT JOIN LATERAL (
            SELECT moved_units FROM rating_allowancebucket e
            WHERE e.holder_kind = b.holder_kind AND e.holder_id = b.holder_id AND e.allowance_id = b.allowance_id
              AND e.period_start < b.period_start
            ORDER BY e.period_start DESC LIMIT 1
        ) AS e ON true
        WHERE b.holder_kind <> 'C' AND b.carried_units > 0 AND b.carried_units <> coalesce(e.moved_units, 0)
        """,
    ),
    *LIMIT_INVARIANTS,
    *PREMIUM_INVARIANTS,
    *TRAFFIC_INVARIANTS,
    *RETENTION_INVARIANTS,
)
