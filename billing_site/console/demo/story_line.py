"""The demo's steps in the order in which they happen."""

from collections.abc import Mapping, Sequence
from typing import Any

from billing_site.console.demo.account_rules import arrange_accounts
from billing_site.console.demo.bank_money import load_bank_statements
from billing_site.console.demo.bill_words import write_bill_words
from billing_site.console.demo.billing import calculate_bills, deliver_bills, post_bills, preview_bills
from billing_site.console.demo.books_agreed import agree_books
from billing_site.console.demo.catalogue import make_catalogue
from billing_site.console.demo.charges import add_charges
from billing_site.console.demo.customers import end_lines, make_accounts, make_lines
from billing_site.console.demo.debits import collect_debits
from billing_site.console.demo.debts import bill_debtors, dun_debtors, make_dunning_policy
from billing_site.console.demo.delivery import choose_ways, send_out
from billing_site.console.demo.letter_words import write_letter_words
from billing_site.console.demo.money_back import move_money
from billing_site.console.demo.money_in import (
    add_networks,
    check_day,
    take_payments,
    write_check_workbooks,
    write_registers,
)
from billing_site.console.demo.own_pages import open_own_pages
from billing_site.console.demo.periods import make_periods
from billing_site.console.demo.places import make_places, make_ranges
from billing_site.console.demo.promises import keep_promises, make_promises
from billing_site.console.demo.relations import keep_relations
from billing_site.console.demo.reporting import count_debt_ages, give_numbers_to_staff, report_figures
from billing_site.console.demo.scale import TODAY, Scale, moment
from billing_site.console.demo.steps import Step, Workforce
from billing_site.console.demo.supply import check_supply
from billing_site.console.demo.tills import open_tills
from billing_site.console.demo.usage import add_sources, load_files, rate_calls
from billing_site.console.demo.usage_files import write_usage_files
from billing_site.console.demo.wallets import open_wallets
from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.models import ServiceCentre, User
from subscribers.models import NumberRange, PhoneNumber


def steps_of(*, scale: Scale, workforce: Workforce) -> Sequence[Step]:
    """Return every step of the demo."""
    return (
        Step(key="places", title="Departments, service centres, staff", act=_places),
        Step(key="ranges", title="Number ranges", act=lambda: _ranges(scale)),
        Step(key="catalogue", title="Price lists", act=_catalogue),
        Step(key="accounts", title="Subscribers and accounts", act=lambda: make_accounts(scale)),
        Step(key="lines", title="Lines and numbers", act=_lines),
        Step(key="sources", title="Exchanges and the form of their files", act=add_sources),
        Step(key="files", title="Files of the exchanges", act=lambda: write_usage_files(scale)),
        Step(key="load", title="Files taken in", act=load_files),
        Step(key="rate", title="Calls rated", act=lambda: rate_calls(workforce, scale)),
        Step(key="preview", title="Preview of the bills", act=lambda: preview_bills(workforce)),
        Step(key="bills", title="Bill run: drafts", act=lambda: calculate_bills(workforce)),
        Step(key="post", title="Bill run: posted by the approver", act=lambda: post_bills(workforce)),
        Step(key="deliver", title="Bill run: papers", act=lambda: deliver_bills(workforce)),
        Step(key="ways", title="Bills sent and printed", act=lambda: send_out(workforce)),
        Step(key="networks", title="Networks of terminals", act=add_networks),
        Step(key="payments", title="Payments at terminals", act=take_payments),
        Step(key="registers", title="Registers of the networks", act=write_registers),
        Step(key="check", title="Daily check of the terminals", act=check_day),
        Step(key="wallets", title="Wallets with dialects of their own", act=open_wallets),
        Step(key="supply", title="Pieces and sales of the centres", act=check_supply),
        Step(key="banks", title="Statements of the banks", act=load_bank_statements),
        Step(key="debits", title="Direct debits and online payments", act=collect_debits),
        Step(key="periods", title="Accounting periods", act=make_periods),
        Step(key="workbooks", title="Workbooks of the check", act=_workbooks),
        Step(key="debtors", title="Bills of subscribers who do not pay", act=lambda: bill_debtors(workforce)),
        Step(key="dunning", title="Dunning", act=lambda: _dunning(workforce)),
        Step(key="tills", title="Tills of the service centres", act=open_tills),
        Step(key="books", title="Billing against accounting", act=agree_books),
    )


def show_today() -> None:
    """Let the clock of every process show the demo's today, unless it does."""
    if clock.today() != TODAY:
        move_clock(to=moment(TODAY, 11, 30))


def _catalogue() -> Mapping[str, Any]:
    made = make_catalogue()
    make_promises()
    make_dunning_policy()
    return made


def _lines() -> Mapping[str, Any]:
    made = make_lines()
    keep_promises()
    keep_relations()
    add_charges()
    open_own_pages()
    arrange_accounts()
    end_lines()
    write_bill_words()
    write_letter_words()
    choose_ways()
    give_numbers_to_staff()
    return made


def _dunning(workforce: Workforce) -> Mapping[str, Any]:
    made = dun_debtors(workforce)
    move_money()
    return {**made, **count_debt_ages(workforce)}


def _workbooks() -> Mapping[str, Any]:
    return {**write_check_workbooks(), **report_figures()}


def _places() -> Mapping[str, Any]:
    make_places()
    return {"centres": ServiceCentre.objects.count(), "staff": User.objects.count()}


def _ranges(scale: Scale) -> Mapping[str, Any]:
    make_ranges(numbers_a_range=scale.numbers_a_range)
    return {"ranges": NumberRange.objects.count(), "numbers": PhoneNumber.objects.count()}
