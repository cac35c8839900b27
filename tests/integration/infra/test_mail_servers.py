"""Mails that the local servers accept can be read as files, and only those."""

import smtplib
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from secrets import token_hex

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.servers import ConnectionSettings


def mail(sender: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "bola.member@example.org", subject
    message.set_content("Your answers are due on 3 March 2026.")
    return message


def kept_mail(folder: Path, subject: str) -> EmailMessage | None:
    """Return the kept mail with that subject, waiting up to 5 seconds for it."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for path in folder.glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=default)
            if message["Subject"] == subject:
                return message
        time.sleep(0.05)
    return None


def ses_client(connections: ConnectionSettings) -> object:
    return boto3.client(
        "sesv2",
        endpoint_url=connections.ses.endpoint,
        region_name=connections.ses.region,
        aws_access_key_id=connections.ses.access_key,
        aws_secret_access_key=connections.ses.secret_key,
    )


def test_a_mail_sent_by_ses_is_kept_as_it_was_sent(connections: ConnectionSettings) -> None:
    subject = f"Reminder {token_hex(4)}"
    raw = mail(connections.ses.sender, subject).as_bytes()

    ses_client(connections).send_email(Content={"Raw": {"Data": raw}})  # type: ignore[attr-defined]

    kept = kept_mail(connections.ses.folder, subject)
    assert kept is not None
    assert kept["To"] == "bola.member@example.org"
    assert "due on 3 March 2026" in kept.get_content()


def test_ses_refuses_a_sender_that_is_not_verified(connections: ConnectionSettings) -> None:
    subject = f"Forged {token_hex(4)}"
    raw = mail("someone@elsewhere.example", subject).as_bytes()

    with pytest.raises(ClientError):
        ses_client(connections).send_email(  # type: ignore[attr-defined]
            FromEmailAddress="someone@elsewhere.example", Content={"Raw": {"Data": raw}}
        )


def test_a_mail_sent_by_smtp_is_kept_with_its_recipients(connections: ConnectionSettings) -> None:
    subject = f"Invitation {token_hex(4)}"

    with smtplib.SMTP(connections.smtp.host, connections.smtp.port, timeout=10) as smtp:
        smtp.send_message(mail("keycloak@improve-together.example", subject))

    kept = kept_mail(connections.smtp.folder, subject)
    assert kept is not None
    assert kept["X-Envelope-To"] == "bola.member@example.org"
