"""Sheets of one-off charges, taken as a whole or not at all."""

from collections.abc import Mapping, Sequence
from datetime import date

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.db.transactions import durable, lock_rows
from billing_site.documents.files import store_file
from billing_site.documents.sheets import read_sheet
from billing_site.identity.models import User
from invoicing.domain.charge_sheets import ChargeSheet, SheetCharge, read_charge_sheet
from invoicing.models import OneOffCharge
from invoicing.operations.one_off_charges import NewCharge, new_charge
from subscribers.models import Account, NumberAssignment
from tariffs.domain.grids import CellFault, TableFaulty, fault_of
from tariffs.models import BillItem

NO_ACCOUNT = gettext_noop("There is no account %(number)s.")
ACCOUNT_CLOSED = gettext_noop("Account %(number)s is closed.")
NO_LINE = gettext_noop("The account has no line with the number %(number)s.")
NO_ITEM = gettext_noop("There is no bill item with the code %(code)s.")
# Which column a refusal about a row as a whole is written beside.
COLUMN_OF = {"CHARGE_DAY_UNSOUND": "day", "CHARGE_OF_NOTHING": "amount", "CHARGE_NOTE_MISSING": "note"}


class ChargeSheetKnown(BillingError):
    """The same sheet again would charge everything twice."""

    default_message = gettext_noop("This very sheet was taken before: its charges would come twice.")
    default_code = "CHARGE_SHEET_KNOWN"


@durable
def load_charges(*, content: bytes, today: date, actor: User) -> list[OneOffCharge]:
    """
    Take every charge of a sheet (CSV or workbook), or none.

    Those above ``SALDO_CHARGE_LIMIT`` wait for a second person.

    :raises SheetRefused: if it is no table
    :raises TableFaulty: with every cell that is wrong, at its address
    :raises ChargeSheetKnown: if the same sheet was taken before
    """
    table = read_sheet(content)
    sheet = read_charge_sheet(
        [(row.number, row.texts, row.numbers) for row in table.rows],
        kinds=[str(kind) for kind in OneOffCharge.Kind.values],
    )
    # Two people with one sheet wait for each other here: the file's row is unique.
    stored = store_file(content)
    if OneOffCharge.objects.filter(sheet=stored).exists():
        raise ChargeSheetKnown
    rows = _rows_of(sheet, today=today, actor=actor)
    for row in rows:
        row.sheet = stored
    OneOffCharge.objects.bulk_create(rows, batch_size=2000)
    waiting = sum(row.state == OneOffCharge.State.PROPOSED for row in rows)
    changes = {"count": len(rows), "waiting": waiting, "sha256": stored.sha256}
    record("invoicing.load_charges", actor=actor, subject=rows[0], changes=changes)
    return rows


def _rows_of(sheet: ChargeSheet, *, today: date, actor: User) -> list[OneOffCharge]:
    charges = sheet.charges
    ids = Account.objects.filter(number__in={charge.account for charge in charges}).values_list("pk", flat=True)
    accounts = {account.number: account for account in lock_rows(Account.objects.all(), ids)}
    items = dict(BillItem.objects.filter(code__in={charge.item for charge in charges}).values_list("code", "pk"))
    lines = _lines_of([charge.line for charge in charges if charge.line])
    rows, faults = [], []
    for charge in charges:
        found = _faults_of(charge, sheet.columns, accounts, items, lines)
        if not found:
            account = accounts[charge.account]
            new = NewCharge(
                account_id=account.pk,
                subscription_id=lines.get((account.pk, charge.line)),
                bill_item_id=items[charge.item],
                kind=charge.kind,
                price=charge.amount,
                quantity=charge.quantity,
                charged_on=charge.day,
                note=charge.note,
            )
            try:
                rows.append(new_charge(new, account=account, today=today, actor=actor))
            except BillingError as error:
                place = sheet.columns[COLUMN_OF.get(error.code or "", "amount")]
                found.append(fault_of(error, row=charge.row, column=place))
        faults += found
    if faults:
        raise TableFaulty(faults)
    return rows


def _faults_of(
    charge: SheetCharge,
    columns: Mapping[str, int],
    accounts: Mapping[str, Account],
    items: Mapping[str, int],
    lines: Mapping[tuple[int, str], int],
) -> list[CellFault]:
    """Return what a row names that does not exist."""
    account = accounts.get(charge.account)
    found = []
    if account is None:
        found.append(("account", Message(msgid=NO_ACCOUNT, params={"number": charge.account})))
    elif account.is_closed:
        found.append(("account", Message(msgid=ACCOUNT_CLOSED, params={"number": charge.account})))
    elif charge.line and (account.pk, charge.line) not in lines:
        found.append(("line", Message(msgid=NO_LINE, params={"number": charge.line})))
    if charge.item not in items:
        found.append(("item", Message(msgid=NO_ITEM, params={"code": charge.item})))
    return [CellFault(row=charge.row, column=columns[name], message=message) for name, message in found]


def _lines_of(numbers: Sequence[str]) -> dict[tuple[int, str], int]:
    """Return lines by account and number; of several holders in one account the latest."""
    held = NumberAssignment.objects.filter(number__in=set(numbers)).order_by("during")
    return {
        (account, number): line
        for account, number, line in held.values_list("subscription__account_id", "number", "subscription_id")
    }
