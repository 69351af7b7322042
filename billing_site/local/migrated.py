"""
Whether migrating could change anything: a database keeps a mark of the code that brought it to where it is.

``migrate`` takes the mark away when it begins and leaves it when all is done. So whoever was killed over it, went back
to an earlier migration, changed a file or installed another package finds no mark, or another one, and migrates.
"""

import hashlib
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from billing_site.local.asking import ask
from billing_site.local.errors import SetupError
from billing_site.local.places import Places

# What may decide what is in a database: models, migrations and their SQL, the settings that list the apps.
KINDS = (".py", ".sql")
NOT_OURS = {"tests", "__pycache__"}
MARK = "SELECT obj_description(to_regclass('django_migrations'), 'pg_class')"


def mark_of_code(*, places: Places) -> str:
    """Name the code of a checkout together with the packages it runs on: any change of either gives another name."""
    digest = hashlib.sha256()
    for path in _sources(places.root):
        digest.update(f"{path.relative_to(places.root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    digest.update("\0".join(sorted(each.name for each in packages)).encode())
    return f"migrated by {digest.hexdigest()}"


def is_migrated(*, mark: str) -> bool:
    """Say whether the database of the environment was migrated, to the end, by exactly this code."""
    try:
        return ask(MARK) == mark
    except SetupError:
        return False  # migrating will say what is wrong


def _sources(root: Path) -> Iterator[Path]:
    for folder, inside, names in os.walk(root):
        inside[:] = sorted(each for each in inside if each not in NOT_OURS and not each.startswith("."))
        yield from (Path(folder) / name for name in sorted(names) if name.endswith(KINDS))
