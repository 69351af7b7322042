"""How networks speak: one small file each, over one gateway. A network's row names its dialect."""

from collections.abc import Mapping

from payments.domain.dialects.base import Dialect
from payments.domain.dialects.idram import Idram
from payments.domain.dialects.json_checksum import JsonChecksum
from payments.domain.dialects.osmp import Osmp

OSMP, JSON, IDRAM = "OSMP", "JSON", "IDRAM"
DIALECTS: Mapping[str, Dialect] = {OSMP: Osmp(), JSON: JsonChecksum(), IDRAM: Idram()}

__all__ = ["DIALECTS", "IDRAM", "JSON", "OSMP", "Dialect"]
