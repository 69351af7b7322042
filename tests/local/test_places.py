"""Where things lie: apart for each checkout, and sockets where the kernel can still name them."""

import shutil
import tempfile
from pathlib import Path

import pytest

from billing_site.local.places import LONGEST_SOCKET_NAME, SOCKET_PATH_MAX_BYTES, Places, _is_private


@pytest.fixture
def place_at(tmp_path):
    made = []

    def make(name: str) -> Places:
        places = Places(root=tmp_path / name)
        places.prepare()
        made.append(places)
        return places

    yield make
    for places in made:
        folder = places.sockets()
        if not folder.is_relative_to(tmp_path):
            shutil.rmtree(folder)


def test_sockets_lie_inside_a_checkout_with_a_short_path():
    # Not below tmp_path, whose length grows with the name of the test and the number of the run.
    with tempfile.TemporaryDirectory(prefix="s", dir="/tmp") as short:
        places = Places(root=Path(short))
        places.prepare()

        assert places.sockets() == places.local / "run"


@pytest.mark.parametrize("name", ["a" * 100, "with space", "per%cent", "кириллица"])
def test_sockets_lie_in_a_short_folder_of_ours_where_the_path_would_not_do(place_at, name):
    folder = place_at(name).sockets()

    assert len(str(folder / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_MAX_BYTES
    assert folder.stat().st_mode & 0o777 == 0o700
    assert str(folder).isascii()
    assert not {" ", "%"} & set(str(folder))


def test_two_checkouts_with_long_paths_share_no_folder(place_at):
    assert place_at("a" * 100).sockets() != place_at("b" * 100).sockets()


def test_copy_of_a_checkout_is_another_checkout(place_at, tmp_path):
    original = place_at("clone")
    name = original.checkout_id()
    shutil.copytree(original.root, tmp_path / "copy")

    assert Places(root=tmp_path / "copy").checkout_id() != name
    assert original.checkout_id() == name


def test_new_checkout_at_the_place_of_a_deleted_one_is_another(place_at):
    places = place_at("clone")
    name = places.checkout_id()
    shutil.rmtree(places.root)
    places.prepare()

    assert places.checkout_id() != name


def test_link_laid_in_our_way_is_not_taken_for_our_folder(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "link").symlink_to(elsewhere)

    assert not _is_private(tmp_path / "link")
    assert _is_private(elsewhere)
