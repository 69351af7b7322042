"""
``manage.py doctor``: what is wrong with this checkout, and the command that mends it.

It needs no Django, so that it works when Django cannot start.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from billing_site.local import postgres, printing, servers, valkey, virtualenv
from billing_site.local.errors import SetupError
from billing_site.local.places import HERE
from billing_site.local.postgres_programs import find_binaries

EXAMPLES = """examples:
  python3 manage.py doctor            what is wrong, and what mends it; exit code 1 if anything is
  python3 manage.py doctor --json     the same for programs
"""
SET_UP = "python3 manage.py demo"
ENOUGH_FREE_GB = 2
# What must be true of each role, as SQL says it.
ROLES = {
    postgres.APP: "rolcanlogin AND NOT rolsuper AND NOT rolcreatedb AND NOT rolbypassrls",
    postgres.OWNER: "rolcanlogin AND NOT rolsuper AND rolcreatedb",
}
RIGHTS = "SELECT {rights} FROM pg_roles WHERE rolname = '{role}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer of one check: fine if there is nothing to mend."""

    check: str
    says: str
    mend: str = ""

    @property
    def is_fine(self) -> bool:
        return not self.mend


def main(arguments: list[str]) -> int:
    """
    Run every check and print what each found.

    :returns: 0 if all is fine, 1 if not
    """
    parser = argparse.ArgumentParser(
        prog="manage.py doctor",
        usage=f"manage.py doctor [--json]\n\n{EXAMPLES}",
        description="Say what is wrong with this checkout, and the command that mends it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one object for programs")
    as_json = parser.parse_args(arguments).json
    with _servers() as started:
        findings = [started, *(_answer(check) for check in CHECKS)]
    is_fine = all(finding.is_fine for finding in findings)
    if as_json:
        report = {"fine": is_fine, "findings": [{**asdict(each), "fine": each.is_fine} for each in findings]}
        sys.stdout.write(json.dumps(report, indent=1) + "\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{'fine ' if finding.is_fine else 'WRONG'}  {finding.check}: {finding.says}\n")
            if not finding.is_fine:
                sys.stdout.write(f"       to mend it: {finding.mend}\n")
    return 0 if is_fine else 1


@contextmanager
def _servers() -> Iterator[Finding]:
    """Have servers while the checks run: those of the environment, else ours."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(servers.servers_for(os.environ))
            finding = Finding(check="servers", says="; ".join(running.describe))
        except SetupError as error:
            finding = Finding(check="servers", says=str(error), mend=error.mend or "see .local/logs")
        yield finding


def _answer(check: Callable[[], Finding]) -> Finding:
    """Run one check; that it cannot be run is a finding too."""
    try:
        return check()
    except SetupError as error:
        return Finding(check=_name_of(check), says=str(error), mend=error.mend or SET_UP)


def check_python() -> Finding:
    """See that Python is new enough."""
    return Finding(check="python", says=sys.version.split()[0])  # an older one cannot run this command


def check_packages() -> Finding:
    """See that the packages are those of the requirements as they read today."""
    if virtualenv.is_current(places=HERE, requirements=virtualenv.RUNTIME):
        return Finding(check="packages", says="as pinned")
    if virtualenv.is_current(places=HERE, requirements=virtualenv.DEVELOPMENT):
        return Finding(check="packages", says="as pinned, with those for development")
    return Finding(check="packages", says="not installed from today's requirements", mend=SET_UP)


def check_driver() -> Finding:
    """See that psycopg2 is the driver: with psycopg 3 beside it, Django would silently take that one."""
    if find_spec("psycopg2") is None:
        return Finding(check="driver", says="psycopg2 is missing", mend=SET_UP)
    if find_spec("psycopg") is not None:
        says = "psycopg 3 is installed; Django would use it, and COPY would not work"
        return Finding(check="driver", says=says, mend=".venv/bin/python -m pip uninstall -y psycopg psycopg-binary")
    return Finding(check="driver", says="psycopg2")


def check_roles() -> Finding:
    """See that both roles exist with exactly the rights they should have."""
    wrong = [role for role, rights in ROLES.items() if _ask(RIGHTS.format(role=role, rights=rights)) != "t"]
    if wrong:
        says = f"missing, or with other rights than they should have: {', '.join(wrong)}"
        return Finding(check="roles", says=says, mend="psql -v database=saldo -f billing_site/local/roles.sql")
    if _ask(f"SELECT has_schema_privilege('{postgres.APP}', 'public', 'CREATE')") == "t":
        says = f"{postgres.APP} may make tables"
        return Finding(check="roles", says=says, mend="psql -v database=saldo -f billing_site/local/roles.sql")
    return Finding(check="roles", says=f"{' and '.join(ROLES)}, each with its own rights")


def check_migrations() -> Finding:
    """See that Django starts and every migration is applied."""
    for name, arguments, mend in (
        ("settings", ("check",), "python3 manage.py check"),
        ("migrations", ("migrate", "--check"), "python3 manage.py migrate"),
    ):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=HERE.root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip() or "some are not applied").splitlines()
            return Finding(check=name, says=said[-1], mend=mend)
    return Finding(check="migrations", says="all applied")


def check_broker() -> Finding:
    """See that the broker answers, where it is one behind a socket of ours."""
    url = os.environ.get("CELERY_BROKER_URL", "")
    path = url.removeprefix("redis+socket://").partition("?")[0]
    if path == url:
        return Finding(check="broker", says=f"{url.partition('://')[0]}, not looked at from here")
    if valkey.answers(Path(path)):
        return Finding(check="broker", says="answers")
    return Finding(check="broker", says=f"nobody answers at {path}", mend="see .local/logs/valkey.log")


def check_printing() -> Finding:
    """See that bills can be printed: Pango, the subsetter, a font for each script."""
    missing = printing.find_missing(places=HERE)
    if missing:
        return Finding(check="printing", says=f"missing: {', '.join(missing)}", mend=SET_UP)
    return Finding(check="printing", says=f"Pango, HarfBuzz's subsetter, fonts for {', '.join(printing.LETTERS)}")


def check_disk() -> Finding:
    """See that the disk under the checkout has room."""
    free_gb = shutil.disk_usage(HERE.root).free / 2**30
    if free_gb < ENOUGH_FREE_GB:
        says = f"{free_gb:.1f} GB free, {ENOUGH_FREE_GB} wanted"
        return Finding(check="disk", says=says, mend="make room, or: python3 manage.py demo --reset")
    return Finding(check="disk", says=f"{free_gb:.0f} GB free")


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_packages,
    check_driver,
    check_roles,
    check_migrations,
    check_broker,
    check_printing,
    check_disk,
)


def _ask(sql: str) -> str:
    """
    Ask the database named in the environment through psql, as the superuser if we know him, else as the application.
    """
    url = os.environ.get("DATABASE_SUPERUSER_URL") or os.environ.get("DATABASE_URL", "")
    binaries = find_binaries()
    psql = binaries.folder / "psql" if binaries else shutil.which("psql")
    if psql is None:
        raise SetupError("There is no psql to ask the database with.", mend=SET_UP)
    done = subprocess.run([psql, "-X", "-At", "-d", url, "-c", sql], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(done.stderr.strip(), mend="look at DATABASE_URL, or unset it to use the local servers")
    return done.stdout.strip()


def _name_of(check: Callable[[], Finding]) -> str:
    return getattr(check, "__name__", "check").removeprefix("check_")
