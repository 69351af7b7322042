"""The packages: exactly those pinned, from nowhere in particular."""

import json
import re
import subprocess
import sys
import tomllib

import pytest

from billing_site.local import virtualenv
from billing_site.local.errors import SetupError
from billing_site.local.places import HERE, Places

FILES = (virtualenv.BOOTSTRAP, virtualenv.RUNTIME, virtualenv.DEVELOPMENT)


def pins(file):
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", file.read_text(), re.MULTILINE))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_pin_has_its_hash_and_no_file_names_a_host(file):
    text = file.read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())

    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?://|--\w*index|--find-links|--trusted-host", text) == []


def test_pins_are_those_of_the_project(tmp_path):
    project = tomllib.loads((HERE.root / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["local"]]
    pairs = [re.sub(r"\[.*?\]", "", line).split("==") for line in wanted]

    assert {name: pins(virtualenv.RUNTIME).get(name) for name, _ in pairs} == dict(pairs)
    assert pins(virtualenv.RUNTIME).items() <= pins(virtualenv.DEVELOPMENT).items()


def test_packages_are_current_only_for_the_very_text_they_were_installed_from(tmp_path):
    places = Places(root=tmp_path)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1\n")
    places.venv.mkdir()
    assert not virtualenv.is_current(places=places, requirements=requirements)

    digest = "a" * 64
    (places.venv / "saldo-packages.json").write_text(json.dumps({"requirements.txt": digest}))
    assert not virtualenv.is_current(places=places, requirements=requirements)


def test_stamp_cut_short_means_install_again(tmp_path):
    places = Places(root=tmp_path)
    places.venv.mkdir()
    (places.venv / "saldo-packages.json").write_text('{"requirements')

    assert not virtualenv.is_current(places=places, requirements=virtualenv.RUNTIME)


def test_packages_of_an_interrupted_installation_are_all_installed_again(tmp_path, monkeypatch):
    """Killed, uv leaves a package without half of its files; both installers would take it for whole."""
    places = Places(root=tmp_path)
    packages = tmp_path / "requirements.txt"
    packages.write_text("one==1\n")
    (places.venv / "bin").mkdir(parents=True)
    typed = tmp_path / "typed"
    places.venv_python.write_text(f'#!/bin/sh\necho "$*" >> {typed}\n[ ! -e {tmp_path}/broken ]\n')
    places.venv_python.chmod(0o700)
    monkeypatch.setattr(virtualenv, "_get_uv", lambda _places: places.venv_python)
    (tmp_path / "broken").touch()
    with pytest.raises(SetupError):
        virtualenv.install_packages(places=places, requirements=packages)
    (tmp_path / "broken").unlink()
    typed.unlink()

    virtualenv.install_packages(places=places, requirements=packages)
    virtualenv.install_packages(places=places, requirements=packages)

    installed = [line for line in typed.read_text().splitlines() if " install " in line]
    assert [" --reinstall " in line for line in installed] == [True]
    assert virtualenv.is_current(places=places, requirements=packages)


def test_half_made_environment_does_not_count(tmp_path):
    places = Places(root=tmp_path)
    (places.venv / "bin").mkdir(parents=True)
    (places.venv / "pyvenv.cfg").write_text("version = 3.11.2\n")
    places.venv_python.symlink_to("/nowhere/python3")

    assert virtualenv._runs(places=places) == ""


def test_every_package_is_imported_by_the_standard_library_alone(tmp_path):
    """The launcher runs before anything is installed."""
    program = (
        "import importlib, pathlib, sys, types\n"
        "package = types.ModuleType('billing_site'); package.__path__ = ['billing_site']\n"
        "sys.modules['billing_site'] = package\n"
        "for file in pathlib.Path('billing_site/local').glob('*.py'):\n"
        "    if file.stem not in {'pytest_plugin', '__init__'}:\n"
        "        importlib.import_module(f'billing_site.local.{file.stem}')\n"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.')\n{program}"],
        cwd=HERE.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
