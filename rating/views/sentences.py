"""Why a file is held and why a line is no record, in the reader's language."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from billing_site.web.refusals import message_html, sentence_html
from rating.domain.cdr_formats.faults import FaultyLine
from rating.models import SetAsideLine, UsageFile
from rating.queries.held_files import explain_held
from rating.queries.set_aside import explain_set_aside


def held_sentence(file: UsageFile) -> SafeString | None:
    """Return why a file is held, with its figures and what helps; ``None`` if it is not held."""
    message = explain_held(file)
    if message is None:
        return None
    remedy = sentence_html(str(message.params["remedy"]), {})
    return message_html(replace(message, params={**message.params, "remedy": remedy}))


def fault_sentence(fault: FaultyLine, *, counts_records: bool) -> SafeString:
    """Return why a line, or a record, of a file that is tried cannot be read."""
    message = fault.message(counts_records=counts_records)
    words = {name: sentence_html(str(message.params[name]), {}) for name in ("expected", "remedy")}
    return message_html(replace(message, params={**message.params, **words}))


def found_in(line: SetAsideLine) -> str:
    """Return the field that is meant and what stood there; file and line of the call that counts instead."""
    params = _params(line)
    if "of_file" in params:
        return f"{params['of_file']}/{params['of_line']}"
    return f"{params['field']}: {params['value']}"


def expected_in(line: SetAsideLine) -> str:
    """Return what was expected there."""
    return _translated(_params(line).get("expected"))


def remedy_of(line: SetAsideLine) -> str:
    """Return what helps."""
    return _translated(_params(line).get("remedy"))


def _translated(text: object) -> str:
    return gettext(str(text)) if text else ""


def _params(line: SetAsideLine) -> Mapping[str, object]:
    return explain_set_aside(line, file_name="").params
