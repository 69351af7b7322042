"""What pages say of statements and their lines."""

from django.urls import reverse
from django.utils.translation import gettext as _

from billing_site.core.messages import Message
from billing_site.web.refusals import message_html
from payments.domain.debit_reasons import return_words
from reconciliation.domain.statement_control import HELD_WORDS, HeldFor
from reconciliation.forms.statements import GROUPS, LINE_KINDS
from reconciliation.models import Statement, StatementLine

KINDS = dict(LINE_KINDS)
GROUP_WORDS = dict(GROUPS)


def address_of_statement(statement_id: int) -> str:
    """Return the address of a statement."""
    return reverse("reconciliation:statement", args=[statement_id])


def name_of_statement(statement: Statement) -> str:
    """Say which statement it is."""
    return _("Statement %(statement)s") % {"statement": statement}


def misfits_of(statement: Statement) -> list[Message]:
    """Return what does not fit, as sentences."""
    return [Message(msgid=HELD_WORDS[HeldFor(one["code"])], params=one["values"]) for one in statement.held_for]


def kind_of_line(line: StatementLine) -> str:
    """Say what a line is."""
    return str(KINDS[line.kind])


def group_of_line(line: StatementLine) -> str:
    """Say how sure the rules are."""
    return str(GROUP_WORDS.get(line.group, ""))


def words_of_line(line: StatementLine) -> str:
    """Say what there is to say of a line: a doubt, why it returned, whose copy it is, what people wrote."""
    words = []
    if line.doubt:
        words.append(str(message_html(Message(msgid=line.doubt["msgid"], params=line.doubt["params"]))))
    if line.kind == StatementLine.Kind.RETURN:
        words.append(_(return_words(line.return_reason)))
    if line.duplicate_of is not None:
        words.append(_("Known as line %(line)s of another statement.") % {"line": line.duplicate_of.n})
    return " ".join([*words, line.note]).strip()
