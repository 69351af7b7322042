"""
Run in a process of its own, with the driver and nothing else of ours: ask a database one question.

Given its address and a SELECT, prints the rows, a line each, their values divided by ``|``.
"""

import sys
from contextlib import closing

import psycopg2


def as_text(value: object) -> str:
    """Write a value as psql does."""
    if isinstance(value, bool):
        return "t" if value else "f"
    return "" if value is None else str(value)


if __name__ == "__main__":
    address, question = sys.argv[1:]
    try:
        with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
            cursor.execute(question)
            for row in cursor.fetchall():
                sys.stdout.write("|".join(map(as_text, row)) + "\n")
    except psycopg2.Error as error:
        sys.exit(str(error).strip())
