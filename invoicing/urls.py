"""Addresses of bills and bill runs."""

from django.urls import path

from invoicing.views.acts import CancelBillRun, CatchUpBillRun, PauseBillRun, PostBillRun, ResumeBillRun, StartBillRun
from invoicing.views.bill_bounds import BillBoundList, SetBillBound
from invoicing.views.bill_run_previews import (
    BillRunPreviewJob,
    BillRunPreviewList,
    BillRunPreviewPage,
    CancelBillRunPreview,
    PreviewBillPdf,
    PreviewBillRun,
)
from invoicing.views.bill_run_undo import AskUndoBillRun, UndoBillRun
from invoicing.views.bill_runs import BillRunJob, BillRunList, BillRunPage
from invoicing.views.charges import (
    AddCharge,
    ApproveCharge,
    ChargeList,
    ChargePage,
    ChargesPanel,
    LoadCharges,
    RelocateSubscription,
    WithdrawCharge,
)
from invoicing.views.credit_notes import (
    ApproveCreditNote,
    CancelInvoice,
    CreditNoteList,
    CreditNotePage,
    CreditNotePdf,
    DeclineCreditNote,
    LetterList,
    ProposeCreditNote,
    ReplaceInvoice,
)
from invoicing.views.deliveries import BillDeliveryList, MailEvents, NoteReturnedBill, ResendBill
from invoicing.views.disputes import (
    AnswerDispute,
    DisputeList,
    DisputePage,
    OpenDispute,
    OpenLineDispute,
    OverdueDisputeList,
)
from invoicing.views.final_bills import CloseAccount, DraftFinalBillPdf, FinalBillPage, MakeFinalBill
from invoicing.views.held_usage import HeldUsageList
from invoicing.views.invoice_lists import InvoiceList
from invoicing.views.invoices import ExplainLine, InvoicePage, InvoicePdf, LineSheet
from invoicing.views.parked_accounts import (
    AcceptParkedAccount,
    ParkedAccountList,
    ParkedAccountPdf,
    RecalculateParkedAccount,
)
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
    path("runs/bounds/", BillBoundList.as_view(), name="bill-bounds"),
    path("runs/bounds/<str:category>/", SetBillBound.as_view(), name="set-bill-bound"),
    path("runs/preview/", PreviewBillRun.as_view(), name="preview-bill-run"),
    path("runs/previews/", BillRunPreviewList.as_view(), name="bill-run-previews"),
    path("runs/previews/<int:preview_id>/", BillRunPreviewPage.as_view(), name="bill-run-preview"),
    path("runs/previews/<int:preview_id>/job/", BillRunPreviewJob.as_view(), name="bill-run-preview-job"),
    path("runs/previews/<int:preview_id>/cancel/", CancelBillRunPreview.as_view(), name="cancel-bill-run-preview"),
    path(
        "runs/previews/<int:preview_id>/accounts/<int:account_id>/pdf/",
        PreviewBillPdf.as_view(),
        name="preview-bill-pdf",
    ),
    path("runs/<int:run_id>/", BillRunPage.as_view(), name="bill-run"),
    path("runs/<int:run_id>/job/", BillRunJob.as_view(), name="bill-run-job"),
    path("runs/<int:run_id>/set-aside/", ParkedAccountList.as_view(), name="parked-accounts"),
    path(
        "runs/<int:run_id>/set-aside/<int:account_id>/accept/",
        AcceptParkedAccount.as_view(),
        name="accept-parked-account",
    ),
    path(
        "runs/<int:run_id>/set-aside/<int:account_id>/recalculate/",
        RecalculateParkedAccount.as_view(),
        name="recalculate-parked-account",
    ),
    path("runs/<int:run_id>/set-aside/<int:account_id>/pdf/", ParkedAccountPdf.as_view(), name="parked-account-pdf"),
    path("runs/<int:run_id>/undo/ask/", AskUndoBillRun.as_view(), name="ask-undo-bill-run"),
    path("runs/<int:run_id>/undo/", UndoBillRun.as_view(), name="undo-bill-run"),
    path("runs/<int:run_id>/catch-up/", CatchUpBillRun.as_view(), name="catch-up-bill-run"),
    path("runs/<int:run_id>/post/", PostBillRun.as_view(), name="post-bill-run"),
    path("runs/<int:run_id>/cancel/", CancelBillRun.as_view(), name="cancel-bill-run"),
    path("runs/<int:run_id>/pause/", PauseBillRun.as_view(), name="pause-bill-run"),
    path("runs/<int:run_id>/resume/", ResumeBillRun.as_view(), name="resume-bill-run"),
    path("accounts/<int:account_id>/final/", FinalBillPage.as_view(), name="final-bill"),
    path("accounts/<int:account_id>/final/make/", MakeFinalBill.as_view(), name="make-final-bill"),
    path("accounts/<int:account_id>/final/pdf/", DraftFinalBillPdf.as_view(), name="draft-final-bill-pdf"),
    path("accounts/<int:account_id>/close/", CloseAccount.as_view(), name="close-account"),
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
    path("charges/", ChargeList.as_view(), name="charges"),
    path("charges/load/", LoadCharges.as_view(), name="load-charges"),
    path("charges/<int:charge_id>/", ChargePage.as_view(), name="charge"),
    path("charges/<int:charge_id>/approve/", ApproveCharge.as_view(), name="approve-charge"),
    path("charges/<int:charge_id>/withdraw/", WithdrawCharge.as_view(), name="withdraw-charge"),
    path("accounts/<int:account_id>/charges/", ChargesPanel.as_view(), name="charges-panel"),
    path("accounts/<int:account_id>/charges/add/", AddCharge.as_view(), name="add-charge"),
    path("accounts/<int:account_id>/relocate/", RelocateSubscription.as_view(), name="relocate-subscription"),
    path("invoices/<int:invoice_id>/dispute/", OpenDispute.as_view(), name="open-dispute"),
    path("invoices/<int:invoice_id>/lines/<int:n>/dispute/", OpenLineDispute.as_view(), name="open-line-dispute"),
    path("invoices/<int:invoice_id>/correct/", ProposeCreditNote.as_view(), name="propose-credit-note"),
    path("invoices/<int:invoice_id>/cancel/", CancelInvoice.as_view(), name="cancel-invoice"),
    path("invoices/<int:invoice_id>/replace/", ReplaceInvoice.as_view(), name="replace-invoice"),
    path("credit-notes/", CreditNoteList.as_view(), name="credit-notes"),
    path("credit-notes/<int:credit_note_id>/", CreditNotePage.as_view(), name="credit-note"),
    path("credit-notes/<int:credit_note_id>/pdf/", CreditNotePdf.as_view(), name="credit-note-pdf"),
    path("credit-notes/<int:credit_note_id>/approve/", ApproveCreditNote.as_view(), name="approve-credit-note"),
    path("credit-notes/<int:credit_note_id>/decline/", DeclineCreditNote.as_view(), name="decline-credit-note"),
    path("held-usage/", HeldUsageList.as_view(), name="held-usage"),
    path("letters/", LetterList.as_view(), name="letters"),
    path("disputes/", DisputeList.as_view(), name="disputes"),
    path("disputes/overdue/", OverdueDisputeList.as_view(), name="overdue-disputes"),
    path("disputes/<int:dispute_id>/", DisputePage.as_view(), name="dispute"),
    path("disputes/<int:dispute_id>/answer/", AnswerDispute.as_view(), name="answer-dispute"),
]
