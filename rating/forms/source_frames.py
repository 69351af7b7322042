"""
What stands around the records of a source's files, and which rows are one call: fields for what its map declares.

The map stays the one model underneath: ``frame_declaration`` writes its keys, ``take_frame`` reads them.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.wrapping import pairs_html
from rating.domain.cdr_formats.dialects import Dialect
from rating.domain.services import Service

FIXED = Dialect.FIXED_WIDTH
# Forms of which each record is a line of fields in the file itself.
OF_FIELDS = frozenset({Dialect.MAPPED_CSV, Dialect.ASTERISK_CSV, Dialect.ASTERISK_21, Dialect.FREESWITCH_CSV})
TRANSLATING = frozenset({Dialect.MAPPED_CSV, FIXED})
NAMING = frozenset({FIXED, Dialect.TAP_3_12, Dialect.NRTRDE_2_1})
JOINS = {"yes": True, "no": False}
PLAIN = ("complete_lines", "done_suffix", "settle_seconds", "oldest_days")
# What each part of the frame holds, by the names of the map.
HEAD_PARTS = ("source", "sequence", "day")
TRAILER_PARTS = ("count", "seconds")
FIXED_KEYS = {"head": "header_line", "trailer": "trailer_line"}
MAX_DAYS = 36_500

# The label is put together in the language of whoever looks.
_label_html = lazy(pairs_html, SafeString)


def _short(label: Any, *, length: int = 32, size: str = "16") -> forms.CharField:
    """Return a field for a mark or a place, read from left to right in any language."""
    widget = forms.TextInput(attrs={"dir": "ltr", "size": size})
    return forms.CharField(label=label, required=False, max_length=length, widget=widget)


def _pairs(label: Any) -> forms.CharField:
    """Return a field of lines with an equals sign, and one of them in its label."""
    widget = forms.Textarea(attrs={"dir": "ltr", "rows": "3"})
    return forms.CharField(label=_label_html(label), required=False, max_length=4_000, widget=widget)


class SourceFrameForm(forms.Form):
    """
    Head, trailer, sequence and joins of a source's files.

    Parts of head and trailer hold a position from 0 or, of fixed width, a start and a length (``3+8``).
    """

    head_mark = _short(_("The head begins with"))
    head_source = _short(_("The head names the source at"))
    head_sequence = _short(_("The head numbers the file at"))
    head_day = _short(_("The head names the day at"))
    trailer_mark = _short(_("The trailer begins with"))
    trailer_count = _short(_("The trailer counts the records at"))
    trailer_seconds = _short(_("The trailer adds up the seconds at"))
    complete_lines = forms.BooleanField(
        label=_("A file whose last line has no end is incomplete"),
        required=False,
    )
    joins = forms.ChoiceField(
        label=_("Several rows with one id of the call are one call"),
        required=False,
        choices=[("", _("as usual for the form")), ("yes", _("yes")), ("no", _("no"))],
    )
    sequence_first = forms.IntegerField(
        label=_("The numbers of the files begin at"), required=False, min_value=0, max_value=10**15
    )
    sequence_last = forms.IntegerField(
        label=_("The highest number, after which they begin again"), required=False, min_value=1, max_value=10**15
    )
    partner = _short(_("Whom the file itself names, where that is not the code"), length=64)
    done_suffix = _short(_("Ending of the name of the file that says that another is complete"))
    settle_seconds = forms.IntegerField(
        label=_("Seconds without a change after which a file in the folder is taken"),
        required=False,
        min_value=1,
        max_value=86_400,
    )
    oldest_days = forms.IntegerField(
        label=_("Days after which a record is too old to be believed"), required=False, min_value=1, max_value=MAX_DAYS
    )
    services = _pairs(_("What the column says, and the kind of usage that it means, as 2 = MESSAGE"))
    rates = _pairs(_("What one unit of a roaming partner's currency costs, as EUR = 430"))

    def frame_fields(self) -> list[forms.BoundField]:
        """Return these fields."""
        return [self[name] for name in SourceFrameForm.base_fields]

    def clean(self) -> dict[str, Any]:
        """Refuse a part whose line has no mark, a line without its part, and a place that is none."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        dialect = data.get("dialect")
        self._check_marked("head", HEAD_PARTS, needed="source" if dialect in OF_FIELDS else "")
        self._check_marked("trailer", TRAILER_PARTS, needed="count")
        if dialect in OF_FIELDS:
            for name in ("head_sequence", "head_day"):
                if data.get(name):
                    self.add_error(name, __("Only a head of fixed width says this. Take it from the file's name."))
        if data.get("sequence_first") is not None and data.get("sequence_last") is None:
            self.add_error("sequence_last", __("Say after which number they begin again."))
        self._check_pairs("services", has_use=dialect in TRANSLATING, known={str(one) for one in Service})
        self._check_pairs("rates", has_use=dialect == Dialect.TAP_3_12)
        if data.get("partner") and dialect not in NAMING:
            self.add_error("partner", __("Files of this form do not name anybody."))
        return data

    def _check_marked(self, line: str, parts: tuple[str, ...], *, needed: str) -> None:
        """Check what is typed of a head or a trailer."""
        data = self.cleaned_data
        dialect = data.get("dialect")
        typed = [f"{line}_{part}" for part in parts if data.get(f"{line}_{part}")]
        mark = data.get(f"{line}_mark")
        if not typed and not mark:
            return
        if dialect != FIXED and dialect not in OF_FIELDS:
            self.add_error(typed[0] if typed else f"{line}_mark", __("Files of this form have no such line."))
            return
        if not mark:
            self.add_error(f"{line}_mark", __("Say how this line begins, so that it is told from a record."))
        if needed and f"{line}_{needed}" not in typed:
            self.add_error(f"{line}_{needed}", __("Say where this stands in the line."))
        for name in typed:
            try:
                _place(data[name], is_fixed=dialect == FIXED)
            except ValueError:
                self.add_error(name, _place_words(is_fixed=dialect == FIXED))

    def _check_pairs(self, name: str, *, has_use: bool, known: set[str] | None = None) -> None:
        """Check lines with an equals sign."""
        text = self.cleaned_data.get(name)
        if not text:
            return
        if not has_use:
            self.add_error(name, __("Files of this form have no use for it."))
            return
        try:
            found = _read_pairs(text)
        except ValueError as error:
            words = __("Write on each line what stands in the file, an equals sign and what it means: %(line)s.")
            self.add_error(name, words % {"line": error})
            return
        strange = sorted(set(found.values()) - known) if known else []
        if strange:
            words = __("%(value)s is no kind of usage; known are: %(known)s.")
            self.add_error(name, words % {"value": ", ".join(strange), "known": ", ".join(sorted(known or ()))})


def frame_declaration(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields declare, by the keys of a source's map."""
    is_fixed = data["dialect"] == FIXED
    declared: dict[str, Any] = {name: data[name] for name in PLAIN if data[name]}
    for line, parts in (("head", HEAD_PARTS), ("trailer", TRAILER_PARTS)):
        if data[f"{line}_mark"]:
            key, value = _marked(data, line, parts, is_fixed=is_fixed)
            declared[key] = value
    if data["joins"]:
        declared["joins"] = JOINS[data["joins"]]
    if data["sequence_last"] is not None:
        declared["sequence"] = {"first": data["sequence_first"] or 0, "last": data["sequence_last"]}
    if data["partner"]:
        declared["partner"] = data["partner"]
    return declared | {name: _read_pairs(data[name]) for name in ("services", "rates") if data[name]}


def take_frame(dialect: str, rest: dict[str, Any]) -> dict[str, Any]:
    """
    Return the fields' values of a map: the way back of ``frame_declaration``.

    :param rest: the map; what has a field here is taken out of it
    """
    is_fixed = dialect == FIXED
    found: dict[str, Any] = {name: rest.pop(name, None) for name in PLAIN}
    for line, parts in (("head", HEAD_PARTS), ("trailer", TRAILER_PARTS)):
        marked = rest.pop(_key(line, is_fixed=is_fixed), None) or {}
        found[f"{line}_mark"] = marked.get("begins_with")
        for part in parts:
            place = marked.get("places", {}).get(part) if is_fixed else marked.get(f"{part}_field")
            found[f"{line}_{part}"] = _written(place)
    joins = rest.pop("joins", None)
    found["joins"] = None if joins is None else ("yes" if joins else "no")
    sequence = rest.pop("sequence", None) or {}
    found["sequence_first"], found["sequence_last"] = sequence.get("first"), sequence.get("last")
    found["partner"] = rest.pop("partner", None)
    for name in ("services", "rates"):
        found[name] = "\n".join(f"{text} = {meant}" for text, meant in (rest.pop(name, None) or {}).items())
    return found


def _marked(
    data: Mapping[str, Any], line: str, parts: tuple[str, ...], *, is_fixed: bool
) -> tuple[str, dict[str, Any]]:
    """Return a head or trailer as the map keeps it."""
    places = {part: _place(data[f"{line}_{part}"], is_fixed=is_fixed) for part in parts if data[f"{line}_{part}"]}
    kept = {"places": places} if is_fixed else {f"{part}_field": place for part, place in places.items()}
    return _key(line, is_fixed=is_fixed), {"begins_with": data[f"{line}_mark"], **kept}


def _key(line: str, *, is_fixed: bool) -> str:
    return FIXED_KEYS[line] if is_fixed else line


def _place(text: str, *, is_fixed: bool) -> Any:
    """
    Return a position, or a start and a length.

    :raises ValueError: if it is none
    """
    parts = text.replace(" ", "").split("+")
    if len(parts) != 1 + is_fixed or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(text)
    numbers = [int(part) for part in parts]
    return numbers if is_fixed else numbers[0]


def _place_words(*, is_fixed: bool) -> str:
    if is_fixed:
        return __("Write the first character, counted from zero, a plus and the number of characters, as 3+8.")
    return __("Write the position of the field, counted from zero.")


def _written(place: Any) -> str:
    if place is None:
        return ""
    return "+".join(map(str, place)) if isinstance(place, (list, tuple)) else str(place)


def _read_pairs(text: str) -> dict[str, str]:
    """
    Return lines with an equals sign as pairs.

    :raises ValueError: with the line that has none, or whose text stood before
    """
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        said, equals, meant = (part.strip() for part in line.rpartition("="))
        if not (said and equals and meant) or said in found:
            raise ValueError(line)
        found[said] = meant
    return found
