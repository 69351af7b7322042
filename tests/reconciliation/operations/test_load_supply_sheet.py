"""What was issued to a centre is sold, returned, written off or there: one missing piece is found by its number."""

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings as hypothesis_settings, strategies as st
from openpyxl import Workbook

from billing_site.identity.models import ServiceCentre, User
from billing_site.identity.roles import Role
from payments.operations.receipt_reversals import reverse_receipt
from reconciliation.models import SupplyItem, SupplyMove, SupplySheet
from reconciliation.operations.supply import (
    SupplyItemKnown,
    SupplyPriceKnown,
    SupplySheetKnown,
    add_supply_item,
    load_supply_sheet,
    set_supply_price,
)
from reconciliation.queries.supply import missing_numbers, sales_faults, sales_lines, supply_lines
from tariffs.domain.grids import TableFaulty
from tests.factories.identity import make_centre, make_staff
from tests.factories.payments import make_account
from tests.factories.tills import cash, make_till, open_till, take
from tests.reconciliation.planted import DAY, NOON

pytestmark = pytest.mark.django_db
HEAD = "day;centre;item;move;first;last;quantity;price;receipt;note"
NEXT = DAY + timedelta(days=1)
CENTRES = ("HALL-1", "HALL-2")


def add_item(code, kind, price_minor, *, actor, valid_from=DAY, has_numbers=True):
    return add_supply_item(
        code=code,
        names={"en": code.title()},
        kind=kind,
        has_numbers=has_numbers,
        price_minor=price_minor,
        valid_from=valid_from,
        actor=actor,
    )


@pytest.fixture
def specialist(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    for code in CENTRES:
        make_centre(code=code)
    user = User.objects.create_user(username="gor", password=None, role="BILLING_SPECIALIST", full_name="Gor")
    for code, kind, price in (("SIM", "SIM", 1000), ("CASE", "PHONE", 500), ("VISIT", "SERVICE", 3000)):
        add_item(code, kind, price, actor=user, valid_from=date(2026, 1, 1), has_numbers=code == "SIM")
    return user


def load(specialist, *rows, name="s.csv", today=NEXT):
    content = "\n".join([HEAD, *rows]).encode()
    return load_supply_sheet(content=content, name=name, today=today, actor=specialist)


def sold(number, *, price=1000, receipt="", day=DAY, centre="HALL-1"):
    return f"{day};{centre};SIM;SOLD;{number};{number};;{price};{receipt};"


def lines(day=DAY):
    return [(line.centre, line.item, line.expected, line.counted, line.missing) for line in supply_lines(day=day)]


def test_planted_loss_of_one_piece_is_found_by_its_number(specialist):
    """000-13: issued = sold + returned + in stock + written off, by centre and day; one lost card is named."""
    load(
        specialist,
        f"{DAY};HALL-1;SIM;ISSUED;0089370001;0089370100;;;;",
        f"{DAY};HALL-2;SIM;ISSUED;0089370101;0089370110;10;;;",
        f"{DAY};HALL-1;CASE;ISSUED;;;8;;;",
        sold("0089370005"),
        f"{DAY};HALL-1;SIM;RETURNED;0089370091;0089370100;;;;",
        f"{DAY};HALL-1;SIM;WRITTEN_OFF;0089370090;;;;;Broken.",
        f"{DAY};HALL-1;CASE;SOLD;;;3;500;;",
        f"{DAY};HALL-1;SIM;COUNTED;0089370001;0089370004;;;;",
        f"{DAY};HALL-1;SIM;COUNTED;0089370006;0089370041;;;;",
        f"{DAY};HALL-1;SIM;COUNTED;0089370043;0089370089;;;;",
        f"{DAY};HALL-1;CASE;COUNTED;;;5;;;",
    )

    assert lines() == [
        ("HALL-1", "CASE", 5, 5, 0),
        ("HALL-1", "SIM", 88, 87, 1),
        ("HALL-2", "SIM", 10, None, None),
    ]
    assert [(gap.centre, gap.first, gap.last, gap.missing) for gap in missing_numbers(day=DAY)] == [
        ("HALL-1", "0089370042", "0089370042", 1)
    ]
    assert [line.missing for line in supply_lines(day=DAY, only_missing=True)] == [1]
    load(specialist, f"{NEXT};HALL-1;SIM;WRITTEN_OFF;0089370042;;;;;Lost.", name="n.csv")
    assert [(line.opening, line.written_off, line.expected) for line in supply_lines(day=NEXT)] == [
        (5, 0, 5),
        (88, 1, 87),
        (10, 0, 10),
    ]


def test_piece_that_went_back_and_came_again_is_counted_rightly_and_one_too_many_is_named(specialist):
    load(
        specialist,
        f"{DAY};HALL-1;SIM;ISSUED;10;19;;;;",
        f"{DAY};HALL-1;SIM;RETURNED;12;13;;;;",
        f"{DAY};HALL-1;SIM;ISSUED;12;13;;;;",
        f"{DAY};HALL-1;SIM;COUNTED;10;20;;;;",
    )

    assert [(gap.first, gap.last, gap.missing) for gap in missing_numbers(day=DAY)] == [("20", "20", -1)]
    assert lines() == [("HALL-1", "SIM", 10, 11, -1)]


@hypothesis_settings(max_examples=15, deadline=None)
@given(fates=st.lists(st.sampled_from(["SOLD", "RETURNED", "WRITTEN_OFF", "COUNTED", "LOST"]), min_size=1, max_size=12))
def test_every_lost_number_is_named_and_no_other(fates):
    """000-13, whatever became of the pieces."""
    user, _ = User.objects.get_or_create(username="gor", defaults={"role": "ACCOUNTANT", "full_name": "Gor"})
    code = f"H{SupplySheet.objects.count()}-{user.pk}"
    make_centre(code=code)
    if not SupplyItem.objects.filter(code="CARD").exists():
        add_item("CARD", "VOUCHER", 1, actor=user)
    last = 100 + len(fates) - 1
    rows = [f"{DAY};{code};CARD;ISSUED;100;{last};;;;", f"{DAY};{code};CARD;COUNTED;;;0;;;"]
    rows += [
        f"{DAY};{code};CARD;{fate};{n};{n};;{1 if fate == 'SOLD' else ''};;why"
        for n, fate in enumerate(fates, start=100)
        if fate != "LOST"
    ]
    load(user, *rows)

    centre_id = SupplyMove.objects.latest("pk").centre_id
    named = [
        number
        for gap in missing_numbers(day=DAY, centre_id=centre_id)
        for number in range(int(gap.first), int(gap.last) + 1)
    ]
    assert named == [n for n, fate in enumerate(fates, start=100) if fate == "LOST"]
    (line,) = supply_lines(day=DAY, centre_id=centre_id)
    assert line.missing == len(named)


def test_sheet_is_taken_whole_or_not_at_all_and_once(specialist):
    with pytest.raises(TableFaulty) as caught:
        load(
            specialist,
            f"{NEXT + timedelta(days=1)};HALL-9;SIM;ISSUED;1;5;;;;",
            f"{DAY};HALL-1;TOY;ISSUED;;;1;;;",
            f"{DAY};HALL-1;SIM;ISSUED;;;4;;;",
            f"{DAY};HALL-1;CASE;ISSUED;1;2;;;;",
            f"{DAY};HALL-1;VISIT;ISSUED;;;2;;;",
            f"{DAY};HALL-1;CASE;SOLD;;;2;5.5;;",
        )
    assert [fault.address for fault in caught.value.faults] == ["B2", "A2", "C3", "E4", "E5", "D6", "H7"]
    with pytest.raises(TableFaulty) as caught:
        load(
            specialist,
            f"{DAY};HALL-1;SIM;ISSUED;05;4;;;;",
            f"{DAY};HALL-1;SIM;ISSUED;1;5;4;;;",
            f"{DAY};HALL-1;CASE;SOLD;;;;;;",
            f"{DAY};HALL-1;CASE;RETURNED;;;1;5;;",
            f"{DAY};HALL-1;CASE;WRITTEN_OFF;;;1;;;",
        )
    assert [fault.address for fault in caught.value.faults] == ["E2", "G3", "G4", "H4", "H5", "J6"]
    assert not SupplySheet.objects.exists()
    row = f"{DAY};HALL-1;CASE;COUNTED;;;0;;;"
    load(specialist, row)
    with pytest.raises(SupplySheetKnown):
        load(specialist, row)
    with pytest.raises(TableFaulty, match="1 cells"):
        load(specialist, row, "", name="other.csv")
    assert SupplyMove.objects.count() == 1


def test_numbers_that_a_workbook_keeps_as_numbers_are_refused(specialist):
    """3h row 4."""
    book, stream = Workbook(), io.BytesIO()
    for row in (("day", "centre", "item", "move", "first"), (DAY.isoformat(), "HALL-1", "SIM", "ISSUED", 89370001)):
        book.worksheets[0].append(row)
    book.save(stream)

    with pytest.raises(TableFaulty, match="E2"):
        load_supply_sheet(content=stream.getvalue(), name="s.xlsx", today=NEXT, actor=specialist)
    assert not SupplyMove.objects.exists()


def open_till_of(centre, *, actor):
    hall = ServiceCentre.objects.get(code=centre)
    return open_till(make_till(hall, actor=actor), make_staff(Role.CLERK, centre=hall), at=NOON)


def test_one_sale_at_an_old_price_is_found(specialist):
    """000-14: services sold x price of the day = income booked = till, per centre and day."""
    account = make_account()
    tills = [open_till_of(centre, actor=specialist) for centre in CENTRES]
    mixed, old, dear = (take(tills[0], account, cash(amount), at=NOON) for amount in (7200, 1000, 1200))
    other = take(tills[1], account, cash(3000), at=NOON)
    set_supply_price(item_id=SupplyItem.objects.get(code="SIM").pk, price_minor=1200, valid_from=DAY, actor=specialist)
    load(
        specialist,
        f"{DAY};HALL-1;SIM;ISSUED;1;9;;;;",
        sold(1, price=1200, receipt=mixed.number),
        f"{DAY};HALL-1;VISIT;SOLD;;;2;3000;{mixed.number};",
        sold(2, price=1000, receipt=old.number),
        sold(3, price=1200, receipt=dear.number),
        f"{DAY};HALL-2;VISIT;SOLD;;;1;3000;{other.number};",
    )

    first, second = sales_lines(day=DAY)
    (fault,) = sales_faults(day=DAY)

    assert (first.centre, first.quantity, first.due_minor) == ("HALL-1", 5, 3 * 1200 + 6000)
    assert (first.booked_minor, first.till_minor, first.price_difference_minor) == (9400, 9400, -200)
    assert second[2:] == (1, 3000, 3000, 3000)
    assert (fault.fault, fault.item, fault.first, fault.due_minor, fault.taken_minor, fault.receipt) == (
        ("OTHER_PRICE", "SIM", "2", 1200, 1000, old.number)
    )
    reverse_receipt(receipt_id=dear.pk, reason="Not sold.", form_key=uuid4(), reversed_at=NOON, actor=tills[0].clerk)
    assert [(row.fault, row.first) for row in sales_faults(day=DAY)] == [("OTHER_PRICE", "2"), ("NOT_IN_TILL", "3")]
    assert sales_lines(day=DAY)[0].till_difference_minor == -1200


def test_items_and_prices_are_set_once_and_movements_stay(specialist):
    load(specialist, f"{DAY};HALL-1;CASE;ISSUED;;;3;;;")
    sim = SupplyItem.objects.get(code="SIM")
    with pytest.raises(SupplyPriceKnown):
        set_supply_price(item_id=sim.pk, price_minor=1, valid_from=date(2026, 1, 1), actor=specialist)
    with pytest.raises(SupplyItemKnown):
        add_item("SIM", "SIM", 1, actor=specialist)
    for statement in ("UPDATE reconciliation_supplymove SET quantity = 1", "DELETE FROM reconciliation_supplysheet"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert SupplyMove.objects.get().quantity == 3
