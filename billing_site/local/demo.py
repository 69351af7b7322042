"""``manage.py demo``: the whole product on one machine, with real servers and real workers, until Ctrl-C."""

import argparse
import contextlib
import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from billing_site.local import migrated, postgres, stopping
from billing_site.local.children import Child, Children
from billing_site.local.errors import SetupError
from billing_site.local.locks import FileLock, is_held
from billing_site.local.places import Places
from billing_site.local.servers import are_given, servers_for
from billing_site.local.steps import step

HOST = "127.0.0.1"
FIRST_PORT, PORTS_TRIED = 8000, 100
ANSWER_SECONDS = 60
# How long the story is told alone: its first steps ask nothing of workers.
HEAD_START_SECONDS = 3
POLL_SECONDS = 0.1
MANAGE = [sys.executable, "manage.py"]
# Two prefork workers: as many as the machine the demo is made for has processors.
WORKERS = "2"
# What a demo leaves behind besides its servers' own folders.
LEFT_BEHIND = ("files", "static", "beat-schedule")


def run(*, places: Places, options: argparse.Namespace) -> int:
    """
    Live through the demo.

    :returns: the exit code; stopping the site is no failure
    :raises SetupError: if a part of it does not start or dies
    """
    lock = FileLock(places.locks / "demo")
    if not lock.try_take():
        raise SetupError("A demo of this checkout is running already.", mend="stop it with Ctrl-C in its terminal")
    children = Children(record=places.local / "demo.json", folder=places.root, logs=places.logs)
    for name in children.end_leftovers():
        sys.stdout.write(f"         ended {name}, left by a demo that was killed\n")
    if options.reset:
        reset(places=places)
    try:
        with contextlib.ExitStack() as stack:
            with step("servers") as under_way:
                servers = stack.enter_context(servers_for(os.environ, places=places))
                under_way.outcome = "; ".join(servers.describe)
            stack.callback(children.stop_all)
            stack.callback(stopping.ignore_further)
            return _live(children, places=places, options=options)
    finally:
        lock.close()


def reset(*, places: Places) -> None:
    """
    Throw away this checkout's databases, queue and files.

    :raises SetupError: if other commands use the servers, or the data is not ours to throw away
    """
    if are_given(os.environ):
        mend = "unset DATABASE_URL CELERY_BROKER_URL"
        raise SetupError("--reset throws our own servers' data away, but the environment names others.", mend=mend)
    if is_held(places.locks / "keeper"):
        raise SetupError("Other commands of this checkout use the servers.", mend="end them, then run it again")
    with step("reset") as under_way:
        folders = [*places.local.glob("postgres-*"), places.broker_data, postgres.borrowed_home(places)]
        for each in [*folders, *(places.local / name for name in LEFT_BEHIND)]:
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink(missing_ok=True)
        under_way.outcome = "databases, queue and files are gone"


def _live(children: Children, *, places: Places, options: argparse.Namespace) -> int:
    """Migrate, have the month lived through workers, serve; who did all that before soon has the site."""
    _migrate(children, places=places)
    site = None if options.once else _start_site(children, port=options.port)
    story = children.start("run_demo", [*MANAGE, "run_demo", "--size", options.size], quiet=False)
    if site is not None:
        _await_answer(children, site=site, but=story)
        # What was lived through before is only told again; two processes more would hold that up, and the site with it.
        children.wait_for(story, seconds=HEAD_START_SECONDS)
    if not story.process.returncode:  # it goes on, or has ended well
        _start_workers(children)
        children.wait_for(story)
    if story.process.returncode or site is None:
        return story.process.returncode
    return _serve(children, site=site)


def _migrate(children: Children, *, places: Places) -> None:
    """Bring the database to where the code is, unless it says that this very code did so."""
    with step("migrations") as under_way:
        mark = migrated.mark_of_code(places=places)
        if migrated.is_migrated(mark=mark):
            under_way.outcome = "none is new"
            return
        code = children.run("migrate", [*MANAGE, "migrate", "--verbosity", "0", "--mark", mark])
        if code:
            raise SetupError(f"migrate failed with code {code}.", mend="python3 manage.py demo --reset")


def _start_workers(children: Children) -> None:
    """Start who does the work and who rings for it."""
    celery = [sys.executable, "-m", "celery", "-A", "billing_site"]
    schedule = Path(".local") / "beat-schedule"
    children.start("worker", [*celery, "worker", "--concurrency", WORKERS, "--loglevel", "INFO"])
    children.start("beat", [*celery, "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "INFO"])


def _start_site(children: Children, *, port: int | None) -> str:
    """
    Start the web server on a port that is already ours, so that no other checkout can take it in between.

    :returns: the site's address
    """
    with listen(port) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        descriptor = listener.fileno()
        gunicorn = [
            *(sys.executable, "-m", "gunicorn", "billing_site.wsgi", "--bind", f"fd://{descriptor}"),
            *("--workers", "2", "--threads", "24", "--keep-alive", "75", "--timeout", "120", "--access-logfile", "-"),
            "--preload",  # the application is loaded once for both
            "--no-control-socket",  # its usual place is one for the whole machine
        ]
        children.start("web", gunicorn, keep=[descriptor])
    return address


def listen(port: int | None) -> socket.socket:
    """
    Open the first free port from 8000 on, or the one that was asked for.

    :raises SetupError: if it is taken, or all of them are
    """
    wanted = [port] if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)
    for each in wanted:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, each))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    if port is not None:
        raise SetupError(f"Port {port} is taken.", mend="python3 manage.py demo    (it takes the first free one)")
    raise SetupError("No free port from 8000 on.", mend="python3 manage.py demo --port 9000")


def _await_answer(children: Children, *, site: str, but: Child) -> None:
    """
    Wait for the site's first answer.

    :param but: may end meanwhile
    :raises SetupError: if it gives none in time, or a process ends that should not
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    while not _answers(site):
        children.check_all_live(but=but)
        if time.monotonic() > deadline:
            raise SetupError(f"The site does not answer at {site}; see .local/logs/web.log.")
        time.sleep(POLL_SECONDS)


def _serve(children: Children, *, site: str) -> int:
    """Tell where the site is, and watch over everything until somebody stops it."""
    sys.stdout.write(f"\nThe site is served at {site}/   Ctrl-C stops everything.\n")
    sys.stdout.flush()
    try:
        while True:
            children.check_all_live()
            time.sleep(POLL_SECONDS)
    except stopping.Stopped:
        sys.stdout.write("\nStopping.\n")
    return 0


def _answers(site: str) -> bool:
    """Say whether the site gives any page at all, be it only a refusal."""
    try:
        with urllib.request.urlopen(f"{site}/", timeout=ANSWER_SECONDS):  # noqa: S310  our own address
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
