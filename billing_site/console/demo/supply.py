"""What the centres sold on 4 March: one card is lost, and one was sold at the price of the year before."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import CHECKED_DAY, TODAY
from billing_site.console.demo.tills import add_tills, sell_at_till
from billing_site.identity.models import ServiceCentre
from reconciliation.models import SupplyItem, SupplySheet
from reconciliation.operations.supply import add_supply_item, load_supply_sheet, set_supply_price
from reconciliation.queries.supply import missing_numbers, sales_faults

LAST_YEAR, THIS_YEAR = date(2025, 1, 1), date(2026, 1, 1)
# Code, kind, whether each piece has a number, the price of last year and of this one.
ITEMS = (
    ("SIM-CARD", "SIM", True, 800, 1000),
    ("PHONE-A1", "PHONE", True, 45_000, 42_000),
    ("VOUCHER-5", "VOUCHER", True, 5_000, 5_000),
    ("LINE-VISIT", "SERVICE", False, 3_000, 3_500),
)
NAMES = {
    "SIM-CARD": ("SIM card", "SIM քարտ", "SIM-карта", "SIM 卡", "شريحة SIM"),
    "PHONE-A1": ("Telephone A1", "Հեռախոս A1", "Телефон A1", "电话机 A1", "هاتف A1"),
    "VOUCHER-5": ("Top-up card", "Լիցքավորման քարտ", "Карта пополнения", "充值卡", "بطاقة شحن"),
    "LINE-VISIT": ("Visit of a fitter", "Վարպետի այց", "Вызов мастера", "上门服务", "زيارة فني"),
}
LANGUAGES = ("en", "hy", "ru", "zh-hans", "ar")
HEAD = "day;centre;item;move;first;last;quantity;price;receipt;note"
TILL = "A-1"
TAKEN_MINOR = (3 * 1000, 800, 2 * 3500, 42_000)
SHEET_NAME = f"supply-{CHECKED_DAY:%Y%m%d}.csv"


def check_supply() -> Mapping[str, Any]:
    """Add the items and take the sheet of the day, unless it is there."""
    specialist = staff("specialist")
    for code, kind, has_numbers, old, new in ITEMS:
        if SupplyItem.objects.filter(code=code).exists():
            continue
        item = add_supply_item(
            code=code,
            names=dict(zip(LANGUAGES, NAMES[code], strict=True)),
            kind=kind,
            has_numbers=has_numbers,
            price_minor=old,
            valid_from=LAST_YEAR,
            actor=specialist,
        )
        set_supply_price(item_id=item.pk, price_minor=new, valid_from=THIS_YEAR, actor=specialist)
    add_tills()
    if not SupplySheet.objects.filter(name=SHEET_NAME).exists():
        content = "\n".join([HEAD, *_rows()]).encode()
        load_supply_sheet(content=content, name=SHEET_NAME, today=TODAY, actor=specialist)
    missing, faults = missing_numbers(day=CHECKED_DAY), sales_faults(day=CHECKED_DAY)
    return {"missing numbers": len(missing), "sales to look at": len(faults)}


def _rows() -> list[str]:
    """Two halls; the first one lost a card, and sold one at last year's price. Its till has the money of every sale."""
    first, second = _two_centres()
    day = CHECKED_DAY
    cards, old_card, visits, phone = sell_at_till(TILL, TAKEN_MINOR, day=day)
    return [
        f"{day};{first};SIM-CARD;ISSUED;8937410000001001;8937410000001050;;;;",
        f"{day};{first};SIM-CARD;SOLD;8937410000001001;8937410000001003;;1000;{cards};",
        f"{day};{first};SIM-CARD;SOLD;8937410000001004;;;800;{old_card};",
        f"{day};{first};SIM-CARD;RETURNED;8937410000001041;8937410000001050;;;;",
        f"{day};{first};SIM-CARD;COUNTED;8937410000001005;8937410000001016;;;;",
        f"{day};{first};SIM-CARD;COUNTED;8937410000001018;8937410000001040;;;;",
        f"{day};{first};LINE-VISIT;SOLD;;;2;3500;{visits};",
        f"{day};{first};PHONE-A1;ISSUED;356938035643801;356938035643810;;;;",
        f"{day};{first};PHONE-A1;SOLD;356938035643801;;;42000;{phone};",
        f"{day};{first};PHONE-A1;WRITTEN_OFF;356938035643810;;;;;The glass is broken.",
        f"{day};{first};PHONE-A1;COUNTED;356938035643802;356938035643809;;;;",
        f"{day};{second};VOUCHER-5;ISSUED;000070001;000070100;;;;",
        f"{day};{second};VOUCHER-5;COUNTED;000070001;000070100;;;;",
    ]


def _two_centres() -> tuple[str, str]:
    first, second = ServiceCentre.objects.order_by("code").values_list("code", flat=True)[:2]
    return first, second
