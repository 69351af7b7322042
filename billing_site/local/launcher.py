"""
``demo`` and ``selftest``: set the machine up, then do their work inside the virtual environment.

Set-up runs on the machine's own Python; its last act is to start over as the virtual environment's, in the same
process.
"""

import argparse
import os
import sys

from billing_site.local import browsers, demo, environment, postgres_programs, printing, selftest, virtualenv
from billing_site.local.locks import FileLock
from billing_site.local.places import HERE, Places
from billing_site.local.servers import are_given
from billing_site.local.stopping import stop_signals_raise

# The process that has set up names itself, so that after starting over it does not set up again.
SET_UP_BY = "SALDO_SET_UP_BY"

DEMO_EXAMPLES = """examples:
  python3 manage.py demo              set up, live through the month, serve the site until Ctrl-C
  python3 manage.py demo --once       the same without serving; exit code 0 if all is well
  python3 manage.py demo --reset      throw the demo's data away and start over
"""
SELFTEST_EXAMPLES = """examples:
  python3 manage.py selftest                        everything
  python3 manage.py selftest --only types           one part
  python3 manage.py selftest --only tests -- -k till -x    what follows -- is for pytest
  python3 manage.py selftest --nightly              hours: 100,000 damaged files a parser, a million known calls
"""


def main(argv: list[str]) -> int:
    """
    Run ``demo`` or ``selftest``.

    :param argv: the command's name and its arguments
    :returns: the exit code
    :raises SetupError: if the machine cannot be set up
    """
    is_demo = argv[0] == "demo"
    arguments = (_demo_parser() if is_demo else _selftest_parser()).parse_args(argv[1:])
    with stop_signals_raise():
        if os.environ.pop(SET_UP_BY, "") != str(os.getpid()):
            _set_up(places=HERE, arguments=arguments, is_demo=is_demo)
            os.environ[SET_UP_BY] = str(os.getpid())
            environment.enter(["manage.py", *argv])
            del os.environ[SET_UP_BY]
        environment.enter(["manage.py", *argv])
        if not are_given(os.environ):
            postgres_programs.provide()
        return demo.run(places=HERE, options=arguments) if is_demo else selftest.run(places=HERE, options=arguments)


def _set_up(*, places: Places, arguments: argparse.Namespace, is_demo: bool) -> None:
    """Bring the machine to where the command can work; each step looks first and does only what is missing."""
    places.prepare()
    lock = FileLock(places.locks / "set-up")
    if not lock.try_take():
        sys.stdout.write("Another command is setting this checkout up; waiting for it.\n")
        lock.take()
    try:
        virtualenv.make(places=places)
        requirements = virtualenv.RUNTIME if is_demo else virtualenv.DEVELOPMENT
        virtualenv.install_packages(places=places, requirements=requirements)
        printing.provide(places=places, without=arguments.no_pdf)
        if not is_demo:
            browsers.provide(places=places)
    finally:
        lock.close()


def _parser(*, name: str, says: str, examples: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"manage.py {name}",
        usage=f"manage.py {name} [options]\n\n{examples}",
        description=says,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--no-pdf", action="store_true", help="go on without bills if Pango cannot be had")
    return parser


def _demo_parser() -> argparse.ArgumentParser:
    parser = _parser(
        name="demo",
        says="Set this machine up, have the demo operator live through a month, and serve the site.",
        examples=DEMO_EXAMPLES,
    )
    parser.add_argument("--once", action="store_true", help="end after the summary instead of serving the site")
    parser.add_argument("--reset", action="store_true", help="throw this checkout's databases and files away first")
    parser.add_argument("--size", choices=["small"], default="small", help="how large the demo operator is")
    parser.add_argument("--port", type=int, default=None, help="the site's port (default: the first free from 8000)")
    return parser


def _selftest_parser() -> argparse.ArgumentParser:
    parser = _parser(
        name="selftest",
        says="Set this machine up and run every check: lint, types, layers, migrations, tests.",
        examples=SELFTEST_EXAMPLES,
    )
    parser.add_argument("--only", choices=list(selftest.PARTS), default=None, help="run one part")
    parser.add_argument("--nightly", action="store_true", help="the long form: fuzz, known traffic and faults in full")
    parser.add_argument("pytest", nargs="*", help="after --: arguments for pytest")
    return parser
