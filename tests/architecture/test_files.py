"""What is committed speaks of the project alone: no machine of ours, no registry."""

import re

import pytest

from tests.architecture.source import committed_files, name_of

# Written apart, so that this file does not name them either.
FORBIDDEN = {
    "a path of one machine": re.compile("|".join(["/" + "root/", "/" + "home/[a-z]+/", "/" + "work/(?!s)"])),
    "a registry's host": re.compile(
        "|".join([r"py" + r"pi\.org", r"python" + r"hosted\.org", r"npm" + r"js\.(com|org)"])
    ),
    "an index of packages": re.compile(r"--(extra-)?index" + "-url|index" + "_url"),
}
BINARY = {".png", ".jpg", ".woff2", ".woff", ".ttf", ".otf", ".pdf", ".xlsx", ".mo", ".gz", ".ico"}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_committed_files_do_not_name(what: str):
    found = []
    for path in committed_files():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if FORBIDDEN[what].search(line):
                found.append(f"{name_of(path)}:{number} {line.strip()[:80]}")

    assert found == []


def test_committed_files_are_found():
    assert "manage.py" in {name_of(path) for path in committed_files()}
