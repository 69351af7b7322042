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
from urllib.parse import urlsplit

from billing_site.local import demo, postgres, printing, servers, valkey, virtualenv
from billing_site.local.asking import MAKE_ANEW, ask
from billing_site.local.errors import SetupError
from billing_site.local.places import HERE

EXAMPLES = """examples:
  python3 manage.py doctor            what is wrong, and what mends it; exit code 1 if anything is
  python3 manage.py doctor --json     the same for programs
"""
SET_UP = "python3 manage.py demo"
ENOUGH_FREE_GB = 2
REDIS_PORT = 6379
# What values are sealed with where no key is given, outside production.
DEVELOPMENT_KEY = "development"
NEW_KEY = "'k1:' + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()"
# What mends settings that cannot be read, by a word of what Django said.
MENDS = (
    ("SALDO_SEALING_KEYS", f'export SALDO_SEALING_KEYS=$(python3 -c "import base64, secrets; print({NEW_KEY})")'),
    ("DJANGO_SECRET_KEY", 'export DJANGO_SECRET_KEY=$(python3 -c "import secrets; print(secrets.token_urlsafe(50))")'),
    ("ModuleNotFoundError", MAKE_ANEW),
    ("ImportError", MAKE_ANEW),
)
# Work that could be done and that nobody took for two minutes: the sweeper rings each minute.
WAITING = """
    SELECT count(*), coalesce(floor(extract(epoch FROM now() - min(w.created_at)) / 60), 0)
      FROM jobs_workitem w LEFT JOIN jobs_job j ON j.id = w.job_id
     WHERE w.state = 'TODO' AND (w.claimed_until IS NULL OR w.claimed_until < now())
       AND (j.id IS NULL OR j.state IN ('QUEUED', 'RUNNING')) AND w.created_at < now() - interval '2 minutes'
"""
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


Check = Callable[[], Finding]


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
        findings = [started, *_run_checks(has_servers=started.is_fine)]
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
            finding = Finding(check="servers", says=str(error.args[0]), mend=error.mend or "see .local/logs")
        yield finding


def _run_checks(*, has_servers: bool) -> Iterator[Finding]:
    """Run the checks in order, but for those that would only say again what one before them has found."""
    failed: set[Check] = set()
    for check in CHECKS:
        if failed & set(NEEDS.get(check, ())) or (check in NEED_SERVERS and not has_servers):
            continue
        finding = _answer(check)
        if not finding.is_fine:
            failed.add(check)
        yield finding


def _answer(check: Check) -> Finding:
    """Run one check; that it cannot be run is a finding too."""
    try:
        return check()
    except SetupError as error:
        return Finding(check=_name_of(check), says=str(error.args[0]), mend=error.mend or SET_UP)


def check_python() -> Finding:
    """See that Python is new enough."""
    return Finding(check="python", says=sys.version.split()[0])  # an older one cannot run this command


def check_packages() -> Finding:
    """See that the packages are those of the requirements as they read today, and whole."""
    damaged = virtualenv.find_damaged()
    if damaged:
        return Finding(check="packages", says=f"files are missing of: {', '.join(damaged)}", mend=MAKE_ANEW)
    if not virtualenv.find_unpinned(requirements=virtualenv.PRODUCTION) and _is_production():
        return Finding(check="packages", says="as pinned for production")
    for requirements, says in (
        (virtualenv.DEVELOPMENT, "as pinned, with those for development"),
        (virtualenv.RUNTIME, "as pinned"),
    ):
        if virtualenv.is_current(places=HERE, requirements=requirements):
            missing = virtualenv.find_unpinned(requirements=requirements)
            if not missing:
                return Finding(check="packages", says=says)
            wrong = f"missing, or of another version than pinned: {', '.join(missing)}"
            return Finding(check="packages", says=wrong, mend=MAKE_ANEW)
    return Finding(check="packages", says="not installed from today's requirements", mend=SET_UP)


def check_driver() -> Finding:
    """See that psycopg2 is the driver: with psycopg 3 beside it, Django would silently take that one."""
    if find_spec("psycopg2") is None:
        return Finding(check="driver", says="psycopg2 is missing", mend=SET_UP)
    if find_spec("psycopg") is not None:
        says = "psycopg 3 is installed; Django would use it, and COPY would not work"
        return Finding(check="driver", says=says, mend=".venv/bin/python -m pip uninstall -y psycopg psycopg-binary")
    return Finding(check="driver", says="psycopg2")


def check_database() -> Finding:
    """See that the database lets the application in."""
    ask("SELECT 1", url=os.environ.get("DATABASE_URL", ""))
    return Finding(check="database", says="answers")


def check_roles() -> Finding:
    """See that both roles exist with exactly the rights they should have."""
    wrong = [role for role, rights in ROLES.items() if ask(RIGHTS.format(role=role, rights=rights)) != "t"]
    if wrong:
        says = f"missing, or with other rights than they should have: {', '.join(wrong)}"
        return Finding(check="roles", says=says, mend="psql -v database=saldo -f billing_site/local/roles.sql")
    if ask(f"SELECT has_schema_privilege('{postgres.APP}', 'public', 'CREATE')") == "t":
        says = f"{postgres.APP} may make tables"
        return Finding(check="roles", says=says, mend="psql -v database=saldo -f billing_site/local/roles.sql")
    return Finding(check="roles", says=f"{' and '.join(ROLES)}, each with its own rights")


def check_settings() -> Finding:
    """See that Django starts, with its secrets."""
    done = _manage("check")
    if done.returncode == 0:
        return Finding(check="settings", says="read, and Django starts")
    said = _last_words(done)
    mend = next((mend for words, mend in MENDS if words in done.stderr), "python3 manage.py check    (it says all)")
    return Finding(check="settings", says=said, mend=mend)


def check_migrations() -> Finding:
    """See that every migration is applied."""
    done = _manage("migrate", "--check")
    if done.returncode == 0:
        return Finding(check="migrations", says="all applied")
    says = _last_words(done) or "some are not applied"
    return Finding(check="migrations", says=says, mend="python3 manage.py migrate")


def check_sealing() -> Finding:
    """See that the keys of all that is sealed in the database are there."""
    if ask("SELECT to_regprocedure('payments_sealing_keys()')") == "":
        return Finding(check="sealing keys", says="nothing is sealed yet")
    needed = set(ask("SELECT DISTINCT key_id FROM payments_sealing_keys()").splitlines())
    given = {part.strip().partition(":")[0] for part in os.environ.get("SALDO_SEALING_KEYS", "").split(",")} - {""}
    lost = needed - (given or {DEVELOPMENT_KEY})
    if lost:
        says = f"values in the database are sealed with keys that are not given: {', '.join(sorted(lost))}"
        return Finding(check="sealing keys", says=says, mend="put them behind the others in SALDO_SEALING_KEYS again")
    return Finding(check="sealing keys", says=f"given, all {len(needed)} that are needed")


def check_broker() -> Finding:
    """See that the broker answers."""
    address = urlsplit(os.environ.get("CELERY_BROKER_URL", ""))
    if address.scheme == "redis+socket":
        is_there, place, mend = valkey.answers(Path(address.path)), address.path, "see .local/logs/valkey.log"
    elif address.scheme == "redis" and address.hostname:
        place, mend = f"{address.hostname}:{address.port or REDIS_PORT}", "start Redis, or look at CELERY_BROKER_URL"
        is_there = valkey.answers_at(address.hostname, address.port or REDIS_PORT)
    else:
        return Finding(check="broker", says=f"{address.scheme}, not looked at from here")
    if is_there:
        return Finding(check="broker", says="answers")
    return Finding(check="broker", says=f"nobody answers at {place}", mend=mend)


def check_workers() -> Finding:
    """See that no work waits in vain; where none waits, no worker is missed."""
    if ask("SELECT to_regclass('jobs_workitem')") == "":
        return Finding(check="workers", says="no work yet")
    count, minutes = ask(WAITING).split("|")
    if count == "0":
        return Finding(check="workers", says="no work waits")
    says = f"pieces of work that wait: {count}, the oldest for {minutes} minutes"
    ping = [sys.executable, "-m", "celery", "-A", "billing_site", "inspect", "ping", "--timeout", "3"]
    if subprocess.run(ping, cwd=HERE.root, capture_output=True, check=False).returncode == 0:
        return Finding(check="workers", says=f"{says}; workers answer")
    mend = "docker compose up -d worker beat" if _is_production() else f"{SET_UP}    (end one that runs, first)"
    return Finding(check="workers", says=f"{says}, and no worker answers", mend=mend)


def check_port() -> Finding:
    """See that there is a port for the demo's site."""
    if _is_production():
        return Finding(check="port", says="not wanted in production")
    with demo.listen(None) as listener:
        port = listener.getsockname()[1]
    if port == demo.FIRST_PORT:
        return Finding(check="port", says=f"{port} is free")
    return Finding(check="port", says=f"{demo.FIRST_PORT} is taken; the demo's site would be at {port}")


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


CHECKS: tuple[Check, ...] = (
    check_python,
    check_packages,
    check_driver,
    check_settings,
    check_database,
    check_roles,
    check_migrations,
    check_sealing,
    check_broker,
    check_workers,
    check_port,
    check_printing,
    check_disk,
)
NEED_SERVERS = {
    check_settings,
    check_database,
    check_roles,
    check_migrations,
    check_sealing,
    check_broker,
    check_workers,
}
NEEDS: dict[Check, tuple[Check, ...]] = {
    check_roles: (check_database,),
    check_migrations: (check_database, check_settings),
    check_sealing: (check_database,),
    check_workers: (check_database,),
}


def _manage(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=HERE.root, capture_output=True, text=True, check=False)


def _last_words(done: "subprocess.CompletedProcess[str]") -> str:
    return (done.stderr.strip() or done.stdout.strip()).rpartition("\n")[2]


def _is_production() -> bool:
    return os.environ.get("SALDO_PRODUCTION", "").lower() in {"1", "true", "yes", "on"}


def _name_of(check: Check) -> str:
    return getattr(check, "__name__", "check").removeprefix("check_")
