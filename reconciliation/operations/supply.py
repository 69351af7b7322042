"""What the supply division gives to the centres: its items, their prices, and the sheets of movements."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import AmountNotExact, currency_digits, decimal_to_minor
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.documents.files import store_file
from billing_site.documents.sheets import read_sheet
from billing_site.identity.models import ServiceCentre, User
from reconciliation.domain.supply_sheets import SheetMove, SupplyTable, read_supply_sheet
from reconciliation.models import SupplyItem, SupplyMove, SupplyPrice, SupplySheet
from tariffs.domain.grids import CellFault, TableFaulty

NO_CENTRE = gettext_noop("There is no service centre %(code)s.")
NO_ITEM = gettext_noop("There is no item %(code)s.")
IS_TO_COME = gettext_noop("%(day)s has not come yet.")
NEEDS_NUMBERS = gettext_noop("Every piece of %(code)s has a number: say which.")
HAS_NO_NUMBERS = gettext_noop("%(code)s has no numbers.")
IS_NO_PIECE = gettext_noop("%(code)s is a service: it can only be sold.")
NOT_EXACT = gettext_noop("The price is finer than the currency.")
COUNTED_BEFORE = gettext_noop("%(code)s was counted in this centre on this day in another sheet.")


class SupplyItemKnown(BillingError):
    """The code is taken."""

    default_message = gettext_noop("There is an item %(code)s already. Nothing was changed.")
    default_code = "SUPPLY_ITEM_KNOWN"


class SupplyPriceKnown(BillingError):
    """The day has a price."""

    default_message = gettext_noop("%(code)s has a price from %(day)s on already. Nothing was changed.")
    default_code = "SUPPLY_PRICE_KNOWN"


class SupplySheetKnown(BillingError):
    """The same sheet again would count everything twice."""

    default_message = gettext_noop("This very sheet was taken before: its movements would count twice.")
    default_code = "SUPPLY_SHEET_KNOWN"


@durable
def add_supply_item(
    *,
    code: str,
    names: Mapping[str, str],
    kind: str,
    has_numbers: bool,
    price_minor: int,
    valid_from: date,
    actor: User,
) -> SupplyItem:
    """
    Add something that centres sell, with its first price.

    :param kind: one of ``SupplyItem.Kind``; a service has no numbers
    :raises SupplyItemKnown: if the code is taken
    """
    is_numbered = has_numbers and kind != SupplyItem.Kind.SERVICE
    item = SupplyItem(code=code, names=dict(names), kind=SupplyItem.Kind(kind), has_numbers=is_numbered)
    with constraint_errors({"reconciliation_supplyitem_code_key": lambda: SupplyItemKnown(context={"code": code})}):
        item.save(force_insert=True)
    SupplyPrice.objects.create(item=item, price_minor=price_minor, valid_from=valid_from, set_by=actor)
    changes = {"code": code, "kind": kind, "price_minor": price_minor}
    record("reconciliation.add_supply_item", actor=actor, subject=item, changes=changes)
    return item


@durable
def set_supply_price(*, item_id: int, price_minor: int, valid_from: date, actor: User) -> SupplyPrice:
    """
    Set what an item costs from a day on; sales of earlier days keep theirs.

    :raises SupplyPriceKnown: if a price begins on the day
    """
    item = SupplyItem.objects.get(pk=item_id)
    refusal = SupplyPriceKnown(context={"code": item.code, "day": valid_from})
    price = SupplyPrice(item=item, price_minor=price_minor, valid_from=valid_from, set_by=actor)
    with constraint_errors({"reconciliation_supplyprice_once_a_day": lambda: refusal}):
        price.save(force_insert=True)
    changes = {"price_minor": price_minor, "valid_from": valid_from.isoformat()}
    record("reconciliation.set_supply_price", actor=actor, subject=item, changes=changes)
    return price


@durable
def load_supply_sheet(*, content: bytes, name: str, today: date, actor: User) -> SupplySheet:
    """
    Take every movement of a sheet (CSV or workbook), or none.

    :raises SheetRefused: if it is no table
    :raises TableFaulty: with every cell that is wrong, at its address
    :raises SupplySheetKnown: if the same sheet was taken before
    """
    table = read_supply_sheet(
        [(row.number, row.texts, row.numbers) for row in read_sheet(content).rows],
        moves=[str(kind) for kind in SupplyMove.Kind.values],
    )
    sheet = SupplySheet(content=store_file(content), name=name[:255], row_count=len(table.moves), loaded_by=actor)
    with constraint_errors({"reconciliation_supplysheet_content_id_key": SupplySheetKnown}):
        sheet.save(force_insert=True)
    SupplyMove.objects.bulk_create(_moves_of(table, sheet=sheet, today=today), batch_size=2000)
    changes = {"name": sheet.name, "rows": sheet.row_count}
    record("reconciliation.load_supply_sheet", actor=actor, subject=sheet, changes=changes)
    return sheet


def _moves_of(table: SupplyTable, *, sheet: SupplySheet, today: date) -> list[SupplyMove]:
    centres = dict(
        ServiceCentre.objects.filter(code__in={move.centre for move in table.moves}).values_list("code", "pk")
    )
    items = {item.code: item for item in SupplyItem.objects.filter(code__in={move.item for move in table.moves})}
    counted = _counted_before(table.moves)
    rows, faults = [], []
    for move in table.moves:
        wrong = _faults_of(move, table.columns, centres, items, today=today)
        if move.move == SupplyMove.Kind.COUNTED and (move.centre, move.item, move.day) in counted:
            wrong.append(_fault(move, table.columns, "move", COUNTED_BEFORE, code=move.item))
        price_minor = _price_minor(move)
        if move.price is not None and price_minor is None:
            wrong.append(_fault(move, table.columns, "price", NOT_EXACT))
        faults += wrong
        if not wrong:
            rows.append(
                SupplyMove(
                    sheet=sheet,
                    row=move.row,
                    centre_id=centres[move.centre],
                    item=items[move.item],
                    moved_on=move.day,
                    kind=move.move,
                    first_number=move.first,
                    last_number=move.last,
                    quantity=move.quantity,
                    price_minor=price_minor,
                    receipt=move.receipt,
                    note=move.note,
                )
            )
    if faults:
        raise TableFaulty(faults)
    return rows


def _faults_of(
    move: SheetMove,
    columns: Mapping[str, int],
    centres: Mapping[str, int],
    items: Mapping[str, SupplyItem],
    *,
    today: date,
) -> list[CellFault]:
    """Return what a row names that does not exist, or that its item cannot have."""
    faults = []
    if move.centre not in centres:
        faults.append(_fault(move, columns, "centre", NO_CENTRE, code=move.centre))
    if move.day > today:
        faults.append(_fault(move, columns, "day", IS_TO_COME, day=move.day))
    item = items.get(move.item)
    if item is None:
        faults.append(_fault(move, columns, "item", NO_ITEM, code=move.item))
    elif item.kind == SupplyItem.Kind.SERVICE and move.move != SupplyMove.Kind.SOLD:
        faults.append(_fault(move, columns, "move", IS_NO_PIECE, code=move.item))
    elif item.has_numbers and not move.first and move.quantity:
        faults.append(_fault(move, columns, "first", NEEDS_NUMBERS, code=move.item))
    elif not item.has_numbers and move.first:
        faults.append(_fault(move, columns, "first", HAS_NO_NUMBERS, code=move.item))
    return faults


def _fault(move: SheetMove, columns: Mapping[str, int], column: str, msgid: str, /, **params: object) -> CellFault:
    return CellFault(row=move.row, column=columns.get(column, 1), message=Message(msgid=msgid, params=params))


def _counted_before(moves: Sequence[SheetMove]) -> set[tuple[str, str, date]]:
    """Return what earlier sheets counted on the days of this one: a second count would be added to the first."""
    days = {move.day for move in moves if move.move == SupplyMove.Kind.COUNTED}
    found = SupplyMove.objects.filter(kind=SupplyMove.Kind.COUNTED, moved_on__in=days)
    return set(found.values_list("centre__code", "item__code", "moved_on"))


def _price_minor(move: SheetMove) -> int | None:
    """Return the price in minor units; nothing where there is none, or where it is finer than the currency."""
    try:
        digits = currency_digits(settings.SALDO_CURRENCY)
        return None if move.price is None else decimal_to_minor(move.price, digits=digits)
    except AmountNotExact:
        return None
