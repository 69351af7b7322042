"""Why a file is held, as a sentence with the figures behind it and with what helps."""

from collections.abc import Mapping

from billing_site.core.messages import Message, gettext_noop
from rating.models import UsageFile

_AGAIN = gettext_noop("Ask the exchange for the whole file.")
_RELEASE = gettext_noop("Ask the exchange; a second person may release the file, with a reason.")
_SENTENCES: Mapping[str, tuple[str, str]] = {
    UsageFile.HeldReason.INCOMPLETE: (
        gettext_noop("%(file)s: the last of %(lines)s lines is cut. %(remedy)s"),
        _AGAIN,
    ),
    UsageFile.HeldReason.NO_TRAILER: (
        gettext_noop("%(file)s: no trailer stands behind its %(lines)s lines. %(remedy)s"),
        _AGAIN,
    ),
    UsageFile.HeldReason.TRAILER_DIFFERS: (
        gettext_noop(
            "%(file)s: the trailer says %(trailer_count)s lines and %(trailer_seconds)s seconds,"
            " the file holds %(lines)s and %(seconds)s. %(remedy)s"
        ),
        _RELEASE,
    ),
    UsageFile.HeldReason.CHARGES_DIFFER: (
        gettext_noop(
            "%(file)s: its control block says charges of %(trailer_charge)s, its %(lines)s records add up to"
            " %(charge)s (in the file's smallest unit). %(remedy)s"
        ),
        _RELEASE,
    ),
    UsageFile.HeldReason.SEQUENCE_REPEATED: (
        gettext_noop("%(file)s: number %(sequence)s of the sequence came already, as file %(of_file)s. %(remedy)s"),
        _RELEASE,
    ),
    UsageFile.HeldReason.HEADER_UNREADABLE: (
        gettext_noop("%(file)s: its first line does not fit what the source declares. %(remedy)s"),
        gettext_noop("Correct the column map of the source, then release the file."),
    ),
    UsageFile.HeldReason.TOO_MANY_SET_ASIDE: (
        gettext_noop("%(file)s: %(set_aside)s of its %(lines)s lines cannot be rated. %(remedy)s"),
        gettext_noop("Check the column map of the source and the software of the exchange, then release the file."),
    ),
    UsageFile.HeldReason.DOES_NOT_ADD_UP: (
        gettext_noop("%(file)s: the outcomes do not add up to its %(lines)s lines. %(remedy)s"),
        gettext_noop("Run check_books and call the support of the system."),
    ),
}
# The same of files whose records are no lines. One that does not begin as declared lacks the rate of its currency.
_OF_RECORDS: Mapping[str, tuple[str, str]] = {
    UsageFile.HeldReason.INCOMPLETE: (
        gettext_noop("%(file)s: the last of its %(lines)s records is cut. %(remedy)s"),
        gettext_noop("Ask the sender for the whole file."),
    ),
    UsageFile.HeldReason.NO_TRAILER: (
        gettext_noop("%(file)s: nothing behind its %(lines)s records says how many they are. %(remedy)s"),
        gettext_noop("Ask the sender for the whole file."),
    ),
    UsageFile.HeldReason.TRAILER_DIFFERS: (
        gettext_noop("%(file)s: it says that it has %(trailer_count)s records, and it holds %(lines)s. %(remedy)s"),
        gettext_noop("Ask the sender; a second person may release the file, with a reason."),
    ),
    UsageFile.HeldReason.HEADER_UNREADABLE: (
        gettext_noop("%(file)s: it charges in a currency for which the source has no rate. %(remedy)s"),
        gettext_noop("Add the currency to the rates of the source, then release the file."),
    ),
    UsageFile.HeldReason.TOO_MANY_SET_ASIDE: (
        gettext_noop("%(file)s: %(set_aside)s of its %(lines)s records cannot be rated. %(remedy)s"),
        gettext_noop("Check the form of the source and the software of the sender, then release the file."),
    ),
    UsageFile.HeldReason.DOES_NOT_ADD_UP: (
        gettext_noop("%(file)s: the outcomes do not add up to its %(lines)s records. %(remedy)s"),
        gettext_noop("Run check_books and call the support of the system."),
    ),
}


def explain_held(file: UsageFile) -> Message | None:
    """
    Return why a file is held, with both totals where two differ, and what helps; ``None`` if it is not held.

    The value ``remedy`` is a sentence too, which a face translates.
    """
    if file.state != UsageFile.State.HELD:
        return None
    sentences = {**_SENTENCES, **_OF_RECORDS} if file.source.counts_records else _SENTENCES
    msgid, remedy = sentences[file.held_reason]
    figures = dict.fromkeys(
        ("trailer_count", "trailer_seconds", "seconds", "sequence", "of_file", "set_aside", "trailer_charge", "charge"),
        "–",
    )
    known = {name: value for name, value in file.held_detail.items() if value is not None}
    params = {**figures, "lines": file.line_count, **known, "file": file.name, "remedy": remedy}
    return Message(msgid=msgid, params={name: value for name, value in params.items() if f"%({name})" in msgid})
