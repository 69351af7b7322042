"""Addresses of reconciliation."""

from django.urls import path

import billing_site.web.converters  # noqa: F401 - gives addresses their <day:...>
from reconciliation.views.accounting_classes import (
    AccountingClassList,
    AccountingMapList,
    BookCauseList,
    SetAccountingClass,
    SetAccountingMap,
    SetBookCause,
)
from reconciliation.views.accounting_files import AccountingFileList, AccountingFilePage, LoadAccountingFile
from reconciliation.views.book_cases import (
    AssignBookCase,
    BookCaseList,
    BookCasePage,
    ConfirmBookCase,
    CorrectBookCase,
    ReturnBookCase,
)
from reconciliation.views.book_comparisons import (
    BookAccountPage,
    BookComparisonList,
    BookComparisonPage,
    BookDifferenceList,
    CompareBooks,
)
from reconciliation.views.book_jobs import BookJobPage, BookJobPanel
from reconciliation.views.discrepancies import (
    ApproveDiscrepancy,
    AssignDiscrepancy,
    DeclineDiscrepancy,
    DiscrepancyList,
    DiscrepancyPage,
    ExplainDiscrepancy,
    ResolveDiscrepancy,
)
from reconciliation.views.matching import (
    AskColleague,
    DismissLine,
    MatchLine,
    MatchReturn,
    OpenLineList,
    ParkLine,
    StatementLinePage,
    UndoMatch,
)
from reconciliation.views.register_maps import RegisterMapList, SetRegisterMap
from reconciliation.views.revenue_transfers import (
    PrepareRevenueTransfer,
    RevenueExchangeFields,
    RevenueTransferBills,
    RevenueTransferCsv,
    RevenueTransferExchange,
    RevenueTransferList,
    RevenueTransferPage,
    SendRevenueTransfer,
)
from reconciliation.views.statements import (
    AddBankAccount,
    BankAccountList,
    ChangeBankAccount,
    DiscardStatement,
    LoadStatement,
    ReleaseStatement,
    StatementJob,
    StatementList,
    StatementPage,
)
from reconciliation.views.supply import (
    AddSupplyItem,
    LoadSupplySheet,
    SalesDay,
    SalesFaults,
    SetSupplyPrice,
    SupplyDay,
    SupplyItemList,
    SupplyNumbers,
)
from reconciliation.views.terminal_checks import (
    CheckTerminals,
    LoadRegister,
    SignOffDay,
    TerminalCheckList,
    TerminalCheckPage,
)
from reconciliation.views.terminal_payments import TerminalPaymentList
from reconciliation.views.transfer_answers import NoteTransferAnswer

app_name = "reconciliation"
_LINE = "statement-lines/<int:line_id>/"
_BOOKS = "books/<int:comparison_id>/"
_BOOK_CASE = "book-cases/<int:case_id>/"
_TRANSFER = "revenue-transfers/<int:transfer_id>/"
_DAY = "terminal-checks/<slug:network_code>/<day:day>/"
_CASE = "differences/<int:discrepancy_id>/"
book_patterns = [
    path("accounting/files/", AccountingFileList.as_view(), name="accounting-files"),
    path("accounting/files/load/", LoadAccountingFile.as_view(), name="load-accounting-file"),
    path("accounting/files/<int:file_id>/", AccountingFilePage.as_view(), name="accounting-file"),
    path("accounting/classes/", AccountingClassList.as_view(), name="accounting-classes"),
    path("accounting/classes/set/", SetAccountingClass.as_view(), name="set-accounting-class"),
    path("accounting/maps/", AccountingMapList.as_view(), name="accounting-maps"),
    path("accounting/maps/set/", SetAccountingMap.as_view(), name="set-accounting-map"),
    path("accounting/causes/", BookCauseList.as_view(), name="book-causes"),
    path("accounting/causes/set/", SetBookCause.as_view(), name="set-book-cause"),
    path("books/", BookComparisonList.as_view(), name="book-comparisons"),
    path("books/compare/", CompareBooks.as_view(), name="compare-books"),
    path("books/jobs/<int:job_id>/", BookJobPage.as_view(), name="book-job"),
    path("books/jobs/<int:job_id>/panel/", BookJobPanel.as_view(), name="book-job-panel"),
    path(_BOOKS, BookComparisonPage.as_view(), name="book-comparison"),
    path(f"{_BOOKS}classes/<str:class_code>/", BookDifferenceList.as_view(), name="book-differences"),
    path(f"{_BOOKS}accounts/<str:account_number>/", BookAccountPage.as_view(), name="book-account"),
    path("book-cases/", BookCaseList.as_view(), name="book-cases"),
    path(_BOOK_CASE, BookCasePage.as_view(), name="book-case"),
    path(f"{_BOOK_CASE}assign/", AssignBookCase.as_view(), name="assign-book-case"),
    path(f"{_BOOK_CASE}correct/", CorrectBookCase.as_view(), name="correct-book-case"),
    path(f"{_BOOK_CASE}confirm/", ConfirmBookCase.as_view(), name="confirm-book-case"),
    path(f"{_BOOK_CASE}return/", ReturnBookCase.as_view(), name="return-book-case"),
    path("revenue-transfers/", RevenueTransferList.as_view(), name="revenue-transfers"),
    path("revenue-transfers/prepare/", PrepareRevenueTransfer.as_view(), name="prepare-revenue-transfer"),
    path("revenue-transfers/fields/", RevenueExchangeFields.as_view(), name="revenue-exchange-fields"),
    path(_TRANSFER, RevenueTransferPage.as_view(), name="revenue-transfer"),
    path(f"{_TRANSFER}lines/<int:n>/", RevenueTransferBills.as_view(), name="revenue-transfer-bills"),
    path(f"{_TRANSFER}send/", SendRevenueTransfer.as_view(), name="send-revenue-transfer"),
    path(f"{_TRANSFER}answer/", NoteTransferAnswer.as_view(), name="note-transfer-answer"),
    path(f"{_TRANSFER}exchange/", RevenueTransferExchange.as_view(), name="revenue-transfer-exchange"),
    path(f"{_TRANSFER}csv/", RevenueTransferCsv.as_view(), name="revenue-transfer-csv"),
]
urlpatterns = [
    *book_patterns,
    path("terminal-checks/", TerminalCheckList.as_view(), name="terminal-checks"),
    path("terminal-checks/load/", LoadRegister.as_view(), name="load-register"),
    path(_DAY, TerminalCheckPage.as_view(), name="terminal-check"),
    path(f"{_DAY}check/", CheckTerminals.as_view(), name="check-terminals"),
    path(f"{_DAY}sign-off/", SignOffDay.as_view(), name="sign-off-day"),
    path("terminal-payments/", TerminalPaymentList.as_view(), name="terminal-payments"),
    path("register-maps/", RegisterMapList.as_view(), name="register-maps"),
    path("register-maps/<slug:network_code>/", SetRegisterMap.as_view(), name="set-register-map"),
    path("differences/", DiscrepancyList.as_view(), name="discrepancies"),
    path(_CASE, DiscrepancyPage.as_view(), name="discrepancy"),
    path(f"{_CASE}explain/", ExplainDiscrepancy.as_view(), name="explain-discrepancy"),
    path(f"{_CASE}assign/", AssignDiscrepancy.as_view(), name="assign-discrepancy"),
    path(f"{_CASE}resolve/", ResolveDiscrepancy.as_view(), name="resolve-discrepancy"),
    path(f"{_CASE}approve/", ApproveDiscrepancy.as_view(), name="approve-discrepancy"),
    path(f"{_CASE}decline/", DeclineDiscrepancy.as_view(), name="decline-discrepancy"),
    path("supply/", SupplyDay.as_view(), name="supply-day"),
    path("supply/numbers/", SupplyNumbers.as_view(), name="supply-numbers"),
    path("supply/load/", LoadSupplySheet.as_view(), name="load-supply-sheet"),
    path("supply/items/", SupplyItemList.as_view(), name="supply-items"),
    path("supply/items/add/", AddSupplyItem.as_view(), name="add-supply-item"),
    path("supply/items/<int:item_id>/price/", SetSupplyPrice.as_view(), name="set-supply-price"),
    path("sales/", SalesDay.as_view(), name="sales-day"),
    path("sales/faults/", SalesFaults.as_view(), name="sales-faults"),
    path("bank-accounts/", BankAccountList.as_view(), name="bank-accounts"),
    path("bank-accounts/add/", AddBankAccount.as_view(), name="add-bank-account"),
    path("bank-accounts/<int:bank_account_id>/change/", ChangeBankAccount.as_view(), name="change-bank-account"),
    path("statements/", StatementList.as_view(), name="statements"),
    path("statements/load/", LoadStatement.as_view(), name="load-statement"),
    path("statements/<int:statement_id>/", StatementPage.as_view(), name="statement"),
    path("statements/<int:statement_id>/job/", StatementJob.as_view(), name="statement-job"),
    path("statements/<int:statement_id>/release/", ReleaseStatement.as_view(), name="release-statement"),
    path("statements/<int:statement_id>/discard/", DiscardStatement.as_view(), name="discard-statement"),
    path("statement-lines/", OpenLineList.as_view(), name="open-lines"),
    path(_LINE, StatementLinePage.as_view(), name="statement-line"),
    path(f"{_LINE}match/", MatchLine.as_view(), name="match-line"),
    path(f"{_LINE}undo/", UndoMatch.as_view(), name="undo-match"),
    path(f"{_LINE}park/", ParkLine.as_view(), name="park-line"),
    path(f"{_LINE}ask/", AskColleague.as_view(), name="ask-colleague"),
    path(f"{_LINE}dismiss/", DismissLine.as_view(), name="dismiss-line"),
    path(f"{_LINE}return/", MatchReturn.as_view(), name="match-return"),
]
