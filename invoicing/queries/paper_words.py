"""Which words of a bill its last lines explain: those alone that stand on it."""

from collections.abc import Sequence

from invoicing.queries.papers import Paper


def words_of(paper: Paper) -> Sequence[str]:
    """Return the keys of ``templates/invoicing/bill/glossary.html`` for the words used on a bill, in its order."""
    lines = [line for group in paper.groups for line in group.lines]
    kinds = {line.kind for line in lines}
    used = {
        "NET": bool(lines),
        "PART": any(line.of_days for line in lines),
        "KEEPS": any(line.keeps_line for line in lines),
        "LATE": any(line.is_late for line in lines),
        "CORRECTION": any(line.is_correction for line in lines),
        "COMMITMENT": "COMMITMENT" in kinds,
        "PAYER": bool(kinds & {"TAKEN_ON", "TAKEN_OVER"}),
        "PROVIDER": any(group.provider for group in paper.groups),
        "ROUNDING": "ROUNDING" in kinds,
    }
    return tuple(word for word, is_used in used.items() if is_used)
