"""A hash over everything that a bill run wrote, ids left out: equal for equal results, however often the run died."""

import hashlib

from django.db import connection

from billing_site.db.sql import read_sql


def digest_of_run(*, run_id: int) -> str:
    """
    Return the SHA-256, as hex, of a run's invoices with numbers, lines, taxes, parked accounts and entries in
    the books.

    Rows are taken in the order of accounts and streamed: memory does not grow with the run.
    """
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for part in ("digest_invoices", "digest_lines", "digest_taxes", "digest_parked", "digest_entries"):
            digest.update(part.encode())
            cursor.execute(read_sql("invoicing", part), {"run": run_id})
            while rows := cursor.fetchmany(5000):
                for (line,) in rows:
                    digest.update(line.encode())
                    digest.update(b"\n")
    return digest.hexdigest()
