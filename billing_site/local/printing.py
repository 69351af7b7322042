"""
What printing a bill needs of the system: Pango, HarfBuzz's subsetter, and fonts for five scripts and the dram sign.
"""

import json
import sys
from pathlib import Path

from billing_site.local import debian, programs
from billing_site.local.environment import child_environment
from billing_site.local.errors import SetupError
from billing_site.local.places import Places
from billing_site.local.steps import step

LIBRARIES = {
    "libgobject-2.0.so.0": "libpango-1.0-0",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libfontconfig.so.1": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    # Without it a bill in Chinese takes thirty times as long, and nothing says why.
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
# One letter of each script, and the sign of the currency, with the package that has it.
LETTERS = {
    "Latin": ("A", "fonts-noto-core"),
    "Cyrillic": ("Ж", "fonts-noto-core"),
    "Armenian": ("Ա", "fonts-noto-core"),
    "Arabic": ("ع", "fonts-noto-core"),
    "Chinese": ("账", "fonts-droid-fallback"),
    "dram sign": ("֏", "fonts-noto-core"),
}
PROBE = Path(__file__).with_name("probe_printing.py")


def find_missing(*, places: Places) -> dict[str, str]:
    """
    Look for what is missing, with the eyes of a process that has the private libraries.

    :returns: from the name of each missing thing to the package that brings it
    """
    question = json.dumps({"libraries": list(LIBRARIES), "letters": {name: ord(it[0]) for name, it in LETTERS.items()}})
    answer = programs.run(
        [sys.executable, PROBE, question],
        what="Looking for libraries and fonts",
        environment=child_environment(places=places),
    )
    missing = json.loads(answer)
    return {
        **{name: LIBRARIES[name] for name in missing["libraries"]},
        **{f"{name} letters": LETTERS[name][1] for name in missing["letters"]},
    }


def provide(*, places: Places, without: bool) -> None:
    """
    Have all that printing needs.

    :param without: go on without it if it cannot be had (``--no-pdf``)
    :raises SetupError: if it cannot be had
    """
    missing = find_missing(places=places)
    if not missing:
        return
    with step("Pango and fonts") as under_way:
        try:
            # All of them, not only what is missing: the private folder is replaced as a whole.
            packages = sorted({*LIBRARIES.values(), *(package for _, package in LETTERS.values())})
            under_way.outcome = debian.need(packages, places=places, name="printing", why="Pango with fonts")
            missing = find_missing(places=places)
            if missing:
                raise SetupError(f"Still missing after installation: {', '.join(missing)}.")  # noqa: TRY301  one way out
        except SetupError as error:
            if not without:
                ways = (error.mend, "or go on without bills: python3 manage.py demo --no-pdf")
                raise SetupError(str(error.args[0]), mend="\n  ".join(filter(None, ways))) from error
            under_way.outcome = f"left out as asked: {', '.join(missing)}"
