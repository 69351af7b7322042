"""How a network writes its register: set by somebody who has tried it on a file."""

from collections.abc import Mapping
from typing import Any

from billing_site.audit.recording import record
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from payments.models import TerminalNetwork
from reconciliation.domain.register_maps import read_register_map
from reconciliation.operations.registers import get_network


@durable
def set_register_map(*, network_code: str, register_map: Mapping[str, Any], actor: User) -> TerminalNetwork:
    """
    Keep a network's column map; registers that were loaded stay as they were read.

    :param register_map: in its plain form, see ``reconciliation.domain.register_maps``
    :raises RegisterMapRefused: if it cannot be followed
    :raises NetworkUnknown: no network has the code
    """
    network = TerminalNetwork.objects.select_for_update(no_key=True).get(pk=get_network(network_code).pk)
    read_register_map(register_map)
    before, network.register_map = network.register_map, dict(register_map)
    network.save(update_fields=["register_map"])
    changes = {"before": before, "after": network.register_map}
    record("reconciliation.set_register_map", actor=actor, subject=network, changes=changes)
    return network
