"""What a dialect is: a network's way of writing requests and reading answers, pure, over the one gateway."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Protocol

from payments.domain.gateway import Answer, GatewayRequest, Keys, RawRequest, Reply


class Dialect(Protocol):
    """The steps in the order they are taken; a request is understood only after it is trusted."""

    # Some requests carry no proof of their own, so that only the address list stands for them.
    needs_addresses: bool

    def read_fields(self, raw: RawRequest) -> Mapping[str, str]:
        """
        Take the request apart.

        :raises RequestRefused: if it cannot be read
        """

    def is_signed(self, fields: Mapping[str, str], keys: Keys) -> bool:
        """Return whether one of the keys signed the fields; the time taken does not tell which, nor why not."""

    def is_fresh(self, fields: Mapping[str, str], *, now: datetime) -> bool:
        """Return whether the request is of now, where the dialect stamps its requests."""

    def nonce_of(self, fields: Mapping[str, str]) -> str:
        """Return the word that may be used once, where the request carries one."""

    def understand(self, fields: Mapping[str, str], *, zone: tzinfo) -> GatewayRequest:
        """
        Read what is asked by the strict grammar; ``zone`` is that of the network's times.

        :raises RequestRefused: with the code that tells the network why
        """

    def txn_id_of(self, fields: Mapping[str, str]) -> str:
        """Return the transaction number as it came, for the answer to a request that is not understood."""

    def write(self, answer: Answer, *, comment: str) -> Reply:
        """Say an answer; ``comment`` is its sentence in the reader's language."""
