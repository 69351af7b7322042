"""Packages of the system for who may not install any: what is told where the network is away, and odd paths."""

import os
from xml.etree import ElementTree as ET

import pytest

from billing_site.local import debian
from billing_site.local.errors import SetupError
from billing_site.local.places import Places


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """Put an apt-get of the test's own before the machine's; it is given what it does when asked for packages."""

    def put(*, install):
        program = tmp_path / "bin" / "apt-get"
        program.parent.mkdir()
        program.write_text(
            '#!/bin/sh\ncase "$*" in\n*" update") echo "Could not resolve deb.example" >&2; exit 100 ;;\n'
            f"*) {install} ;;\nesac\n"
        )
        program.chmod(0o700)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return put


def places_at(folder):
    places = Places(root=folder)
    places.prepare()
    return places


def test_without_a_network_the_network_is_named_and_not_the_package(tmp_path, apt):
    apt(install='echo "E: Unable to locate package libpango" >&2; exit 100')
    places = places_at(tmp_path / "here")

    with pytest.raises(SetupError, match=r"apt-get update failed \(100\):\nCould not resolve deb\.example") as told:
        debian.unpack(["libpango"], places=places, name="printing")

    assert told.value.mend == "sudo apt-get install --no-install-recommends libpango"
    assert not (places.libraries / "printing").exists()


def test_one_source_of_many_may_be_away_and_a_path_may_have_any_letters(tmp_path, apt):
    apt(install="exit 0")
    places = places_at(tmp_path / "дом & <сад>")

    debian.unpack(["libpango"], places=places, name="printing")

    fonts = ET.parse(places.libraries / "fonts.conf")  # noqa: S314 - written a moment ago
    assert [each.text for each in fonts.iter("dir")][1:] == [f"{places.libraries}/printing/usr/share/fonts"]
    assert fonts.findtext("cachedir") == f"{places.local}/fontcache"
