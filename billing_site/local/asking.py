"""One question to the database, without Django and without the driver in this process: either may be missing."""

import os
import subprocess
import sys

from billing_site.local.errors import SetupError
from billing_site.local.places import HERE

ASK = HERE.root / "billing_site" / "db" / "ask_database.py"
MAKE_ANEW = "rm -r .venv && python3 manage.py demo"


def ask(sql: str, *, url: str = "") -> str:
    """
    Ask the database named in the environment, as the superuser if we know him, else as the application.

    :returns: the rows, a line each, their values divided by |

    :raises SetupError: if it does not answer
    """
    url = url or os.environ.get("DATABASE_SUPERUSER_URL") or os.environ.get("DATABASE_URL", "")
    done = subprocess.run([sys.executable, ASK, url, sql], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    mend = "look at DATABASE_URL, or unset it and CELERY_BROKER_URL to use the local servers"
    if "password" in done.stderr:
        mend = "put the right password into DATABASE_URL"
    elif "ModuleNotFoundError" in done.stderr:
        mend = MAKE_ANEW
    raise SetupError(done.stderr.strip(), mend=mend)
