"""Addresses of bills and bill runs."""

from django.urls import path

from invoicing.views.acts import CancelBillRun, PauseBillRun, PostBillRun, ResumeBillRun, StartBillRun
from invoicing.views.bill_runs import BillRunJob, BillRunList, BillRunPage, ParkedAccountList
from invoicing.views.deliveries import BillDeliveryList, MailEvents, NoteReturnedBill, ResendBill
from invoicing.views.invoice_lists import InvoiceList
from invoicing.views.invoices import ExplainLine, InvoicePage, InvoicePdf, LineSheet
from invoicing.views.periods import (
    ApproveReopening,
    AskReopening,
    AssignPeriodStep,
    ClosePeriod,
    CompletePeriodStep,
    DeclineReopening,
    OpenPeriod,
    PeriodList,
    PeriodPage,
    WithdrawPeriodStep,
)
from invoicing.views.print_batches import (
    HandOverPrintBatch,
    MakePrintBatch,
    PrintBatchFrom,
    PrintBatchList,
    PrintBatchPage,
    PrintBatchPdf,
    PrintBills,
    PrintManifest,
)

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
    path("invoices/", InvoiceList.as_view(), name="invoices"),
    path("invoices/<int:invoice_id>/", InvoicePage.as_view(), name="invoice"),
    path("invoices/<int:invoice_id>/pdf/", InvoicePdf.as_view(), name="invoice-pdf"),
    path("invoices/<int:invoice_id>/lines/<int:n>/", ExplainLine.as_view(), name="explain-line"),
    path("invoices/<int:invoice_id>/lines/<int:n>/sheet/", LineSheet.as_view(), name="line-sheet"),
    path("invoices/<int:invoice_id>/resend/", ResendBill.as_view(), name="resend-bill"),
    path("deliveries/", BillDeliveryList.as_view(), name="bill-deliveries"),
    path("deliveries/<int:delivery_id>/returned/", NoteReturnedBill.as_view(), name="note-returned-bill"),
    path("mail/events/", MailEvents.as_view(), name="mail-events"),
    path("runs/<int:run_id>/print/", PrintBills.as_view(), name="print-bills"),
    path("print/", PrintBatchList.as_view(), name="print-batches"),
    path("print/<int:batch_id>/", PrintBatchPage.as_view(), name="print-batch"),
    path("print/<int:batch_id>/make/", MakePrintBatch.as_view(), name="make-print-batch"),
    path("print/<int:batch_id>/pdf/", PrintBatchPdf.as_view(), name="print-batch-pdf"),
    path("print/<int:batch_id>/list/", PrintManifest.as_view(), name="print-manifest"),
    path("print/<int:batch_id>/hand-over/", HandOverPrintBatch.as_view(), name="hand-over-print-batch"),
    path("print/<int:batch_id>/again/", PrintBatchFrom.as_view(), name="print-batch-from"),
    path("periods/", PeriodList.as_view(), name="periods"),
    path("periods/open/", OpenPeriod.as_view(), name="open-period"),
    path("periods/<int:period_id>/", PeriodPage.as_view(), name="period"),
    path("periods/<int:period_id>/close/", ClosePeriod.as_view(), name="close-period"),
    path("periods/<int:period_id>/reopen/", AskReopening.as_view(), name="ask-reopening"),
    path("periods/reopenings/<int:reopening_id>/approve/", ApproveReopening.as_view(), name="approve-reopening"),
    path("periods/reopenings/<int:reopening_id>/decline/", DeclineReopening.as_view(), name="decline-reopening"),
    path("periods/steps/<int:step_id>/complete/", CompletePeriodStep.as_view(), name="complete-period-step"),
    path("periods/steps/<int:step_id>/withdraw/", WithdrawPeriodStep.as_view(), name="withdraw-period-step"),
    path("periods/steps/<int:step_id>/assign/", AssignPeriodStep.as_view(), name="assign-period-step"),
]
