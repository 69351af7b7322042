import invoicing.tasks  # noqa: F401 - registers the handlers
from billing_site.jobs.work import registered_kinds
from invoicing.operations.bill_run_delivery import RENDER, WRITE
from invoicing.operations.bill_run_planning import CALCULATE
from invoicing.operations.bill_run_posting import POST
from invoicing.operations.print_batches import JOIN, PART


def test_every_kind_of_work_that_a_run_hands_out_is_done_by_somebody():
    assert {CALCULATE, POST, WRITE, RENDER, PART, JOIN, "invoicing.deliver_bill_run"} <= set(registered_kinds())
