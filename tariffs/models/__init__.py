"""What we sell: bill items and taxes, zones and windows, plans, their versions and everything priced in them."""

from tariffs.models.allowance import Allowance
from tariffs.models.bill_item import BillItem, Provider, TaxCategory, TaxRate, UsageCategory, UsageCategoryItem
from tariffs.models.calendar import SpecialDay, Window, WindowScheme
from tariffs.models.cash_rounding import CashRounding
from tariffs.models.ceiling import PriceCeiling
from tariffs.models.commitment import MinimumCommitment
from tariffs.models.contract_term import ContractTerm
from tariffs.models.discount import Discount, DiscountStep
from tariffs.models.feature import Feature, FeaturePrice
from tariffs.models.plan import Plan, PlanVersion
from tariffs.models.price import Price
from tariffs.models.promotion import Promotion
from tariffs.models.rate import Rate, RateStep
from tariffs.models.rate_deck import RateDeck, RateDeckPrefix
from tariffs.models.test_call import TestCall
from tariffs.models.zone import Zone, ZonePoint, ZonePrefix

__all__ = [
    "Allowance",
    "BillItem",
    "CashRounding",
    "ContractTerm",
    "Discount",
    "DiscountStep",
    "Feature",
    "FeaturePrice",
    "MinimumCommitment",
    "Plan",
    "PlanVersion",
    "Price",
    "PriceCeiling",
    "Promotion",
    "Provider",
    "Rate",
    "RateDeck",
    "RateDeckPrefix",
    "RateStep",
    "SpecialDay",
    "TaxCategory",
    "TaxRate",
    "TestCall",
    "UsageCategory",
    "UsageCategoryItem",
    "Window",
    "WindowScheme",
    "Zone",
    "ZonePoint",
    "ZonePrefix",
]
