import io
import json

import pytest
from django.core.management import CommandError, call_command

from billing_site.console.books import INVARIANTS, check_books, invariants_named, run_check
from billing_site.jobs.models import Job
from tests.factories.small_book import SmallBook, make_small_book
from tests.fixtures.databases import TestDatabase


@pytest.fixture(scope="module")
def book(fresh_database: TestDatabase) -> SmallBook:
    return make_small_book()


def test_check_books_of_a_clean_book_finds_nothing(book: SmallBook):
    assert check_books() == ()


def test_invariants_have_names_of_their_own():
    names = [invariant.name for invariant in INVARIANTS]

    assert sorted(set(names)) == sorted(names)


def test_invariants_named_by_app_are_those_of_the_app():
    assert {one.name.partition(".")[0] for one in invariants_named(["ledger"])} == {"ledger"}
    assert invariants_named([]) == INVARIANTS


def test_run_check_keeps_its_result_on_the_job(book: SmallBook):
    run_check(job_id=None, started_by="system")

    job = Job.objects.get(kind="console.check_books")
    assert (job.state, job.result) == ("DONE", {"checked": len(INVARIANTS), "findings": []})


def test_check_books_command_prints_an_object(book: SmallBook):
    out = io.StringIO()

    call_command("check_books", "--json", "--only", "ledger", stdout=out)

    assert json.loads(out.getvalue()) == {"checked": len(invariants_named(["ledger"])), "findings": []}


def test_check_books_command_with_an_unknown_name_says_the_known_ones():
    with pytest.raises(CommandError, match=r"ledger\.entries_balance") as refused:
        call_command("check_books", "--only", "nothing")

    assert refused.value.returncode == 2
