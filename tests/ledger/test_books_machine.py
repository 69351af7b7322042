"""Any history of posting, reversing, repeating and closing leaves the books equal to a dictionary."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from billing_site.ledger.balances import balances_of
from billing_site.ledger.closing import BooksClosedFurther, close_through
from billing_site.ledger.invariants import INVARIANTS
from billing_site.ledger.models import LedgerAccount, LedgerEntry
from billing_site.ledger.posting import (
    EntryAlreadyPosted,
    EntryAlreadyReversed,
    NewEntry,
    Pair,
    open_accounts,
    post_entry,
    reverse_entry,
)

FIRST = date(2026, 1, 1)
TODAY = date(2026, 3, 5)
days = st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n))
accounts = st.integers(0, 3)
pairs = st.tuples(accounts, accounts, st.integers(1, 1000)).filter(lambda pair: pair[0] != pair[1])


class Books(RuleBasedStateMachine):
    """The books beside a model of them: documents, balances, the closed day."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        codes = [f"SUB:{n}" for n in range(4)]
        opened = open_accounts(codes=codes, kind=LedgerAccount.Kind.SUBSCRIBER, currency="AMD")
        self.ids = [opened[code] for code in codes]
        self.balances: dict[int, int] = defaultdict(int)
        self.entries: dict[str, tuple[int, list[tuple[int, int, int]]]] = {}
        self.reversed: set[int] = set()
        self.closed = date(1999, 12, 31)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @rule(document=st.sampled_from("abcdefgh"), posted_on=days, wanted=st.lists(pairs, min_size=1, max_size=3))
    def post(self, document: str, posted_on: date, wanted: list[tuple[int, int, int]]) -> None:
        made = [Pair(debit_id=self.ids[d], credit_id=self.ids[c], amount_minor=amount) for d, c, amount in wanted]
        entry = NewEntry(
            source_type="T", source_id=document, posted_on=posted_on, actor="x", currency="AMD", pairs=made
        )
        try:
            with transaction.atomic():
                entry_id = post_entry(entry)
        except EntryAlreadyPosted:
            assert document in self.entries
        except IntegrityError:
            assert posted_on <= self.closed
        else:
            assert document not in self.entries
            assert posted_on > self.closed
            self.entries[document] = (entry_id, wanted)
            self._add(wanted, sign=1)

    @rule(document=st.sampled_from("abcdefgh"), posted_on=days)
    def reverse(self, document: str, posted_on: date) -> None:
        entry_id, wanted = self.entries.get(document, (0, []))
        try:
            with transaction.atomic():
                reverse_entry(entry_id=entry_id, posted_on=posted_on, actor="x", reason="y")
        except LedgerEntry.DoesNotExist:
            assert document not in self.entries
        except EntryAlreadyReversed:
            assert entry_id in self.reversed
        except DatabaseError:
            assert posted_on <= self.closed
        else:
            assert entry_id not in self.reversed
            self.reversed.add(entry_id)
            self._add(wanted, sign=-1)

    @rule(through=days)
    def close(self, through: date) -> None:
        try:
            close_through(through=through, today=TODAY)
        except BooksClosedFurther:
            assert through <= self.closed
        else:
            assert through > self.closed
            self.closed = through

    @invariant()
    def balances_are_the_models(self) -> None:
        kept = balances_of(self.ids)
        assert {pk: kept.get(pk, 0) for pk in self.ids} == {pk: self.balances[pk] for pk in self.ids}

    @invariant()
    def nothing_is_found(self) -> None:
        assert [finding for one in INVARIANTS for finding in one.findings()] == []

    def _add(self, wanted: list[tuple[int, int, int]], *, sign: int) -> None:
        for debit, credit, amount in wanted:
            self.balances[self.ids[debit]] += sign * amount
            self.balances[self.ids[credit]] -= sign * amount


@pytest.mark.django_db
def test_books_after_any_history_equal_the_model():
    quick = settings(
        max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(Books, settings=quick)
