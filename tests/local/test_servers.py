"""Servers are there while anybody needs them, and gone when the last user is, however that user ended."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from billing_site.local.locks import is_held
from billing_site.local.postgres import Cluster, find_cluster
from billing_site.local.processes import start_time_of
from tests.local.conftest import Checkout

PATIENCE_SECONDS = 40


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def read_addresses(command: subprocess.Popen[str]) -> dict[str, str]:
    assert command.stdout is not None
    lines: list[str] = []
    while not (line := command.stdout.readline()).startswith("#"):
        assert line, f"the command ended: {lines}"
        lines.append(line.strip())
    return dict(line.removeprefix("export ").split("=", 1) for line in lines)


def keeper_runs(checkout: Checkout) -> bool:
    return is_held(checkout.places.locks / "keeper")


def server_pid(checkout: Checkout, name: str) -> int:
    return int(json.loads(checkout.places.server_state.read_text())["processes"][name][0])


def keeper_pid(checkout: Checkout) -> int:
    postgres = server_pid(checkout, "postgres")
    return int(Path(f"/proc/{postgres}/stat").read_text().rpartition(")")[2].split()[1])  # its parent


@pytest.fixture
def services(checkout: Checkout) -> Iterator[subprocess.Popen[str]]:
    command = checkout.start("services")
    read_addresses(command)
    yield command
    command.kill()
    wait_until(lambda: not keeper_runs(checkout))
    command.communicate()


def answer(cluster: Cluster, sql: str) -> str:
    return cluster.run_sql(sql).strip()


def test_last_user_stops_the_servers_and_an_earlier_one_does_not(checkout, services):
    second = checkout.start("services")
    addresses = read_addresses(second)

    services.terminate()
    services.wait()
    runs_after_first = keeper_runs(checkout)
    second.terminate()
    second.communicate()

    assert set(addresses) == {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL", "CELERY_BROKER_URL"}
    assert runs_after_first
    assert not keeper_runs(checkout)


def test_user_killed_leaves_no_server_behind(checkout, services):
    services.kill()

    wait_until(lambda: not keeper_runs(checkout))

    assert not checkout.places.server_state.exists()


def test_keeper_killed_takes_the_servers_along_and_the_next_user_gets_new_ones(checkout, services):
    before = server_pid(checkout, "postgres")
    os.kill(keeper_pid(checkout), signal.SIGKILL)
    wait_until(lambda: start_time_of(before) is None)

    second = checkout.start("services")
    read_addresses(second)
    after = server_pid(checkout, "postgres")
    second.terminate()
    second.communicate()

    assert after != before


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_server_killed_under_its_users_is_started_again_with_its_data(checkout, services, name):
    cluster = find_cluster(checkout.places)
    cluster.run_sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7);")
    before = server_pid(checkout, name)

    os.kill(before, signal.SIGKILL)
    wait_until(lambda: server_pid(checkout, name) != before)

    assert answer(cluster, "SELECT n FROM kept") == "7"


def test_roles_have_exactly_their_rights(checkout, services):
    cluster = find_cluster(checkout.places)

    roles = answer(
        cluster,
        "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles "
        "WHERE rolname LIKE 'saldo%' ORDER BY rolname",
    )
    owner = answer(cluster, "SELECT datdba::regrole FROM pg_database WHERE datname = 'saldo'")
    limits = answer(cluster, "SELECT unnest(rolconfig) FROM pg_roles WHERE rolname = 'saldo_app' ORDER BY 1")

    assert roles.splitlines() == ["saldo_app|f|f|f|t", "saldo_owner|f|t|f|t"]
    assert owner == "saldo_owner"
    assert limits.splitlines() == [
        "idle_in_transaction_session_timeout=120s",
        "lock_timeout=3s",
        "statement_timeout=120s",
    ]


def test_cluster_half_made_is_made_again(checkout):
    checkout.places.prepare()
    half_made = checkout.places.local / "postgres-18"
    for folder in (half_made, half_made.with_name("postgres-18.new")):
        folder.mkdir()
        (folder / "base").write_text("cut short")

    command = checkout.start("services")
    read_addresses(command)
    command.terminate()
    command.communicate()

    assert (half_made / "PG_VERSION").exists()
    assert not half_made.with_name("postgres-18.new").exists()


def test_pid_file_of_another_process_does_not_stop_the_start(checkout):
    command = checkout.start("services")
    read_addresses(command)
    command.terminate()
    command.communicate()
    (checkout.places.local / "postgres-18" / "postmaster.pid").write_text(f"{os.getpid()}\n")

    command = checkout.start("services")
    addresses = read_addresses(command)
    command.terminate()
    command.communicate()

    assert addresses["DATABASE_URL"].startswith("postgresql://saldo_app@")


def test_servers_that_cannot_start_say_what_mends_it(checkout):
    checkout.places.prepare()
    checkout.places.broker_data.write_text("a file where the broker's folder should be")

    command = checkout.start("services")
    said, _ = command.communicate(timeout=PATIENCE_SECONDS)

    assert command.returncode == 1
    assert str(checkout.places.broker_data) in said
    assert "python3 manage.py demo --reset" in said
