"""Numbers as columns: the plain forms at once, every other one by the core, and the duplicate key of a call."""

import polars as pl

from rating.domain.duplicate_keys import BYTES_PER_WORD, FOLD, MULTIPLIER, NUMBER_WORDS, REFERENCE_WORDS, duplicate_key
from rating.domain.guiding import MAX_INTERNATIONAL_LENGTH, NumberingPlan, normalise_number


def normalise_numbers(texts: pl.Series, plan: NumberingPlan) -> pl.DataFrame:
    """
    Return (number, fault) for each text, in order: the normalised number, or what the core finds wrong.

    Full national numbers, numbers behind the trunk prefix and foreign ones behind the international prefix are read
    by pattern, all else by the core.
    """
    frame = pl.DataFrame({"text": texts}).with_columns(number=_plain(plan))
    odd = frame.filter(pl.col("number").is_null())["text"].unique()
    if odd.is_empty():
        return frame.select("number", fault=pl.lit(None, dtype=pl.String))
    readings = [normalise_number(text, plan) for text in odd]
    judged = pl.DataFrame(
        {
            "text": odd,
            "judged": [reading.number if reading.fault is None else None for reading in readings],
            "fault": [None if reading.fault is None else str(reading.fault) for reading in readings],
        },
        schema={"text": pl.String, "judged": pl.String, "fault": pl.String},
    )
    return frame.join(judged, on="text", how="left", maintain_order="left").select(
        number=pl.coalesce("number", "judged"), fault=pl.when(pl.col("number").is_null()).then("fault")
    )


def _plain(plan: NumberingPlan) -> pl.Expr:
    """Return the number of the surely right forms, null for all others."""
    text = pl.col("text")
    home, trunk = plan.country_code, plan.trunk_prefix
    lengths = "|".join(f"[0-9]{{{length}}}" for length in sorted(plan.national_lengths))
    escapes = tuple(prefix for prefix in (*plan.international_prefixes, trunk) if prefix)
    # A national number written bare must not look like anything that is dialled before a number.
    found = pl.lit(None, dtype=pl.String)
    if not home.startswith(escapes):
        found = pl.when(text.str.contains(f"^{home}(?:{lengths})$")).then(text).otherwise(found)
    if plan.international_prefixes == ("00",):
        least = plan.min_international_length - 1
        foreign = text.str.extract(f"^(?:00|[+])([1-9][0-9]{{{least},{MAX_INTERNATIONAL_LENGTH - 1}}})$")
        found = pl.when(foreign.is_not_null() & ~foreign.str.starts_with(home)).then(foreign).otherwise(found)
        if trunk == "0":
            rest = text.str.extract(f"^0((?:{lengths}))$")
            is_trunk = rest.is_not_null() & ~rest.str.starts_with("0")
            found = pl.when(is_trunk).then(pl.lit(home) + rest).otherwise(found)
    if plan.short_codes:
        found = pl.when(text.is_in(sorted(plan.short_codes))).then(pl.lit(None, dtype=pl.String)).otherwise(found)
    return found.alias("number")


def duplicate_keys(calls: pl.DataFrame, *, joins: bool) -> pl.Series:
    """Return the duplicate key of each call: ``rating.domain.duplicate_keys`` column by column."""
    ref = pl.col("call_ref")
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
    state = _mixed(None, _words(calls, "calling", NUMBER_WORDS))
    has_ref = calls.select(ref != "").to_series()
    if has_ref.any():
        with_ref = _mixed(state, _words(calls, "call_ref", REFERENCE_WORDS))
        state = with_ref if has_ref.all() else with_ref.zip_with(has_ref, state)
    key = state
    if not joins or not has_ref.all():
        rest = [*_words(calls, "called", NUMBER_WORDS), calls["duration"].cast(pl.UInt64)]
        key = _mixed(state, rest)
        if joins:
            key = state.zip_with(has_ref, key)
    return key.reinterpret(signed=True).alias("key")


def _words(calls: pl.DataFrame, name: str, count: int) -> list[pl.Series]:
    """Return the first words of a text column of ASCII."""
    padded = pl.col(name).str.pad_end(count * BYTES_PER_WORD, " ")
    words = [
        padded.str.slice(at * BYTES_PER_WORD, BYTES_PER_WORD)
        .cast(pl.Binary)
        .bin.reinterpret(dtype=pl.UInt64, endianness="little")
        .alias(str(at))
        for at in range(count)
    ]
    return calls.select(words).get_columns()


def _mixed(state: pl.Series | None, words: list[pl.Series]) -> pl.Series:
    """Take words into the state; multiplication of 64-bit columns wraps, as the core's modulo does."""
    for word in words:
        state = word if state is None else state ^ word
        state = state * pl.Series([MULTIPLIER], dtype=pl.UInt64)
        state = state ^ (state // FOLD)
    assert state is not None
    return state


def _keys_by_core(calls: pl.DataFrame, *, joins: bool) -> pl.Series:
    rows = calls.select("calling", "called", "duration", "call_ref").iter_rows()
    keys = [
        duplicate_key(calling=calling, called=called, duration_seconds=duration, call_ref=ref, joins=joins)
        for calling, called, duration, ref in rows
    ]
    return pl.Series("key", keys, dtype=pl.Int64)
