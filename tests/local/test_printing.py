"""What printing needs is looked for where the printing process will look."""

import json
import subprocess
import sys

import pytest

from billing_site.local import printing
from billing_site.local.errors import SetupError
from billing_site.local.places import Places


def ask(question):
    done = subprocess.run(
        [sys.executable, printing.PROBE, json.dumps(question)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_missing_library_and_letter_are_named():
    # A code point that Unicode will never assign to a letter.
    answer = ask({"libraries": ["libc.so.6", "libnowhere.so.1"], "letters": {"none": 0x10FFFE}})

    assert answer == {"libraries": ["libnowhere.so.1"], "letters": ["none"]}


def test_nothing_is_done_where_nothing_is_missing(tmp_path, capsys):
    places = Places(root=tmp_path)
    places.prepare()
    if printing.find_missing(places=places):
        pytest.skip("this machine has no Pango outside our private folder")

    printing.provide(places=places, without=False)

    assert capsys.readouterr().out == ""
    assert not places.libraries.exists()


def test_setup_error_says_what_mends_it():
    assert str(SetupError("Broken.", mend="mend it")) == "Broken.\n  To mend it: mend it"
