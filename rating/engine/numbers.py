"""Numbers as columns: the plain forms at once, every other one by the core, and the duplicate key of a call."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rating.domain.duplicate_keys import BYTES_PER_WORD, FOLD, MULTIPLIER, NUMBER_WORDS, REFERENCE_WORDS, duplicate_key
from rating.domain.guiding import MAX_INTERNATIONAL_LENGTH, NumberingPlan, normalise_number

FOLD_BITS = FOLD.bit_length() - 1
BLANK_WORD = int.from_bytes(b" " * BYTES_PER_WORD, "little")


def normalise_numbers(texts: pl.Series, plan: NumberingPlan) -> pl.DataFrame:
    """
    Return (number, fault) for each text, in order: the normalised number, or what the core finds wrong.

    Full national numbers, numbers behind the trunk prefix and foreign ones behind the international prefix are read
    by pattern, all else by the core.
    """
    frame = pl.DataFrame({"text": texts}).with_columns(number=_home(plan))
    other = frame.filter(pl.col("number").is_null()).select("text").unique().with_columns(read=_dialled(plan))
    if other.is_empty():
        return frame.select("number", fault=pl.lit(None, dtype=pl.String))
    odd = other.filter(pl.col("read").is_null())["text"]
    readings = [normalise_number(text, plan) for text in odd]
    judged = pl.DataFrame(
        {
            "text": odd,
            "read": [reading.number if reading.fault is None else None for reading in readings],
            "fault": [None if reading.fault is None else str(reading.fault) for reading in readings],
        },
        schema={"text": pl.String, "read": pl.String, "fault": pl.String},
    )
    known = pl.concat([other.drop_nulls().with_columns(fault=pl.lit(None, dtype=pl.String)), judged])
    return frame.join(known, on="text", how="left", maintain_order="left").select(
        number=pl.coalesce("number", "read"), fault="fault"
    )


def _home(plan: NumberingPlan) -> pl.Expr:
    """Return full national numbers, null for all others."""
    text = pl.col("text")
    escapes = tuple(prefix for prefix in (*plan.international_prefixes, plan.trunk_prefix) if prefix)
    # A national number written bare must not look like anything that is dialled before a number.
    if not plan.country_code or plan.country_code.startswith(escapes):
        return pl.lit(None, dtype=pl.String).alias("number")
    lengths = [len(plan.country_code) + length for length in sorted(plan.national_lengths)]
    # Digits alone make an integer; a sign could only stand in front, and that is looked at. It takes half of a pattern.
    is_number = text.cast(pl.Int64, strict=False).is_not_null()
    is_home = text.str.starts_with(plan.country_code) & text.str.len_bytes().is_in(lengths) & is_number
    return pl.when(is_home & ~_is_short_code(plan)).then(text).alias("number")


def _lengths(plan: NumberingPlan) -> str:
    return "|".join(f"[0-9]{{{length}}}" for length in sorted(plan.national_lengths))


def _is_short_code(plan: NumberingPlan) -> pl.Expr:
    return pl.col("text").is_in(sorted(plan.short_codes)) if plan.short_codes else pl.lit(value=False)


def _dialled(plan: NumberingPlan) -> pl.Expr:
    """Return the number of the surely right forms behind a prefix, null for all others."""
    text = pl.col("text")
    home, trunk = plan.country_code, plan.trunk_prefix
    found = pl.lit(None, dtype=pl.String)
    if plan.international_prefixes == ("00",):
        least = plan.min_international_length - 1
        foreign = text.str.extract(f"^(?:00|[+])([1-9][0-9]{{{least},{MAX_INTERNATIONAL_LENGTH - 1}}})$")
        found = pl.when(foreign.is_not_null() & ~foreign.str.starts_with(home)).then(foreign).otherwise(found)
        if trunk == "0":
            rest = text.str.extract(f"^0((?:{_lengths(plan)}))$")
            is_trunk = rest.is_not_null() & ~rest.str.starts_with("0")
            found = pl.when(is_trunk).then(pl.lit(home) + rest).otherwise(found)
    return pl.when(~_is_short_code(plan)).then(found).alias("number")


def duplicate_keys(calls: pl.DataFrame, *, joins: bool) -> pl.Series:
    """Return the duplicate key of each call: ``rating.domain.duplicate_keys`` column by column."""
    odd = calls.select(
        pl.any_horizontal(
            *(
                pl.col(name).str.len_bytes() != pl.col(name).str.len_chars()
                for name in ("calling", "called", "call_ref")
            )
        )
    ).to_series()
    if odd.any():
        return _keys_by_core(calls, joins=joins)
    state = _mixed(None, _words(calls["calling"], NUMBER_WORDS))
    has_ref = (calls["call_ref"] != "").to_numpy()
    if has_ref.any():
        with_ref = _mixed(state, _words(calls["call_ref"], REFERENCE_WORDS))
        state = np.where(has_ref, with_ref, state)
    key = state
    if not joins or not has_ref.all():
        key = _mixed(state, [*_words(calls["called"], NUMBER_WORDS), calls["duration"].cast(pl.UInt64).to_numpy()])
        if joins:
            key = np.where(has_ref, state, key)
    return pl.Series("key", key.view(np.int64))


def _words(texts: pl.Series, count: int) -> list[Any]:
    """Return the first words of a text column of ASCII; those that no text reaches are one blank for all."""
    longest: Any = texts.str.len_bytes().max() or 1
    filled = min(count, -(-longest // BYTES_PER_WORD))
    size = filled * BYTES_PER_WORD
    padded = (texts.str.head(size) if longest > size else texts).str.pad_end(size, " ").str.join("").item()
    words = np.frombuffer(padded.encode(), dtype="<u8").reshape(len(texts), filled)
    return [*words.T, *[np.uint64(BLANK_WORD)] * (count - filled)]


def _mixed(state: NDArray[np.uint64] | None, words: list[Any]) -> Any:
    """Take words into a state and return the new one; multiplication of 64 bits wraps, as the core's modulo does."""
    mixed = np.uint64(0) if state is None else state
    for word in words:
        mixed = (mixed ^ word) * np.uint64(MULTIPLIER)
        mixed ^= mixed >> np.uint64(FOLD_BITS)
    return mixed


def _keys_by_core(calls: pl.DataFrame, *, joins: bool) -> pl.Series:
    rows = calls.select("calling", "called", "duration", "call_ref").iter_rows()
    keys = [
        duplicate_key(calling=calling, called=called, duration_seconds=duration, call_ref=ref, joins=joins)
        for calling, called, duration, ref in rows
    ]
    return pl.Series("key", keys, dtype=pl.Int64)
