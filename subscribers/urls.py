"""Addresses of subscribers: numbers, what is agreed, lines barred and freed, notices."""

from django.urls import path

from subscribers.views.agreements import AgreePromotion, BeginContract, EndPromotion
from subscribers.views.bill_cycles import BillCycleList, CreateBillCycle
from subscribers.views.bill_settings import SetBillSetting
from subscribers.views.customer_groups import (
    CreateCustomerGroup,
    CustomerGroupList,
    CustomerGroupPage,
    EndGroupDiscount,
    GiveGroupDiscount,
)
from subscribers.views.delivery import ChangeBillDelivery, ChangePostalAddress
from subscribers.views.letter_texts import (
    DiscardLetterText,
    DraftLetterText,
    EditLetterText,
    LetterTextList,
    LetterTextPage,
    PublishLetterText,
)
from subscribers.views.notices import NoticeList, NoticePage, ResendNotice, TellNotice
from subscribers.views.number_ranges import NumberRanges
from subscribers.views.numbers import DropHold, FreeNumbers, HoldNumber
from subscribers.views.payers import (
    AppointPayer,
    ApproveExemption,
    DismissPayer,
    EndDiscount,
    EndExemption,
    GiveDiscount,
    JoinCustomerGroup,
    LeaveCustomerGroup,
    PayersPanel,
    RecordExemption,
    SetTaxNumber,
)
from subscribers.views.relations import (
    AddFavouriteNumber,
    ChangeAccountCategory,
    CreateUserGroup,
    JoinUserGroup,
    LeaveUserGroup,
    RelationsPanel,
    RemoveFavouriteNumber,
    UserGroupList,
    UserGroupMembers,
)
from subscribers.views.restrictions import RestoreSubscription, RestrictSubscription, StopSubscription
from subscribers.views.staff_lines import EndStaffLine, GiveStaffLine, StaffLineList
from subscribers.views.suspensions import ResumeSubscription, SuspendSubscription

app_name = "subscribers"
urlpatterns = [
    path("number-ranges/", NumberRanges.as_view(), name="number-ranges"),
    path("numbers/", FreeNumbers.as_view(), name="free-numbers"),
    path("numbers/<str:number>/hold/", HoldNumber.as_view(), name="hold-number"),
    path("numbers/<str:number>/drop/", DropHold.as_view(), name="drop-hold"),
    path("accounts/<int:account_id>/promotions/agree/", AgreePromotion.as_view(), name="agree-promotion"),
    path("accounts/<int:account_id>/contracts/begin/", BeginContract.as_view(), name="begin-contract"),
    path("accounts/<int:account_id>/bill/", SetBillSetting.as_view(), name="set-bill-setting"),
    path("promotions/<int:agreement_id>/end/", EndPromotion.as_view(), name="end-promotion"),
    path("lines/<int:subscription_id>/restrict/", RestrictSubscription.as_view(), name="restrict-subscription"),
    path("lines/<int:subscription_id>/stop/", StopSubscription.as_view(), name="stop-subscription"),
    path("lines/<int:subscription_id>/restore/", RestoreSubscription.as_view(), name="restore-subscription"),
    path("lines/<int:subscription_id>/suspend/", SuspendSubscription.as_view(), name="suspend-subscription"),
    path("lines/<int:subscription_id>/resume/", ResumeSubscription.as_view(), name="resume-subscription"),
    path("bill-cycles/", BillCycleList.as_view(), name="bill-cycles"),
    path("bill-cycles/create/", CreateBillCycle.as_view(), name="create-bill-cycle"),
    path("letter-texts/", LetterTextList.as_view(), name="view-letter-texts"),
    path("letter-texts/draft/<path:kind>/", DraftLetterText.as_view(), name="draft-letter-text"),
    path("letter-texts/<int:text_id>/", LetterTextPage.as_view(), name="view-letter-text"),
    path("letter-texts/<int:text_id>/edit/", EditLetterText.as_view(), name="edit-letter-text"),
    path("letter-texts/<int:text_id>/publish/", PublishLetterText.as_view(), name="publish-letter-text"),
    path("letter-texts/<int:text_id>/discard/", DiscardLetterText.as_view(), name="discard-letter-text"),
    path("notices/", NoticeList.as_view(), name="notices"),
    path("notices/<int:notice_id>/", NoticePage.as_view(), name="notice"),
    path("notices/<int:notice_id>/resend/", ResendNotice.as_view(), name="resend-notice"),
    path("notices/<int:notice_id>/tell/", TellNotice.as_view(), name="tell-notice"),
    path("accounts/<int:account_id>/relations/", RelationsPanel.as_view(), name="relations-panel"),
    path("accounts/<int:account_id>/favourites/add/", AddFavouriteNumber.as_view(), name="add-favourite-number"),
    path("favourites/<int:favourite_id>/remove/", RemoveFavouriteNumber.as_view(), name="remove-favourite-number"),
    path("accounts/<int:account_id>/group/join/", JoinUserGroup.as_view(), name="join-user-group"),
    path("group-members/<int:member_id>/leave/", LeaveUserGroup.as_view(), name="leave-user-group"),
    path("groups/", UserGroupList.as_view(), name="user-groups"),
    path("groups/create/", CreateUserGroup.as_view(), name="create-user-group"),
    path("groups/<int:group_id>/", UserGroupMembers.as_view(), name="user-group-members"),
    path(
        "accounts/<int:account_id>/category/change/",
        ChangeAccountCategory.as_view(),
        name="change-account-category",
    ),
    path("accounts/<int:account_id>/tax-number/", SetTaxNumber.as_view(), name="set-tax-number"),
    path("accounts/<int:account_id>/payers/", PayersPanel.as_view(), name="payers-panel"),
    path("accounts/<int:account_id>/payers/appoint/", AppointPayer.as_view(), name="appoint-payer"),
    path("payers/<int:appointment_id>/dismiss/", DismissPayer.as_view(), name="dismiss-payer"),
    path("accounts/<int:account_id>/exemptions/record/", RecordExemption.as_view(), name="record-exemption"),
    path("exemptions/<int:exemption_id>/approve/", ApproveExemption.as_view(), name="approve-exemption"),
    path("exemptions/<int:exemption_id>/end/", EndExemption.as_view(), name="end-exemption"),
    path("accounts/<int:account_id>/discounts/give/", GiveDiscount.as_view(), name="give-discount"),
    path("discounts/<int:given_id>/end/", EndDiscount.as_view(), name="end-discount"),
    path("group-discounts/<int:given_id>/end/", EndGroupDiscount.as_view(), name="end-group-discount"),
    path("accounts/<int:account_id>/customer-group/join/", JoinCustomerGroup.as_view(), name="join-customer-group"),
    path("customer-group-members/<int:member_id>/leave/", LeaveCustomerGroup.as_view(), name="leave-customer-group"),
    path("customer-groups/", CustomerGroupList.as_view(), name="customer-groups"),
    path("customer-groups/create/", CreateCustomerGroup.as_view(), name="create-customer-group"),
    path("customer-groups/<int:group_id>/", CustomerGroupPage.as_view(), name="customer-group"),
    path("customer-groups/<int:group_id>/discounts/give/", GiveGroupDiscount.as_view(), name="give-group-discount"),
    path("accounts/<int:account_id>/staff/", StaffLineList.as_view(), name="staff-lines"),
    path("accounts/<int:account_id>/staff/give/", GiveStaffLine.as_view(), name="give-staff-line"),
    path("staff/<int:staff_line_id>/end/", EndStaffLine.as_view(), name="end-staff-line"),
    path("accounts/<int:account_id>/delivery/change/", ChangeBillDelivery.as_view(), name="change-bill-delivery"),
    path("accounts/<int:account_id>/address/change/", ChangePostalAddress.as_view(), name="change-postal-address"),
]
