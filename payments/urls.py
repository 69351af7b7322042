"""Addresses of payments."""

from django.urls import path

from payments.views.bad_debts import (
    ApproveBadDebt,
    DebtAgeing,
    ProposeBadDebt,
    RejectBadDebt,
    WriteOffList,
    WriteOffPage,
)
from payments.views.commissions import CommissionList, CommissionRateList, EndCommissionRate, SetCommissionRate
from payments.views.deposits import DepositList, DepositPage, TakeDeposit, UseDeposit
from payments.views.dunning import (
    DebtorCallList,
    DunningActList,
    DunningBoard,
    DunningEstimate,
    DunningRunJob,
    DunningRunList,
    DunningRunPage,
    PromiseList,
    StartDunningRun,
)
from payments.views.dunning_accounts import DunningPanel, EndDunningExclusion, ExcludeFromDunning, PromisePayment
from payments.views.dunning_policies import (
    AddDunningStep,
    DraftDunningPolicy,
    DunningPolicyList,
    DunningPolicyPage,
    PublishDunningPolicy,
    RemoveDunningStep,
)
from payments.views.instalments import (
    AgreeInstalmentPlan,
    EndInstalmentPlan,
    InstalmentPlanList,
    InstalmentPlanPage,
)
from payments.views.payments import PaymentList, PaymentPage
from payments.views.refunds import (
    ApproveRefund,
    MoneyPanel,
    PayRefund,
    RefundList,
    RefundPage,
    RejectRefund,
    RequestRefund,
    ReturnDeposit,
)
from payments.views.suspense import GiveSuspensePayment, ReversePayment, SuspenseList
from payments.views.terminal import TerminalGateway
from payments.views.till import TakeTillPayment
from payments.views.till_receipts import (
    BounceCheque,
    ChequeList,
    CopyReceipt,
    ManyReversalsList,
    RetryFiscalReceipt,
    ReverseEarlierReceipt,
    ReverseReceipt,
    TillReceiptList,
    TillReceiptPage,
    TillReceiptPdf,
    WaitingReceipts,
)
from payments.views.till_sessions import (
    CountTillSession,
    ForceCloseTillSession,
    HandOverCash,
    OpenTillSession,
    SignTillSession,
    TillSessionList,
    TillSessionPage,
)
from payments.views.tills import ChangeTill, CreateTill, TillList

app_name = "payments"
urlpatterns = [
    path("", PaymentList.as_view(), name="payments"),
    path("<int:payment_id>/", PaymentPage.as_view(), name="payment"),
    path("<int:payment_id>/reverse/", ReversePayment.as_view(), name="reverse-payment"),
    path("suspense/", SuspenseList.as_view(), name="suspense"),
    path("suspense/<int:payment_id>/give/", GiveSuspensePayment.as_view(), name="give-suspense-payment"),
    path("accounts/<int:account_id>/money/", MoneyPanel.as_view(), name="money-panel"),
    path("accounts/<int:account_id>/refund/", RequestRefund.as_view(), name="request-refund"),
    path("accounts/<int:account_id>/deposit/", TakeDeposit.as_view(), name="take-deposit"),
    path("accounts/<int:account_id>/plan/", AgreeInstalmentPlan.as_view(), name="agree-instalment-plan"),
    path("refunds/", RefundList.as_view(), name="refunds"),
    path("refunds/<int:refund_id>/", RefundPage.as_view(), name="refund"),
    path("refunds/<int:refund_id>/approve/", ApproveRefund.as_view(), name="approve-refund"),
    path("refunds/<int:refund_id>/reject/", RejectRefund.as_view(), name="reject-refund"),
    path("refunds/<int:refund_id>/pay/", PayRefund.as_view(), name="pay-refund"),
    path("deposits/", DepositList.as_view(), name="deposits"),
    path("deposits/<int:deposit_id>/", DepositPage.as_view(), name="deposit"),
    path("deposits/<int:deposit_id>/use/", UseDeposit.as_view(), name="use-deposit"),
    path("deposits/<int:deposit_id>/return/", ReturnDeposit.as_view(), name="return-deposit"),
    path("plans/", InstalmentPlanList.as_view(), name="instalment-plans"),
    path("plans/<int:plan_id>/", InstalmentPlanPage.as_view(), name="instalment-plan"),
    path("plans/<int:plan_id>/end/", EndInstalmentPlan.as_view(), name="end-instalment-plan"),
    path("commissions/", CommissionList.as_view(), name="commissions"),
    path("commissions/rates/", CommissionRateList.as_view(), name="commission-rates"),
    path("commissions/rates/set/", SetCommissionRate.as_view(), name="set-commission-rate"),
    path("commissions/rates/<int:rate_id>/end/", EndCommissionRate.as_view(), name="end-commission-rate"),
    path("gateway/<slug:network>/", TerminalGateway.as_view(), name="gateway"),
    path("dunning/", DunningBoard.as_view(), name="dunning"),
    path("dunning/debts/", DunningActList.as_view(), name="dunning-acts"),
    path("dunning/promises/", PromiseList.as_view(), name="payment-promises"),
    path("dunning/calls/", DebtorCallList.as_view(), name="debtor-calls"),
    path("dunning/estimate/", DunningEstimate.as_view(), name="dunning-estimate"),
    path("dunning/runs/", DunningRunList.as_view(), name="dunning-runs"),
    path("dunning/runs/start/", StartDunningRun.as_view(), name="start-dunning-run"),
    path("dunning/runs/<int:run_id>/", DunningRunPage.as_view(), name="dunning-run"),
    path("dunning/runs/<int:run_id>/job/", DunningRunJob.as_view(), name="dunning-run-job"),
    path("dunning/runs/<int:run_id>/steps/", DunningActList.as_view(), name="dunning-run-acts"),
    path("dunning/policies/", DunningPolicyList.as_view(), name="dunning-policies"),
    path("dunning/policies/draft/", DraftDunningPolicy.as_view(), name="draft-dunning-policy"),
    path("dunning/policies/<int:policy_id>/", DunningPolicyPage.as_view(), name="dunning-policy"),
    path("dunning/policies/<int:policy_id>/steps/add/", AddDunningStep.as_view(), name="add-dunning-step"),
    path("dunning/policies/<int:policy_id>/publish/", PublishDunningPolicy.as_view(), name="publish-dunning-policy"),
    path("dunning/steps/<int:step_id>/remove/", RemoveDunningStep.as_view(), name="remove-dunning-step"),
    path("dunning/accounts/<int:account_id>/", DunningPanel.as_view(), name="dunning-panel"),
    path("dunning/accounts/<int:account_id>/promise/", PromisePayment.as_view(), name="promise-payment"),
    path("dunning/accounts/<int:account_id>/exclude/", ExcludeFromDunning.as_view(), name="exclude-from-dunning"),
    path("dunning/exclusions/<int:exclusion_id>/end/", EndDunningExclusion.as_view(), name="end-dunning-exclusion"),
    path("debts/", DebtAgeing.as_view(), name="debt-ageing"),
    path("bad-debts/", WriteOffList.as_view(), name="write-offs"),
    path("bad-debts/propose/", ProposeBadDebt.as_view(), name="propose-bad-debt"),
    path("bad-debts/<int:write_off_id>/", WriteOffPage.as_view(), name="write-off"),
    path("bad-debts/<int:write_off_id>/approve/", ApproveBadDebt.as_view(), name="approve-bad-debt"),
    path("bad-debts/<int:write_off_id>/reject/", RejectBadDebt.as_view(), name="reject-bad-debt"),
    path("till/", TakeTillPayment.as_view(), name="take-till-payment"),
    path("till/open/", OpenTillSession.as_view(), name="open-till-session"),
    path("till/sessions/", TillSessionList.as_view(), name="till-sessions"),
    path("till/sessions/<int:session_id>/", TillSessionPage.as_view(), name="till-session"),
    path("till/sessions/<int:session_id>/count/", CountTillSession.as_view(), name="count-till-session"),
    path("till/sessions/<int:session_id>/close/", ForceCloseTillSession.as_view(), name="force-close-till-session"),
    path("till/sessions/<int:session_id>/sign/", SignTillSession.as_view(), name="sign-till-session"),
    path("till/sessions/<int:session_id>/hand-over/", HandOverCash.as_view(), name="hand-over-cash"),
    path("till/receipts/", TillReceiptList.as_view(), name="till-receipts"),
    path("till/receipts/<int:receipt_id>/", TillReceiptPage.as_view(), name="till-receipt"),
    path("till/receipts/<int:receipt_id>/pdf/", TillReceiptPdf.as_view(), name="till-receipt-pdf"),
    path("till/receipts/<int:receipt_id>/copy/", CopyReceipt.as_view(), name="copy-receipt"),
    path("till/receipts/<int:receipt_id>/reverse/", ReverseReceipt.as_view(), name="reverse-receipt"),
    path(
        "till/receipts/<int:receipt_id>/reverse-earlier/",
        ReverseEarlierReceipt.as_view(),
        name="reverse-earlier-receipt",
    ),
    path("till/cheques/", ChequeList.as_view(), name="cheques"),
    path("till/cheques/<int:part_id>/bounce/", BounceCheque.as_view(), name="bounce-cheque"),
    path("till/waiting/", WaitingReceipts.as_view(), name="waiting-receipts"),
    path("till/waiting/<int:receipt_id>/ask/", RetryFiscalReceipt.as_view(), name="retry-fiscal-receipt"),
    path("till/reversals/", ManyReversalsList.as_view(), name="many-reversals"),
    path("tills/", TillList.as_view(), name="tills"),
    path("tills/create/", CreateTill.as_view(), name="create-till"),
    path("tills/<int:till_id>/change/", ChangeTill.as_view(), name="change-till"),
]
