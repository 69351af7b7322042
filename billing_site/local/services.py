"""
``manage.py services``: the developer's command. Both servers run until Ctrl-C, for any number of commands beside it.
"""

import argparse
import shlex
import signal
import sys

from billing_site.local import keeper
from billing_site.local.servers import running_servers

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def main(arguments: list[str]) -> int:
    """Start both servers, print the lines a shell can take over, and wait to be stopped."""
    parser = argparse.ArgumentParser(
        prog="manage.py services",
        description="Run this checkout's PostgreSQL and Valkey until Ctrl-C, and print their addresses for a shell.",
    )
    parser.add_argument("--keeper", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args(arguments).keeper:
        return keeper.main()
    with running_servers() as servers:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # not sooner: the servers would inherit it
        for name, value in servers.environment.items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.write(f"# {'; '.join(servers.describe)}. Ctrl-C stops them.\n")
        sys.stdout.flush()
        signal.sigwait(STOP_SIGNALS)
    return 0
