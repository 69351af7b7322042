"""
Sentences that the pure core speaks, kept apart from the values in them so that a face can translate the whole
sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(message: str) -> str:
    """
    Mark a sentence for translation without translating it.

    The name is one that ``makemessages`` collects. The face translates ``Message.msgid`` and then fills the values in.
    """
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One whole sentence with named places (``%(name)s``) and the values for them.

    ``msgid`` is the English sentence and the translation key; ``params`` are plain values (numbers, codes, dates)
    that a face formats.
    """

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the English sentence with its values filled in."""
        return self.msgid % self.params if self.params else self.msgid
