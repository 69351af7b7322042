"""What the one search box looks through, and what it makes of what was typed."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from subscribers.domain.transliteration import is_arabic, skeleton, syllables, transliterate

MAX_KEY = 600
MIN_SKELETON = 2
# Arabic letters that people write in place of each other, and signs that many leave out.
ARABIC_FOLDS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "ء": None,
        "ـ": None,
    }
)
OTHER_FOLDS = str.maketrans({"ё": "е", "և": "եւ"})
NOT_A_WORD = re.compile(r"[^\w]+")
APOSTROPHES = re.compile(r"['’‘ʼ`՚]")
ARABIC_ARTICLE = "al"
Y_BEFORE_VOWEL = re.compile(r"y(?=[aeiou])")
DOUBLE_I = re.compile(r"i{2,}")
# The same keys on the Russian layout and on the Latin one.
LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
RUSSIAN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
TO_RUSSIAN = str.maketrans(LATIN_KEYS, RUSSIAN_KEYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWord:
    """One typed word in the forms in which a key may hold it: any of them is a hit. ``latin`` is its sound."""

    latin: str
    forms: tuple[str, ...]


def normalise_text(text: str) -> str:
    """
    Return a text as keys hold it: lower case, half width, without marks, one space between words.

    Letters that people write in place of each other become one: alef, ya, ta marbuta, ``ё``, ``և``.
    """
    text = APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold())
    decomposed = unicodedata.normalize("NFD", text.replace("й", "\0"))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("\0", "й")
    folded = unicodedata.normalize("NFC", bare).translate(ARABIC_FOLDS).translate(OTHER_FOLDS)
    return " ".join(NOT_A_WORD.sub(" ", folded).split())


def search_key(name: str) -> str:
    """
    Return the key of a name: the name itself, its sound in Latin letters, its initials.

    Arabic words also leave their consonants behind a ``~``, because vowels are not written.
    """
    plain = normalise_text(name)
    latin = transliterate(_spell_ligature(plain))
    parts = [plain, latin, fold_latin(latin), _initials(plain, latin)]
    if is_arabic(plain):
        parts.extend(f"~{skeleton(form)}" for form in _arabic_forms(latin.split()))
    return " ".join(dict.fromkeys(part for part in parts if part))[:MAX_KEY].strip()


def search_words(text: str) -> tuple[SearchWord, ...]:
    """Return the typed words; a name that holds all of them is found."""
    return tuple(_search_word(word) for word in normalise_text(text).split())


def fold_latin(latin: str) -> str:
    """Return Latin letters in the one spelling that ``-yan`` and ``-ian``, ``-iya`` and ``-ia`` share."""
    return DOUBLE_I.sub("i", Y_BEFORE_VOWEL.sub("i", latin))


def with_russian_layout(text: str) -> str:
    """Return what the same keys would have typed on the Russian layout."""
    return text.lower().translate(TO_RUSSIAN)


def _search_word(word: str) -> SearchWord:
    latin = transliterate(_spell_ligature(word))
    forms = [word, latin, fold_latin(latin)]
    bones = skeleton(latin)
    if latin.isascii() and latin.isalpha() and len(bones) >= MIN_SKELETON:
        forms.append(f"~{bones}")
    return SearchWord(latin=latin, forms=tuple(dict.fromkeys(forms)))


def _arabic_forms(words: list[str]) -> list[str]:
    """Return each word, without its article too, and each with the next one: many names are written in one or two."""
    alone = [form for word in words for form in (word, word.removeprefix(ARABIC_ARTICLE))]
    return [*alone, *(first + second for first, second in pairwise(words))]


def _initials(plain: str, latin: str) -> str:
    """Return the first letters of the words, of a Chinese name the first letters of its syllables."""
    if " " not in plain and len(plain) > 1 and syllables(plain):
        return "".join(sound[0] for sound in syllables(plain))
    words = latin.split()
    return "".join(word[0] for word in words) if len(words) > 1 else ""


def _spell_ligature(plain: str) -> str:
    return plain.replace("եւ", "և")
