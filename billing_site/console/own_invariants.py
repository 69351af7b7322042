"""What must be true of the whole house: statements that no app alone can make, for each spans all of them."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import CharField, Model, Q, TextField

from billing_site.core.cards import CARD_LIKE_SQL, has_card_number
from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

# Where the document of an entry is found, by the word that the entry has for it: the rows' text, as a query.
DOCUMENTS = {
    "INVOICE": "SELECT number FROM invoicing_invoice WHERE number IS NOT NULL",
    "CREDIT_NOTE": "SELECT number FROM invoicing_creditnote WHERE number IS NOT NULL",
    "PAYMENT": "SELECT id::text FROM payments_payment",
    "REFUND": "SELECT id::text FROM payments_refund",
    "DEPOSIT": "SELECT id::text FROM payments_deposit",
    "RETURN_CHARGE": "SELECT id::text FROM payments_paymentreversal",
    "WRITE_OFF": "SELECT DISTINCT write_off_id || '/' || account_id FROM payments_writeoffitem",
    "RECOVERY": "SELECT id::text FROM payments_baddebtrecovery",
    "TILL_DIFFERENCE": "SELECT id::text FROM payments_tillsession",
    "CASH_HAND_OVER": "SELECT id::text FROM payments_cashhandover",
    "BANK_CHARGE": "SELECT id::text FROM reconciliation_statementline",
    "DEBIT_RETURN": "SELECT id::text FROM reconciliation_statementline",
    "REVERSAL": "SELECT id::text FROM ledger_entry",
}
_UNION = " UNION ALL ".join(
    f"SELECT '{word}', d.name FROM ({query}) AS d (name)"  # noqa: S608 - our own statements
    for word, query in DOCUMENTS.items()
)
OURS = ("billing_site", "tariffs", "subscribers", "rating", "invoicing", "payments", "reconciliation", "reports")
# A column that takes less is for a number or a code.
WORDS_LENGTH = 70
# Columns long enough for words that hold none: called numbers, lines of exchanges, keys, addresses of pages.
NOT_WORDS = {
    *("calling", "called", "raw", "key", "password"),
    *("result_url", "return_url", "msgid", "content_type", "agent"),
}


# What is sealed, and may be read by nobody who works, needs no looking through.
_READABLE = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege(oid, 'SELECT')
"""


def _whole_card_numbers() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_READABLE)
        readable = {name for (name,) in cursor.fetchall()}
    for model in apps.get_models():
        table, names = words_of(model)
        if not names or table not in readable:
            continue
        looks_like = Q(*((f"{name}__regex", CARD_LIKE_SQL) for name in names), _connector=Q.OR)
        rows = model._default_manager.filter(looks_like).order_by("pk").values_list("pk", *names)  # noqa: SLF001 - Django's own way to the rows of any model
        for pk, *texts in rows.iterator():
            for name, text in zip(names, texts, strict=True):
                if text and has_card_number(text):
                    yield f"{table} {pk}", f"{name} holds the number of a payment card"


def words_of(model: type[Model]) -> tuple[str, list[str]]:
    """Return a table and which of its columns hold what people wrote, or files of others: long texts that are free."""
    options = model._meta  # noqa: SLF001 - Django's own way to the columns of any model
    if model.__module__.partition(".")[0] not in OURS or not options.managed:
        return options.db_table, []
    return options.db_table, [field.name for field in options.local_concrete_fields if _is_for_words(field)]


def _is_for_words(field: object) -> bool:
    if not isinstance(field, CharField | TextField) or field.name in NOT_WORDS:
        return False
    return not (field.choices or field.unique) and (field.max_length or WORDS_LENGTH) >= WORDS_LENGTH


OWN_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "console.entries_have_documents",
        gettext_noop("Every entry that was not reversed names a document of a known kind that is there."),
        f"""
        SELECT 'entry ' || e.id, 'of ' || e.source_type || ' ' || e.source_id || ', which is not there'
        FROM ledger_entry e LEFT JOIN ({_UNION}) AS d (kind, name) ON d.kind = e.source_type AND d.name = e.source_id
        WHERE d.name IS NULL AND NOT EXISTS (SELECT FROM ledger_entry r WHERE r.reverses_id = e.id)
        """,  # noqa: S608 - our own statement
    ),
    Invariant(
        name="console.no_card_numbers",
        sentence=gettext_noop("No text holds the whole number of a payment card."),
        find=_whole_card_numbers,
    ),
)
