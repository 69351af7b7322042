"""Sheets of the bills that another system made: an account and what it came to."""

from collections.abc import Sequence

from billing_site.core.digits import clean_number_input
from billing_site.core.messages import gettext_noop
from billing_site.core.money import decimal_to_minor
from invoicing.domain.named_sheets import NamedRow, cell_fault, needed, read_named_rows
from tariffs.domain.grids import TableFaulty, read_decimal

COLUMNS = ("account", "amount")
COLUMN_UNKNOWN = gettext_noop("“%(column)s” is no column of old bills: they have account and amount.")
NO_ROWS = gettext_noop("The sheet has no bill.")
TWICE = gettext_noop("Account %(account)s stands in the sheet twice.")
ACCOUNT_LENGTH = 20


def read_old_bills(rows: Sequence[NamedRow], *, digits: int) -> dict[str, int]:
    """
    Return what each account came to, tax included, in minor units of a currency of so many decimals.

    :param rows: as `read_named_rows` takes them; the first names the columns
    :raises TableFaulty: with every cell that cannot be read, at its address
    """

    def read_amount(text: str) -> int:
        is_credit = text[0] in "-−"
        amount = decimal_to_minor(read_decimal(text[1:].strip() if is_credit else text), digits=digits)
        return -amount if is_credit else amount

    readers = {
        "account": needed("account", lambda text: clean_number_input(text)[:ACCOUNT_LENGTH]),
        "amount": needed("amount", read_amount),
    }
    found, columns = read_named_rows(rows, readers=readers, required=COLUMNS, unknown=COLUMN_UNKNOWN, empty=NO_ROWS)
    bills: dict[str, int] = {}
    faults = []
    for row, values in found:
        if values["account"] in bills:
            faults.append(cell_fault(row, columns["account"], TWICE, account=values["account"]))
        bills[values["account"]] = values["amount"]
    if faults:
        raise TableFaulty(faults)
    return bills
