from datetime import date

from invoicing.queries.billed_days import find_billed_until
from subscribers.queries.plan_holders import count_plan_holders
from tests.factories.invoicing import bill_cycle
from tests.factories.subscribers import make_cycle, make_line
from tests.factories.tariffs import make_plan


def test_plan_is_billed_up_to_the_end_of_its_last_posted_bill(db):
    """Reliability 3b row 4: what the refusal of billed days goes by."""
    line = make_line()
    plan_id = line.plans.get().plan_id
    other = make_plan()
    assert find_billed_until(plan_id) is None

    run = bill_cycle(make_cycle())

    assert find_billed_until(plan_id) == run.period_until
    assert find_billed_until(other.pk) is None
    assert count_plan_holders([plan_id, other.pk], date(2026, 3, 5)) == {plan_id: 1}
