"""What must be true of price lists."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "tariffs.one_version_a_day",
        gettext_noop("On any day a plan has one published version."),
        """
        SELECT 'plan version ' || a.id, 'holds on days of plan version ' || b.id
        FROM tariffs_planversion a
        JOIN tariffs_planversion b ON b.plan_id = a.plan_id AND b.id < a.id AND b.during && a.during
        WHERE a.state = 'PUBLISHED' AND b.state = 'PUBLISHED'
        """,
    ),
    sql_invariant(
        "tariffs.one_bill_item_a_day",
        gettext_noop("On any day the usage of a category goes into one bill item."),
        """
        SELECT 'usage category ' || c.code, 'goes into bill items ' || b.bill_item_id || ' and ' || a.bill_item_id
        FROM tariffs_usagecategoryitem a
        JOIN tariffs_usagecategoryitem b ON b.category_id = a.category_id AND b.id < a.id AND b.during && a.during
        JOIN tariffs_usagecategory c ON c.id = a.category_id
        """,
    ),
    sql_invariant(
        "tariffs.rules_have_two_people",
        gettext_noop("Who makes a promotion or a contract term does not approve it."),
        """
        SELECT 'promotion ' || code, 'made and approved by person ' || approved_by_id
        FROM tariffs_promotion WHERE approved_by_id = created_by_id
        UNION ALL
        SELECT 'contract term ' || code, 'made and approved by person ' || approved_by_id
        FROM tariffs_contractterm WHERE approved_by_id = created_by_id
        """,
    ),
)
