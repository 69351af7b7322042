"""Addresses of usage: intake, quarantine, records."""

from django.urls import path

from rating.views.call_list_orders import (
    CallListJob,
    CallListOrderPage,
    CallListOrders,
    DownloadCallList,
    OrderCallList,
    RetryCallList,
)
from rating.views.call_lists import AccountCalls, HideNumbers, RevealNumbers, SubscriptionCalls
from rating.views.fraud import (
    ChangeFraudRule,
    CreateFraudRule,
    DismissFraudHit,
    FraudHitPage,
    FraudHits,
    FraudRules,
)
from rating.views.legal_holds import LegalHolds, LiftLegalHold, PlaceLegalHold
from rating.views.limits import (
    AccountLimitsPage,
    DefaultLimits,
    LiftUsageLimit,
    LimitsPanel,
    SetDefaultLimit,
    SetUsageLimit,
)
from rating.views.line_proposals import (
    ApproveWriteOff,
    DeclineProposal,
    LineProposalList,
    LineProposalPage,
    ProposalLines,
    ProposeRelease,
    ProposeWriteOff,
    ReleaseLines,
)
from rating.views.plan_advice import AdviseLine, AdvisePlan
from rating.views.plan_previews import (
    CancelPlanPreview,
    PlanPreviewAccounts,
    PlanPreviewJob,
    PlanPreviewList,
    PlanPreviewPage,
    PlanPreviewZones,
    PreviewPlanVersion,
)
from rating.views.premium_stations import (
    ChangePremiumContact,
    CreatePremiumStation,
    EndPremiumStation,
    PremiumCustomers,
    PremiumStationPage,
    PremiumStations,
)
from rating.views.prices import PriceLookUp
from rating.views.quarantine import AssignWaitingNumber, QuarantineLines, QuarantineList, RecycleLines
from rating.views.records import (
    CorrectionRecords,
    CorrectionRecordsPanel,
    FileRecords,
    LineRecords,
    LineRecordsPanel,
    RecordPage,
)
from rating.views.rerating import (
    ApproveRerating,
    CancelRerating,
    ProposeRerating,
    ReratingAccountList,
    ReratingAccountPage,
    ReratingJob,
    ReratingList,
    ReratingPage,
    ResumeRerating,
)
from rating.views.test_calls import RunTestCalls, TakeTestCalls, TestCallsPage
from rating.views.traffic import FollowKeyAccount, KeyAccountPage, KeyAccounts, TrafficPage
from rating.views.usage_days import UsageDays
from rating.views.usage_files import ReleaseFile, SetAsideList, UsageFileList, UsageFilePage
from rating.views.usage_loads import LoadUsage, RateUsage
from rating.views.usage_sources import (
    CreateUsageSource,
    EditUsageSource,
    ExplainGap,
    UsageSourceList,
    UsageSourcePage,
)

app_name = "rating"
_LINE = "lines/<int:subscription_id>/<str:bill_period>/<int:bill_item_id>/"
urlpatterns = [
    path("plan-versions/<int:version_id>/", TestCallsPage.as_view(), name="test-calls"),
    path("plan-versions/<int:version_id>/run/", RunTestCalls.as_view(), name="run-test-calls"),
    path("plan-versions/<int:version_id>/take/", TakeTestCalls.as_view(), name="take-test-calls"),
    path("files/", UsageFileList.as_view(), name="usage-files"),
    path("files/load/", LoadUsage.as_view(), name="load-usage"),
    path("files/rate/", RateUsage.as_view(), name="rate-usage"),
    path("files/<int:file_id>/", UsageFilePage.as_view(), name="usage-file"),
    path("files/<int:file_id>/records/", FileRecords.as_view(), name="file-records"),
    path("files/<int:file_id>/set-aside/", SetAsideList.as_view(), name="set-aside-lines"),
    path("files/<int:file_id>/release/", ReleaseFile.as_view(), name="release-file"),
    path("sources/", UsageSourceList.as_view(), name="usage-sources"),
    path("sources/new/", CreateUsageSource.as_view(), name="create-usage-source"),
    path("sources/<int:source_id>/", UsageSourcePage.as_view(), name="usage-source"),
    path("sources/<int:source_id>/edit/", EditUsageSource.as_view(), name="edit-usage-source"),
    path("sources/<int:source_id>/gaps/<int:first>/<int:last>/", ExplainGap.as_view(), name="explain-gap"),
    path("days/", UsageDays.as_view(), name="usage-days"),
    path("waiting/recycle/", RecycleLines.as_view(), name="recycle-lines"),
    path("waiting/assign/", AssignWaitingNumber.as_view(), name="assign-waiting-number"),
    path("waiting/write-off/", ProposeWriteOff.as_view(), name="propose-write-off"),
    path("waiting/release/", ProposeRelease.as_view(), name="propose-release"),
    path("proposals/", LineProposalList.as_view(), name="line-proposals"),
    path("proposals/<int:proposal_id>/", LineProposalPage.as_view(), name="line-proposal"),
    path("proposals/<int:proposal_id>/lines/", ProposalLines.as_view(), name="proposal-lines"),
    path("proposals/<int:proposal_id>/write-off/", ApproveWriteOff.as_view(), name="approve-write-off"),
    path("proposals/<int:proposal_id>/release/", ReleaseLines.as_view(), name="release-lines"),
    path("proposals/<int:proposal_id>/decline/", DeclineProposal.as_view(), name="decline-proposal"),
    path("accounts/<int:account_id>/limits/", AccountLimitsPage.as_view(), name="account-limits"),
    path("accounts/<int:account_id>/limits/panel/", LimitsPanel.as_view(), name="limits-panel"),
    path("accounts/<int:account_id>/limits/set/", SetUsageLimit.as_view(), name="set-usage-limit"),
    path("accounts/<int:account_id>/limits/lift/", LiftUsageLimit.as_view(), name="lift-usage-limit"),
    path("limits/", DefaultLimits.as_view(), name="default-limits"),
    path("limits/set/", SetDefaultLimit.as_view(), name="set-default-limit"),
    path("fraud/", FraudHits.as_view(), name="fraud-hits"),
    path("fraud/<int:hit_id>/", FraudHitPage.as_view(), name="fraud-hit"),
    path("fraud/<int:hit_id>/dismiss/", DismissFraudHit.as_view(), name="dismiss-fraud-hit"),
    path("fraud/rules/", FraudRules.as_view(), name="fraud-rules"),
    path("fraud/rules/new/", CreateFraudRule.as_view(), name="create-fraud-rule"),
    path("fraud/rules/<int:rule_id>/", ChangeFraudRule.as_view(), name="change-fraud-rule"),
    path("quarantine/", QuarantineList.as_view(), name="quarantine"),
    path("quarantine/<str:reason>/", QuarantineLines.as_view(), name="quarantine-lines"),
    path("versions/<int:version_id>/previews/", PlanPreviewList.as_view(), name="plan-previews"),
    path("versions/<int:version_id>/preview/", PreviewPlanVersion.as_view(), name="preview-plan-version"),
    path("previews/<int:preview_id>/", PlanPreviewPage.as_view(), name="plan-preview"),
    path("previews/<int:preview_id>/job/", PlanPreviewJob.as_view(), name="plan-preview-job"),
    path("previews/<int:preview_id>/accounts/", PlanPreviewAccounts.as_view(), name="plan-preview-accounts"),
    path("previews/<int:preview_id>/zones/", PlanPreviewZones.as_view(), name="plan-preview-zones"),
    path("previews/<int:preview_id>/cancel/", CancelPlanPreview.as_view(), name="cancel-plan-preview"),
    path("rerating/", ReratingList.as_view(), name="reratings"),
    path("rerating/new/", ProposeRerating.as_view(), name="propose-rerating"),
    path("rerating/<int:rerating_id>/", ReratingPage.as_view(), name="rerating"),
    path("rerating/<int:rerating_id>/job/", ReratingJob.as_view(), name="rerating-job"),
    path("rerating/<int:rerating_id>/accounts/", ReratingAccountList.as_view(), name="rerating-accounts"),
    path(
        "rerating/<int:rerating_id>/accounts/<int:account_id>/", ReratingAccountPage.as_view(), name="rerating-account"
    ),
    path("rerating/<int:rerating_id>/approve/", ApproveRerating.as_view(), name="approve-rerating"),
    path("rerating/<int:rerating_id>/cancel/", CancelRerating.as_view(), name="cancel-rerating"),
    path("rerating/<int:rerating_id>/resume/", ResumeRerating.as_view(), name="resume-rerating"),
    path("prices/", PriceLookUp.as_view(), name="look-up-price"),
    path("plan-advice/", AdvisePlan.as_view(), name="advise-plan"),
    path("subscriptions/<int:subscription_id>/advice/", AdviseLine.as_view(), name="advise-line"),
    path("subscriptions/<int:subscription_id>/", SubscriptionCalls.as_view(), name="subscription-records"),
    path("accounts/<int:account_id>/calls/", AccountCalls.as_view(), name="account-calls"),
    path("accounts/<int:account_id>/calls/reveal/", RevealNumbers.as_view(), name="reveal-numbers"),
    path("accounts/<int:account_id>/calls/hide/", HideNumbers.as_view(), name="hide-numbers"),
    path("accounts/<int:account_id>/calls/order/", OrderCallList.as_view(), name="order-call-list"),
    path("call-lists/", CallListOrders.as_view(), name="call-list-orders"),
    path("call-lists/<int:order_id>/", CallListOrderPage.as_view(), name="call-list-order"),
    path("call-lists/<int:order_id>/job/", CallListJob.as_view(), name="call-list-job"),
    path("call-lists/<int:order_id>/file/", DownloadCallList.as_view(), name="download-call-list"),
    path("call-lists/<int:order_id>/retry/", RetryCallList.as_view(), name="retry-call-list"),
    path("traffic/", TrafficPage.as_view(), name="traffic"),
    path("key-accounts/", KeyAccounts.as_view(), name="key-accounts"),
    path("key-accounts/follow/", FollowKeyAccount.as_view(), name="follow-key-account"),
    path("key-accounts/<int:account_id>/", KeyAccountPage.as_view(), name="key-account"),
    path("stations/", PremiumStations.as_view(), name="premium-stations"),
    path("stations/new/", CreatePremiumStation.as_view(), name="create-premium-station"),
    path("stations/<int:station_id>/", PremiumStationPage.as_view(), name="premium-station"),
    path("stations/<int:station_id>/customers/", PremiumCustomers.as_view(), name="premium-customers"),
    path("stations/<int:station_id>/contact/", ChangePremiumContact.as_view(), name="change-premium-contact"),
    path("stations/<int:station_id>/end/", EndPremiumStation.as_view(), name="end-premium-station"),
    path("holds/", LegalHolds.as_view(), name="legal-holds"),
    path("holds/new/", PlaceLegalHold.as_view(), name="place-legal-hold"),
    path("holds/<int:hold_id>/lift/", LiftLegalHold.as_view(), name="lift-legal-hold"),
    path(_LINE, LineRecords.as_view(), name="line-records"),
    path(f"{_LINE}panel/", LineRecordsPanel.as_view(), name="line-records-panel"),
    path(f"{_LINE}<str:corrects>/", CorrectionRecords.as_view(), name="correction-records"),
    path(f"{_LINE}<str:corrects>/panel/", CorrectionRecordsPanel.as_view(), name="correction-records-panel"),
    path(
        "records/<int:subscription_id>/<int:moment>/<str:duplicate_key>/<int:revision>/",
        RecordPage.as_view(),
        name="record",
    ),
]
