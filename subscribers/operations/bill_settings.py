"""How a subscriber wants the bill: said at a counter, on the phone or on the own pages."""

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from subscribers.models import BillSetting
from subscribers.operations.accounts import lock_open_account
from subscribers.queries.bill_settings import BillWishes, find_bill_wishes


class ItemisationUnknown(BillingError):
    """No such extent of a list."""

    default_message = gettext_noop("A bill lists no calls, sums or every call, not %(itemisation)s.")
    default_code = "ITEMISATION_UNKNOWN"


class UsersNotTold(BillingError):
    """Others who use the lines would be seen without knowing it."""

    default_message = gettext_noop(
        "Called numbers are shown in full only if the subscriber declares that everybody who uses the lines was told."
    )
    default_code = "USERS_NOT_TOLD"


class BillSettingUnchanged(BillingError):
    """Nothing to do."""

    default_message = gettext_noop("The bills of account %(account)s are made like this already.")
    default_code = "BILL_SETTING_UNCHANGED"


@durable
def set_bill_setting(
    *,
    account_id: int,
    itemisation: str,
    has_whole_numbers: bool,
    is_large_print: bool,
    actor: User | None,
    are_users_told: bool = False,
) -> BillSetting:
    """
    Say how an account's bills are made from the next run on.

    :param itemisation: one of ``BillSetting.Itemisation``
    :param are_users_told: the subscriber's declaration, without which called numbers stay masked
    :param actor: the member of staff; ``None`` for the subscriber on the own pages
    :raises ItemisationUnknown: for any other extent
    :raises UsersNotTold: if numbers were to be whole without the declaration
    :raises AccountIsClosed: if nothing more is sold to the account
    :raises BillSettingUnchanged: if they are made like this
    """
    if itemisation not in BillSetting.Itemisation.values:
        raise ItemisationUnknown(context={"itemisation": itemisation})
    if has_whole_numbers and not are_users_told:
        raise UsersNotTold
    account = lock_open_account(account_id)
    wishes = BillWishes(itemisation=itemisation, has_whole_numbers=has_whole_numbers, is_large_print=is_large_print)
    if find_bill_wishes(account_id=account_id) == wishes:
        raise BillSettingUnchanged(context={"account": account.number})
    setting = BillSetting.objects.create(
        account=account,
        itemisation=itemisation,
        has_whole_numbers=has_whole_numbers,
        are_users_told=are_users_told,
        is_large_print=is_large_print,
        set_by=actor,
    )
    changes = {"itemisation": itemisation, "whole_numbers": has_whole_numbers, "large_print": is_large_print}
    record("subscribers.set_bill_setting", actor=actor, subject=account, changes=changes)
    return setting
