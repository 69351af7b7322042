"""
The rules of the house, and the acts that break them: what the report of operations out of the ordinary lists.

An act is listed because it takes back, gives away, goes past a check or opens what was closed; it may well be right.
Who adds such an act to the book of acts adds it here: a test reads the names of all acts.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from django.utils.translation import gettext_lazy as _

# A rule, and by the name of the act what breaks it.
_BROKEN: tuple[tuple[Any, Mapping[str, Any]], ...] = (
    (
        _("What is received is received."),
        {
            "payments.reverse_payment": _("A payment taken back"),
            "payments.reverse_receipt": _("A receipt taken back"),
            "payments.reverse_earlier_receipt": _("A receipt of an earlier session taken back"),
            "payments.bounce_cheque": _("A cheque bounced"),
            "payments.approve_refund": _("Money given back"),
        },
    ),
    (
        _("The cash in the till is what was taken."),
        {
            "payments.sign_till_session": _("A difference in a till signed"),
            "payments.force_close_till_session": _("A till closed for somebody else"),
            "payments.note_foreign_session": _("A form of somebody else's till session sent"),
        },
    ),
    (
        _("Money finds its owner by its number."),
        {
            "payments.give_suspense_payment": _("Money without an owner given to one"),
            "reconciliation.match_line": _("A line of the bank matched by hand"),
            "reconciliation.match_return": _("A return of the bank matched by hand"),
            "reconciliation.undo_match": _("A match of a line of the bank undone"),
            "reconciliation.dismiss_line": _("A line of the bank put away"),
        },
    ),
    (
        _("Statements of the bank follow on each other."),
        {
            "reconciliation.release_statement": _("A statement that does not fit booked all the same"),
            "reconciliation.discard_statement": _("A statement thrown away"),
        },
    ),
    (
        _("Both books say the same."),
        {
            "reconciliation.resolve_discrepancy": _("A difference with a terminal network corrected"),
            "reconciliation.approve_discrepancy": _("A large correction with a terminal network approved"),
            "reconciliation.correct_book_case": _("A difference with accounting corrected"),
        },
    ),
    (
        _("Senders prove who they are."),
        {
            "payments.note_conflict": _("A payment sent again with other figures"),
            "payments.unlock_sender": _("A locked sender let in again"),
        },
    ),
    (
        _("What is owed is paid."),
        {
            "payments.approve_bad_debt": _("A debt written off"),
            "payments.agree_instalment_plan": _("Payment by instalments agreed"),
        },
    ),
    (
        _("Who owes is reminded."),
        {
            "payments.exclude_from_dunning": _("An account left out of dunning"),
            "payments.stop_debit_retry": _("A direct debit not tried again"),
        },
    ),
    (
        _("A bill is right the first time."),
        {
            "invoicing.cancel_invoice": _("A bill taken back"),
            "invoicing.replace_invoice": _("A bill replaced"),
            "invoicing.approve_credit_note": _("A credit note approved"),
            "invoicing.undo_bill_run": _("A bill run taken back"),
            "invoicing.withdraw_charge": _("A charge withdrawn"),
            "rating.approve_rerating": _("Calls rated anew"),
            "rating.detach_usage_of_day": _("Calls of a day taken away"),
        },
    ),
    (
        _("A bill is within its bounds."),
        {
            "invoicing.accept_parked_account": _("A bill out of bounds let through"),
            "invoicing.start_bill_run": _("A bill run started past its checks"),
        },
    ),
    (
        _("What is used is billed."),
        {
            "invoicing.approve_held_write_off": _("Use given away"),
            "rating.approve_write_off": _("Lines of usage written off"),
        },
    ),
    (
        _("Only files whose totals agree are rated."),
        {
            "rating.release_file": _("A file let through"),
            "rating.explain_gap": _("A missing file explained away"),
        },
    ),
    (_("Only lines that are sound are rated."), {"rating.release_lines": _("Lines held back let through")}),
    (_("A closed month stays closed."), {"invoicing.approve_reopening": _("A month opened again")}),
    (_("Everybody pays the tax."), {"subscribers.approve_exemption": _("An exemption from tax")}),
    (_("Limits hold."), {"rating.lift_usage_limit": _("A limit of use lifted")}),
    (
        _("Numbers that were called stay masked."),
        {
            "rating.reveal_numbers": _("Numbers that were called shown whole"),
            "rating.show_whole_numbers": _("A call list with whole numbers shown"),
        },
    ),
)
# By the name of the act: what it is, and the rule that it breaks.
RULES: Mapping[str, tuple[Any, Any]] = {
    act: (words, rule)
    for rule, act, words in chain.from_iterable(((r, *one) for one in acts.items()) for r, acts in _BROKEN)
}
# What a word in the name of an act gives away; a test holds every act with one of them against the rules.
TELLING = frozenset(
    {
        "accept", "bounce", "cancel", "detach", "discard", "dismiss", "exclude", "explain", "force", "lift", "match",
        "off", "release", "reopening", "replace", "reveal", "reverse", "sign", "undo", "unlock", "withdraw",
    }
)  # fmt: skip
# Acts with such a word that break no rule: wishes that a second person decides about, and what ends by itself.
ORDINARY = frozenset(
    {
        "console.cancel_job",
        "documents.cancel_report",
        "invoicing.ask_reopening",
        "invoicing.ask_undo_bill_run",
        "invoicing.cancel_bill_run",
        "invoicing.decline_held_write_off",
        "invoicing.decline_reopening",
        "invoicing.discard_bill_text",
        "invoicing.explain_line",
        "invoicing.propose_held_write_off",
        "invoicing.withdraw_dispute",
        "invoicing.withdraw_period_step",
        "payments.cancel_debit_batch",
        "payments.release_debit_batch",
        "portal.sign_in",
        "portal.sign_out",
        "portal.unlock_portal_login",
        "rating.cancel_plan_preview",
        "rating.cancel_rerating",
        "rating.dismiss_fraud_hit",
        "rating.lift_legal_hold",
        "rating.propose_release",
        "rating.propose_write_off",
        "reconciliation.explain_discrepancy",
        "reconciliation.sign_off_day",
        "subscribers.discard_letter_text",
        "subscribers.dismiss_payer",
        "subscribers.release_number",
    }
)
