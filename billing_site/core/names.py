"""Names kept in several languages: a mapping from language code to text."""

from collections.abc import Mapping

FALLBACK_LANGUAGE = "en"


def name_in(names: Mapping[str, str], language: str) -> str:
    """
    Return a name in a language, else in its main language (``zh`` of ``zh-hans``), else in English, else in any.

    Empty texts count as missing; an empty mapping gives an empty string. The choice among "any" is by language code,
    so it is stable.
    """
    for code in (language, language.split("-", maxsplit=1)[0], FALLBACK_LANGUAGE):
        if names.get(code):
            return names[code]
    return next((names[code] for code in sorted(names) if names[code]), "")
