"""What our processes see of the machine's environment: all of it, but for what must differ."""

import os

import pytest

from billing_site.local.environment import child_environment
from billing_site.local.places import Places


@pytest.fixture
def places(tmp_path):
    made = Places(root=tmp_path)
    made.prepare()
    return made


def test_environment_is_passed_on_but_for_the_ban_on_byte_code(places, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("SOMEBODYS_OWN", "kept")
    expected = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    assert child_environment(places=places) == expected


def test_private_libraries_come_before_those_that_were_given(places, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/theirs")
    ours = places.libraries / "printing" / "usr" / "lib" / "x86_64-linux-gnu"
    ours.mkdir(parents=True)

    environment = child_environment(places=places)

    assert environment["LD_LIBRARY_PATH"] == f"{ours}:/theirs"
    assert environment["FONTCONFIG_FILE"] == str(places.libraries / "fonts.conf")


def test_half_unpacked_libraries_are_not_used(places, monkeypatch):
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    (places.libraries / "printing.new" / "usr" / "lib" / "x86_64-linux-gnu").mkdir(parents=True)

    assert "LD_LIBRARY_PATH" not in child_environment(places=places)
