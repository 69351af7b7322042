"""What an error of the mail server or the provider says about the mail: certainly not taken, refused, or not known."""

import smtplib
import socket

from invoicing.domain.mail_outcomes import MailOutcome, outcome_of_status

PERMANENT = 500
# The server did not answer at all, or did not let us in: nothing was handed over.
NOT_TAKEN = (
    ConnectionRefusedError,
    socket.gaierror,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPNotSupportedError,
)


def sending_errors() -> tuple[type[Exception], ...]:
    """Return what sending may raise: of the connection, of the mail, of the provider."""
    from anymail.exceptions import AnymailError  # noqa: PLC0415 - brings a client of HTTP along: six megabytes a process

    return OSError, ValueError, AnymailError


def read_failure(error: Exception) -> MailOutcome:
    """
    Return what an error of sending means; whatever is not known to be harmless counts as not known.

    A connection that breaks after the text was handed over may have delivered it.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
        return MailOutcome.REFUSED if all(code >= PERMANENT for code in codes) else MailOutcome.TRY_AGAIN
    if isinstance(error, NOT_TAKEN):
        return MailOutcome.TRY_AGAIN
    if isinstance(error, smtplib.SMTPDataError):
        return MailOutcome.GIVEN_UP if error.smtp_code >= PERMANENT else MailOutcome.TRY_AGAIN
    return _read_failure_of_provider(error)


def _read_failure_of_provider(error: Exception) -> MailOutcome:
    # Only when something failed: see above.
    from anymail import exceptions  # noqa: PLC0415
    from requests.exceptions import ConnectTimeout  # noqa: PLC0415

    if isinstance(error, exceptions.AnymailRecipientsRefused | exceptions.AnymailInvalidAddress):
        return MailOutcome.REFUSED
    if isinstance(error, ConnectTimeout):
        return MailOutcome.TRY_AGAIN
    if isinstance(error, exceptions.AnymailRequestsAPIError) and error.status_code is not None:
        return outcome_of_status(error.status_code)
    return MailOutcome.UNSURE
