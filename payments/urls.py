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
from payments.views.networks import (
    AddTerminalNetwork,
    ChangeTerminalNetwork,
    MakeNetworkKey,
    SettleNetworkAlarm,
    SwitchNetworkKey,
    TerminalNetworkList,
    TerminalNetworkPage,
    UnlockSender,
)
from payments.views.payments import PaymentList, PaymentPage
from payments.views.terminal import TerminalGateway

app_name = "payments"
urlpatterns = [
    path("", PaymentList.as_view(), name="payments"),
    path("<int:payment_id>/", PaymentPage.as_view(), name="payment"),
    path("gateway/<slug:network>/", TerminalGateway.as_view(), name="gateway"),
    path("networks/", TerminalNetworkList.as_view(), name="terminal-networks"),
    path("networks/add/", AddTerminalNetwork.as_view(), name="add-terminal-network"),
    path("networks/<int:network_id>/", TerminalNetworkPage.as_view(), name="terminal-network"),
    path("networks/<int:network_id>/change/", ChangeTerminalNetwork.as_view(), name="change-terminal-network"),
    path("networks/<int:network_id>/key/", MakeNetworkKey.as_view(), name="make-network-key"),
    path("networks/<int:network_id>/switch/", SwitchNetworkKey.as_view(), name="switch-network-key"),
    path("networks/senders/<int:sender_id>/unlock/", UnlockSender.as_view(), name="unlock-sender"),
    path("networks/alarms/<int:alarm_id>/settle/", SettleNetworkAlarm.as_view(), name="settle-network-alarm"),
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
]
