"""
States as people see them: a word, a shape and a colour, never a colour alone.

Apps above add the words of their own states in ``AppConfig.ready``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import override, pgettext_lazy


class Tone(StrEnum):
    """What a state means for the reader; each tone has its own shape."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    BUSY = "busy"
    QUIET = "quiet"


SHAPES: Mapping[Tone, str] = {Tone.GOOD: "●", Tone.WARN: "▲", Tone.BAD: "■", Tone.BUSY: "◆", Tone.QUIET: "○"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLook:
    """The word and the tone of one state."""

    label: str | Promise
    tone: Tone

    @property
    def shape(self) -> str:
        """The sign before the word."""
        return SHAPES[self.tone]


_looks: dict[str, StateLook] = {
    "QUEUED": StateLook(label=pgettext_lazy("state", "Queued"), tone=Tone.QUIET),
    "RUNNING": StateLook(label=pgettext_lazy("state", "Running"), tone=Tone.BUSY),
    "PAUSED": StateLook(label=pgettext_lazy("state", "Paused"), tone=Tone.WARN),
    "CANCELLING": StateLook(label=pgettext_lazy("state", "Being cancelled"), tone=Tone.WARN),
    "CANCELLED": StateLook(label=pgettext_lazy("state", "Cancelled"), tone=Tone.QUIET),
    "DONE": StateLook(label=pgettext_lazy("state", "Done"), tone=Tone.GOOD),
    "FAILED": StateLook(label=pgettext_lazy("state", "Failed"), tone=Tone.BAD),
    "DRAFT": StateLook(label=pgettext_lazy("state", "Draft"), tone=Tone.QUIET),
    "POSTED": StateLook(label=pgettext_lazy("state", "Posted"), tone=Tone.GOOD),
    "ACTIVE": StateLook(label=pgettext_lazy("state", "Active"), tone=Tone.GOOD),
    "SUSPENDED": StateLook(label=pgettext_lazy("state", "Suspended"), tone=Tone.WARN),
    "TERMINATED": StateLook(label=pgettext_lazy("state", "Terminated"), tone=Tone.QUIET),
    "CLOSED": StateLook(label=pgettext_lazy("state", "Closed"), tone=Tone.QUIET),
    "OPEN": StateLook(label=pgettext_lazy("state", "Open"), tone=Tone.BUSY),
    "HELD": StateLook(label=pgettext_lazy("state", "Held"), tone=Tone.WARN),
}


def add_state_looks(looks: Mapping[str, StateLook]) -> None:
    """
    Add the looks of an app's states.

    Apps share their words: the same state must look the same everywhere. What another app calls otherwise has a name
    of its own, such as ``LINE_WAITING``.

    :raises ValueError: for a state that has another look already
    """
    # Words as they stand in the code: no catalogue is loaded for this.
    with override(None):
        for state, look in looks.items():
            known = _looks.setdefault(state, look)
            if (str(known.label), known.tone) != (str(look.label), look.tone):
                message = f"the state {state} looks otherwise already: {known.label!s} ({known.tone})"
                raise ValueError(message)


def look_of(state: str) -> StateLook:
    """Return how a state looks; one without a look is shown by its own word, quietly."""
    return _looks.get(state) or StateLook(label=state.replace("_", " ").capitalize(), tone=Tone.QUIET)


def state_choices(states: Iterable[str]) -> list[tuple[str, str | Promise]]:
    """Return states with their words, as a field of a filter wants them; ask when every app has added its looks."""
    return [(state, look_of(state).label) for state in states]
