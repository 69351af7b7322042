"""What every worker of a run looks things up in is read once, by all of them together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import polars as pl
import pytest

from rating.engine.reference import _Span
from rating.engine.shared_tables import read_shared
from rating.engine.spool_files import SpoolFolder

SECONDS = 30
WHOLE = {"piece": [0, 1], "name": ["0", "1"]}


@pytest.fixture
def folder(settings, tmp_path):
    """The folder of a run."""
    settings.SALDO_FILES_ROOT = str(tmp_path)
    return SpoolFolder(7)


def _rows(piece):
    return pl.DataFrame({"piece": [piece], "name": [str(piece)]})


def test_each_piece_is_read_by_one_worker(folder):
    """Who finds a piece under work does the next one, and takes the first from its file: nobody reads it twice."""
    is_begun, is_other_done, read = Event(), Event(), []

    def slow():
        is_begun.set()
        read.append(0)
        assert is_other_done.wait(SECONDS)
        return _rows(0)

    def quick():
        read.append(1)
        is_other_done.set()
        return _rows(1)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(read_shared, folder, "t", [slow, quick])
        assert is_begun.wait(SECONDS)
        second = pool.submit(read_shared, folder, "t", [slow, quick])
        tables = [first.result(SECONDS), second.result(SECONDS)]
    assert [table.to_dict(as_series=False) for table in tables] == [WHOLE, WHOLE]
    assert read == [0, 1]


def test_piece_of_a_worker_that_failed_is_read_by_the_next(folder):
    """Nothing stays locked, and nothing half read is found."""

    def broken():
        raise ConnectionError

    with pytest.raises(ConnectionError):
        read_shared(folder, "t", [broken, lambda: _rows(1)])
    table = read_shared(folder, "t", [lambda: _rows(0), lambda: _rows(1)])
    assert table.to_dict(as_series=False) == WHOLE
    # Another table of the same run is another one.
    assert read_shared(folder, "u", [lambda: _rows(5)])["piece"].to_list() == [5]


def test_days_near_to_each_other_are_read_once():
    """Batches of one night lie on two days of UTC: what was read for the first holds for the second."""
    span = _Span().reaching(20_517, 20_517, job_id=1)
    assert span.first_day <= 20_517 <= span.last_day
    assert span.reaching(20_516, 20_518, job_id=1) == span
    wider = span.reaching(20_400, 20_400, job_id=1)
    assert (wider.first_day <= 20_400, wider.last_day) == (True, span.last_day)
    assert wider.reaching(20_517, 20_517, job_id=1) == wider
    other = wider.reaching(20_517, 20_517, job_id=2)
    assert (other.first_day, other.last_day) == (span.first_day, span.last_day)
    assert other != span
