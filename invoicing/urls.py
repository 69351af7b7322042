"""Addresses of bills and bill runs."""

from django.urls import path

from invoicing.views.acts import CancelBillRun, PauseBillRun, PostBillRun, ResumeBillRun, StartBillRun
from invoicing.views.bill_runs import BillRunJob, BillRunList, BillRunPage, ParkedAccountList
from invoicing.views.charges import (
    AddCharge,
    ApproveCharge,
    ChargeList,
    ChargePage,
    ChargesPanel,
    LoadCharges,
    WithdrawCharge,
)
from invoicing.views.invoice_lists import InvoiceList
from invoicing.views.invoices import ExplainLine, InvoicePage, InvoicePdf, LineSheet
from invoicing.views.provider_dues import ProviderDueList

app_name = "invoicing"
urlpatterns = [
    path("runs/", BillRunList.as_view(), name="bill-runs"),
    path("runs/start/", StartBillRun.as_view(), name="start-bill-run"),
    path("runs/<int:run_id>/", BillRunPage.as_view(), name="bill-run"),
    path("runs/<int:run_id>/job/", BillRunJob.as_view(), name="bill-run-job"),
    path("runs/<int:run_id>/set-aside/", ParkedAccountList.as_view(), name="parked-accounts"),
    path("runs/<int:run_id>/post/", PostBillRun.as_view(), name="post-bill-run"),
    path("runs/<int:run_id>/cancel/", CancelBillRun.as_view(), name="cancel-bill-run"),
    path("runs/<int:run_id>/pause/", PauseBillRun.as_view(), name="pause-bill-run"),
    path("runs/<int:run_id>/resume/", ResumeBillRun.as_view(), name="resume-bill-run"),
    path("provider-dues/", ProviderDueList.as_view(), name="provider-dues"),
    path("invoices/", InvoiceList.as_view(), name="invoices"),
    path("invoices/<int:invoice_id>/", InvoicePage.as_view(), name="invoice"),
    path("invoices/<int:invoice_id>/pdf/", InvoicePdf.as_view(), name="invoice-pdf"),
    path("invoices/<int:invoice_id>/lines/<int:n>/", ExplainLine.as_view(), name="explain-line"),
    path("invoices/<int:invoice_id>/lines/<int:n>/sheet/", LineSheet.as_view(), name="line-sheet"),
    path("charges/", ChargeList.as_view(), name="charges"),
    path("charges/load/", LoadCharges.as_view(), name="load-charges"),
    path("charges/<int:charge_id>/", ChargePage.as_view(), name="charge"),
    path("charges/<int:charge_id>/approve/", ApproveCharge.as_view(), name="approve-charge"),
    path("charges/<int:charge_id>/withdraw/", WithdrawCharge.as_view(), name="withdraw-charge"),
    path("accounts/<int:account_id>/charges/", ChargesPanel.as_view(), name="charges-panel"),
    path("accounts/<int:account_id>/charges/add/", AddCharge.as_view(), name="add-charge"),
]
