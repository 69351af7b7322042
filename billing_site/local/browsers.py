"""The browser that tests drive: Debian's, never one downloaded from elsewhere."""

import ctypes
import os
import shutil
from pathlib import Path

from billing_site.local import debian
from billing_site.local.errors import SetupError
from billing_site.local.places import HERE, Places
from billing_site.local.steps import step

NAMES = ("chromium-headless-shell", "chromium")
PACKAGES = ("chromium-headless-shell", "libatomic1")
PRIVATE = Path("browser/usr/lib/chromium/chromium-headless-shell")
# Playwright's own program needs it; without it the driver only says that the connection was closed.
ATOMIC = "libatomic.so.1"


def find_browser(*, places: Places = HERE) -> Path | None:
    """Find the system's browser, or the one unpacked into the private folder."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    private = places.libraries / PRIVATE
    return private if os.access(private, os.X_OK) else None


def provide(*, places: Places) -> None:
    """Have a browser; where none can be had the tests say so themselves, loudly, and fail under CI."""
    if find_browser(places=places) is not None and _has_atomic(places):
        return
    with step("browser") as under_way:
        try:
            under_way.outcome = debian.need(PACKAGES, places=places, name="browser", why="a browser")
        except SetupError as error:
            under_way.outcome = f"not to be had, its tests will be skipped ({str(error).splitlines()[0]})"


def _has_atomic(places: Places) -> bool:
    if any((places.libraries / "browser").glob(f"usr/lib/*/{ATOMIC}")):
        return True
    try:
        ctypes.CDLL(ATOMIC)
    except OSError:
        return False
    return True
