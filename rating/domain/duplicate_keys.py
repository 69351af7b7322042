"""
What makes a call the same call, as one number of 64 bits.

The key is kept on every rated record, so it may never depend on a library's own hash: it is the multiply-and-fold
mixing written out here, and the engine
repeats it column by column (a twin test holds them together).
"""

WORD = 1 << 64
MULTIPLIER = 0x9E3779B97F4A7C15
FOLD = 1 << 32
BYTES_PER_WORD = 8
NUMBER_WORDS = 2
REFERENCE_WORDS = 5


def mix(state: int, word: int) -> int:
    """Take one word of 64 bits into the state."""
    state = ((state ^ word) * MULTIPLIER) % WORD
    return state ^ (state // FOLD)


def words_of(text: str, *, count: int) -> list[int]:
    """Return the first ``count`` little-endian words of a text's bytes, padded with spaces."""
    size = count * BYTES_PER_WORD
    raw = text.encode()[:size].ljust(size)
    return [int.from_bytes(raw[at : at + BYTES_PER_WORD], "little") for at in range(0, size, BYTES_PER_WORD)]


def duplicate_key(*, calling: str, called: str, duration_seconds: int, call_ref: str, joins: bool = False) -> int:
    """
    Return the duplicate key of a call, a signed number of 64 bits.

    :param calling: normalised number, or what stood there; 16 bytes count
    :param called: as ``calling``
    :param call_ref: the source's own id of the call, empty where it gives none; 40 bytes count
    :param joins: the reference alone names the call: its further rows differ in length and destination
    """
    words = words_of(calling, count=NUMBER_WORDS)
    if call_ref:
        words += words_of(call_ref, count=REFERENCE_WORDS)
    if not (joins and call_ref):
        words += [*words_of(called, count=NUMBER_WORDS), duration_seconds]
    state = 0
    for word in words:
        state = mix(state, word)
    return state - WORD if state >= WORD // 2 else state
