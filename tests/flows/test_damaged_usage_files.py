"""Files damaged at random, and one file sent many times at once: nothing is lost, nothing counts twice."""

import gzip
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from billing_site.identity.roles import Role
from rating.models import RatedUsage, UsageFile
from rating.operations.arriving_bytes import ArchiveRefused
from rating.operations.file_balance import WrongSource
from rating.operations.usage_files import FileAlreadyKnown, release_file
from rating.queries.held_files import explain_held
from tests.factories.identity import make_staff
from tests.factories.intake import (
    CALLED,
    GOOD,
    NUMBER,
    TRAILER,
    declared,
    load,
    prove_nothing_lost,
    rated,
    text_of,
)
from tests.factories.rating import ARRIVED_AT, make_source, rate_all

pytestmark = pytest.mark.usefixtures("files_root")


# --- a good file, damaged at random ---

MUTANTS = 300


HEAD = {"begins_with": "H", "source_field": 1}


@pytest.fixture
def sources(line):
    """Two sources with head and trailer: the trailer of the first knows seconds too, that of the second lines only."""
    counting = {"begins_with": "T", "count_field": 1}
    return [
        make_source(code=code, column_map=declared(trailer=trailer, head=HEAD), breaker_percent=100)
        for code, trailer in (("X07", TRAILER), ("X08", counting))
    ]


def good_file(code):
    """A file with everything that a file may have: a head, calls, a repeated line, a bad one, a trailer."""
    start = datetime(2026, 3, 5, 6, tzinfo=UTC).replace(tzinfo=None)
    calls = [f"{NUMBER},{CALLED},{start + timedelta(minutes=n)},{n * 7 % 90}" for n in range(24)]
    lines = [*calls, calls[3], "1,2,3"]
    seconds = sum(int(call.rsplit(",", 1)[1]) for call in [*calls, calls[3]])
    return [f"H,{code}", *lines, f"T,{len(lines)},{seconds}"]


def drop(lines, at, _):
    del lines[at]


def double(lines, at, _):
    lines.insert(at, lines[at])


def cut(lines, at, chance):
    lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]


def swap(lines, at, _):
    lines[at], lines[1] = lines[1], lines[at]


def spoil_trailer(lines, _, chance):
    lines[-1] = f"T,{chance.randrange(40)},{chance.choice((1029, 1050, 0))}"


def append(lines, at, chance):
    lines[at] += chance.choice(("\r", "\x00", "\x1a", ",", '"', "é", "\n"))


DAMAGES = (drop, double, cut, swap, spoil_trailer, append)


def mutated(code, chance):
    """Return a file's bytes after some damages; half of the trailers count the lines that are there then."""
    lines = good_file(code)
    for _ in range(chance.randint(0, 3)):
        chance.choice(DAMAGES)(lines, chance.randrange(len(lines)), chance)
    if chance.random() < 0.5:
        lines[-1] = f"T,{len(lines) - 2},{lines[-1].rsplit(',', 1)[-1]}"
    raw = bytearray("\n".join(lines).encode() + chance.choice((b"\n", b"\n", b"\n", b"", b"\n\x1a", b"\n\n")))
    for _ in range(chance.choice((0, 0, 1, 2, 5))):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw[: chance.randrange(len(raw)) if chance.random() < 0.1 else None])


def load_mutants(sources, *, count, seed):
    """Load so many mutants; return the codes of those that were refused."""
    chance = random.Random(seed)
    refused: Counter[str] = Counter()
    for number in range(count):
        source = sources[number % 2]
        try:
            load(source, mutated(source.code, chance), name=f"mutant-{number}.csv")
        except (FileAlreadyKnown, WrongSource, ArchiveRefused) as refusal:
            refused[refusal.code] += 1
    return refused


def test_mutated_files_end_closed_and_equal_or_held_with_reason(sources):
    """Proves 000-08: 300 damaged files in one run; of none a line or a second is lost, no call counts twice."""
    ends = load_mutants(sources, count=MUTANTS, seed=8)
    rate_all()
    for file in UsageFile.objects.all():
        ends[file.held_reason or file.state] += 1
        if file.state == "HELD":
            assert file.name in str(explain_held(file))
            continue
        prove_nothing_lost(file)
        assert file.trailer_count == file.line_count
        assert file.trailer_seconds in {None, file.total_seconds}
    assert ends.total() == MUTANTS
    assert ends["DOES_NOT_ADD_UP"] == 0
    assert min(ends["CLOSED"], ends["TRAILER_DIFFERS"], ends["INCOMPLETE"]) > 20, ends
    assert min(ends["NO_TRAILER"], ends["HEADER_UNREADABLE"]) > 0, ends
    calls = list(RatedUsage.objects.values_list("start_at", "called", "duration_seconds"))
    assert len(calls) == len(set(calls)) > 24


def test_mutated_files_released_still_account_for_every_line(sources):
    """What a person lets through in spite of its reason loses nothing either."""
    load_mutants(sources, count=60, seed=9)
    approver = make_staff(Role.TARIFF_APPROVER)
    held = list(UsageFile.objects.filter(state="HELD"))
    files = [release_file(file_id=f.pk, reason="let it through", released_at=ARRIVED_AT, actor=approver) for f in held]
    assert len(files) > 20
    rated(*files)


# --- sixteen at once ---


def test_same_bytes_loaded_by_sixteen_at_once_are_taken_once(fresh_database, settings):
    """Proves 000-10: one is taken, fifteen are told as what; packed or plain, under any name, from either source."""
    sources = [make_source(), make_source(code="X08")]
    content = text_of(GOOD).encode()
    gate = threading.Barrier(16)

    def send(number):
        gate.wait(timeout=30)
        try:
            packed = gzip.compress(content) if number % 2 else content
            file = load(sources[number % 4 // 2], packed, name=f"calls-{number}.csv")
        except FileAlreadyKnown as refusal:
            return refusal.context["name"]
        finally:
            connections.close_all()
        return file

    with ThreadPoolExecutor(max_workers=16) as pool:
        ends = list(pool.map(send, range(16)))

    taken = UsageFile.objects.get()
    assert [end for end in ends if isinstance(end, UsageFile)] == [taken]
    assert Counter(end for end in ends if isinstance(end, str)) == {taken.name: 15}
