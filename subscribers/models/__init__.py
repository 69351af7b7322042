"""Who has what: subscribers, accounts, subscriptions, features, numbers; restrictions and notices."""

from subscribers.models.account import Account, AccountDiscount, BillCycle
from subscribers.models.agreement import Contract, PromotionAgreement
from subscribers.models.bill_setting import BillSetting
from subscribers.models.customer_group import CustomerGroup, CustomerGroupDiscount, CustomerGroupMember
from subscribers.models.daily_count import DailyCount, MonthCount
from subscribers.models.delivery import DeliveryChannel
from subscribers.models.letter_text import LetterText
from subscribers.models.notice import Notice
from subscribers.models.number import NumberAssignment, NumberHold, NumberRange, PhoneNumber
from subscribers.models.past_category import PastCategory
from subscribers.models.payer import AccountPayer, TaxExemption
from subscribers.models.relation import FavouriteNumber, UserGroup, UserGroupMember
from subscribers.models.restriction import NetworkOrder, SubscriptionRestriction
from subscribers.models.staff_line import StaffLine
from subscribers.models.subscriber import Subscriber
from subscribers.models.subscription import (
    Subscription,
    SubscriptionFeature,
    SubscriptionPlan,
    SubscriptionSuspension,
)

__all__ = [
    "Account",
    "AccountDiscount",
    "AccountPayer",
    "BillCycle",
    "BillSetting",
    "Contract",
    "CustomerGroup",
    "CustomerGroupDiscount",
    "CustomerGroupMember",
    "DailyCount",
    "DeliveryChannel",
    "FavouriteNumber",
    "LetterText",
    "MonthCount",
    "NetworkOrder",
    "Notice",
    "NumberAssignment",
    "NumberHold",
    "NumberRange",
    "PastCategory",
    "PhoneNumber",
    "PromotionAgreement",
    "StaffLine",
    "Subscriber",
    "Subscription",
    "SubscriptionFeature",
    "SubscriptionPlan",
    "SubscriptionRestriction",
    "SubscriptionSuspension",
    "TaxExemption",
    "UserGroup",
    "UserGroupMember",
]
