"""The bills of a run beside those that the old system made of the same period."""

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.documents.sheets import read_sheet
from billing_site.identity.models import User
from invoicing.domain.old_bills import read_old_bills
from invoicing.models import BillRun, Invoice, OldBill

State = BillRun.State
WITH_BILLS = frozenset({State.CALCULATED, State.POSTING, State.POSTED, State.DELIVERING, State.DELIVERED})


class NothingToCompare(BillingError):
    """The run has no bills."""

    default_message = gettext_noop("The run has no bills to compare: it is not calculated, or was cancelled.")
    default_code = "NOTHING_TO_COMPARE"


@durable
def load_old_bills(*, run_id: int, content: bytes, actor: User) -> int:
    """
    Put the bills of another system (a sheet with account and amount) beside those of a run; return how many differ.

    A sheet loaded again takes the place of the one before; of one with a fault nothing is taken.

    :raises NothingToCompare: if the run has no bills
    :raises SheetRefused: if it is no table
    :raises TableFaulty: with every cell that is wrong, at its address
    """
    run = BillRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run_id)
    if run.state not in WITH_BILLS:
        raise NothingToCompare
    table = read_sheet(content)
    old = read_old_bills([(row.number, row.texts, row.numbers) for row in table.rows], digits=run.currency_digits)
    bills = Invoice.objects.filter(run_id=run_id).exclude(state=Invoice.State.CANCELLED)
    new = dict(bills.values_list("frozen__account", "gross_minor"))
    OldBill.objects.filter(run=run).delete()
    rows = [
        OldBill(run=run, account_number=number, old_minor=old.get(number), new_minor=new.get(number))
        for number in sorted({*old, *new})
    ]
    OldBill.objects.bulk_create(rows, batch_size=5000)
    different = sum(row.old_minor != row.new_minor for row in rows)
    changes = {"bills": len(rows), "different": different, "old_minor": str(sum(old.values()))}
    record("invoicing.load_old_bills", actor=actor, subject=run, changes=changes)
    return different
