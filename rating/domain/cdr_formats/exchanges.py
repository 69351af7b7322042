"""The forms that well-known exchanges write by themselves."""

from zoneinfo import ZoneInfo

from rating.domain.cdr_formats.column_maps import ColumnMap

_ASTERISK_COLUMNS = {
    "account_code": 0,
    "calling": 1,
    "called": 2,
    "trunk_in": 5,
    "trunk_out": 6,
    "started_at": 9,
    "answered_at": 10,
    "ended_at": 11,
    "total_seconds": 12,
    "duration_seconds": 13,
    "disposition": 14,
    "call_ref": 16,
}
ASTERISK_FIELDS = 18
ASTERISK_LINKED_FIELDS = 21
ASTERISK_LINKED_ID = 19
FREESWITCH_FIELDS = 15


def asterisk_master_map(*, zone: ZoneInfo, encoding: str = "utf-8") -> ColumnMap:
    """Return the map of Asterisk's ``Master.csv``: 18 columns, no header, local times of the exchange."""
    return ColumnMap(columns=_ASTERISK_COLUMNS, field_count=ASTERISK_FIELDS, zone=zone, encoding=encoding)


def asterisk_linked_map(*, zone: ZoneInfo, encoding: str = "utf-8") -> ColumnMap:
    """
    Return the map of ``Master.csv`` with its newer columns: 21, of which the last but one names the whole call.

    A call that is passed on has rows with unique ids of their own and one linked id.
    """
    columns = {**_ASTERISK_COLUMNS, "call_ref": ASTERISK_LINKED_ID}
    return ColumnMap(columns=columns, field_count=ASTERISK_LINKED_FIELDS, zone=zone, encoding=encoding)


def freeswitch_csv_map(*, zone: ZoneInfo, encoding: str = "utf-8") -> ColumnMap:
    """
    Return the map of FreeSWITCH's own template for ``mod_cdr_csv``: 15 columns, no header, local times.

    A call that was answered has seconds; why it was hung up says nothing about that.
    """
    return ColumnMap(
        columns={
            "calling": 1,
            "called": 2,
            "started_at": 4,
            "answered_at": 5,
            "ended_at": 6,
            "total_seconds": 7,
            "duration_seconds": 8,
            "call_ref": 10,
            "account_code": 12,
        },
        field_count=FREESWITCH_FIELDS,
        zone=zone,
        encoding=encoding,
    )
