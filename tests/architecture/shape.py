"""The production shape as docker reads it: the services, what their processes are given, the steps of the image."""

import functools
import re
from collections.abc import Hashable
from typing import Any

import yaml

from tests.architecture.source import ROOT

COMPOSE, EXAMPLE = ROOT / "docker-compose.yml", ROOT / ".env.example"
DEPLOY = ROOT / "billing_site" / "deploy"
# ${NAME:?what to put there}, ${NAME:-instead} and ${NAME}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<rest>[^}]*))?\}")
Service = dict[str, Any]


class KeyedTwice(yaml.YAMLError):
    """Docker refuses a file in which a key stands twice; YAML's own reader takes the last and says nothing."""


class StrictLoader(yaml.SafeLoader):
    """Reads as docker does: keys stand once, and what a ``<<`` brings in does not count."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - theirs
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise KeyedTwice(f"{', '.join(twice)} in {node.start_mark}")
        self.flatten_mapping(node)
        return super().construct_mapping(node, deep=deep)


def read_compose(text: str) -> dict[str, Any]:
    """Read a compose file strictly."""
    loader = StrictLoader(text)
    try:
        found = loader.get_single_data()
    finally:
        loader.dispose()
    assert isinstance(found, dict)
    return found


@functools.cache
def compose() -> dict[str, Any]:
    return read_compose(COMPOSE.read_text(encoding="utf-8"))


def services() -> dict[str, Service]:
    found: dict[str, Service] = compose()["services"]
    return found


def our_services() -> dict[str, Service]:
    """Give those that run our image."""
    return {name: each for name, each in services().items() if each["image"] == "saldo"}


def example() -> dict[str, str]:
    """Read the values of the example as docker reads those of an ``.env``."""
    lines = re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: value.strip() for name, value in lines}


def environment_of(service: Service, *, given: dict[str, str]) -> dict[str, str]:
    """Work out what a container's processes see, and fail as docker does where something must be given and is not."""
    resolved = {
        name: given.get(name) if value is None else _filled(value, given=given)
        for name, value in service["environment"].items()
    }
    return {name: value for name, value in resolved.items() if value is not None}


def _filled(value: str, *, given: dict[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        known = given.get(found["name"], "")
        if not known and found["kind"] == "?":
            raise LookupError(f"{found['name']} must be given: {found['rest']}")
        return known or (found["rest"] or "")

    return VARIABLE.sub(fill, str(value))


def words_of_entry() -> set[str]:
    """Give the words that the image's entry knows; any other is a command of manage.py."""
    return set(re.findall(r"^([a-z-]+)\)$", (DEPLOY / "entry").read_text(encoding="utf-8"), re.MULTILINE))


def image_steps() -> list[tuple[str, str]]:
    """Read the steps of the image: the word and what follows it."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]
