"""What we sell: bill items and taxes, zones and windows, plans, their versions and everything priced in them."""

from tariffs.models.allowance import Allowance
from tariffs.models.bill_item import BillItem, TaxCategory, TaxRate, UsageCategory, UsageCategoryItem
from tariffs.models.calendar import SpecialDay, Window, WindowScheme
from tariffs.models.ceiling import PriceCeiling
from tariffs.models.contract_term import ContractTerm
from tariffs.models.discount import Discount
from tariffs.models.feature import Feature, FeaturePrice
from tariffs.models.plan import Plan, PlanVersion
from tariffs.models.price import Price
from tariffs.models.promotion import Promotion
from tariffs.models.rate import Rate, RateStep
from tariffs.models.zone import Zone, ZonePoint, ZonePrefix

__all__ = [
    "Allowance",
    "BillItem",
    "ContractTerm",
    "Discount",
    "Feature",
    "FeaturePrice",
    "Plan",
    "PlanVersion",
    "Price",
    "PriceCeiling",
    "Promotion",
    "Rate",
    "RateStep",
    "SpecialDay",
    "TaxCategory",
    "TaxRate",
    "UsageCategory",
    "UsageCategoryItem",
    "Window",
    "WindowScheme",
    "Zone",
    "ZonePoint",
    "ZonePrefix",
]
