"""
Whatever dies while bills are made, the run ends as one that was left alone: numbers included (invariant 26).

Twenty faults in the usual run, two hundred in ``selftest --nightly``, or as many as ``SALDO_FAULTS`` says;
``SALDO_FAULTS_SEED`` replays what failed.
"""

import json
import os
import random
import subprocess
import sys

from billing_site.local.places import HERE
from tests.fixtures.nightly import at_night

PHASES = {"plan", "calculate", "cancel", "post", "deliver"}


def test_bill_run_ends_alike_whatever_dies():
    faults = int(os.environ.get("SALDO_FAULTS") or at_night(200, else_=20))
    seed = int(os.environ.get("SALDO_FAULTS_SEED", "0")) or random.randrange(1, 10**6)
    command = [sys.executable, "-m", "tests.flows.fault_bench", "--faults", str(faults), "--seed", str(seed)]

    done = subprocess.run(command, cwd=HERE.root, env=os.environ, capture_output=True, text=True, check=False)

    replay = f"to replay: SALDO_FAULTS_SEED={seed} SALDO_FAULTS={faults}\n"
    assert done.returncode == 0, replay + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["different"] == [], replay
    assert found["faults"] >= faults
    assert {name.partition(".")[0] for name in found["tried"]} == PHASES
    assert {name.partition(".")[2] for name in found["tried"]} == {"point", "random", "restart"}
    assert found["clean"] == {"state": "DELIVERED", "billed": 7, "parked": 1, "posted": 7}
