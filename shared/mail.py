"""Mail through SES behind a port of our own; errors are sorted into those worth another try and the rest."""

from dataclasses import dataclass
from typing import Any, Protocol

from shared.config import AwsConfig

RETRYABLE = frozenset({"TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling"})


class MailDelayed(Exception):
    """The mail service is away or asks us to slow down; another try may help."""


class MailRefused(Exception):
    """The mail service will never take this mail."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One plain-text mail to one address; `reference` ties the provider's messages to our row."""

    to: str
    subject: str
    body: str
    reference: str


class MailSender(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> str:
        """Send and return the provider's id; raises MailDelayed or MailRefused."""


class SesMailSender:
    """Amazon SES."""

    def __init__(self, config: AwsConfig) -> None:
        self._config = config
        self._client: Any = None

    def send(self, mail: Mail) -> str:
        """Send and return SES's message id; raises MailDelayed or MailRefused."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._ses().send_email(**self._request(mail))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            kind = MailDelayed if code in RETRYABLE or status >= 500 else MailRefused
            raise kind(code) from error
        except BotoCoreError as error:
            raise MailDelayed(type(error).__name__) from error
        return str(answer["MessageId"])

    def _ses(self) -> Any:
        if self._client is None:
            from shared.aws import client

            self._client = client("sesv2", self._config)
        return self._client

    def _request(self, mail: Mail) -> dict[str, Any]:
        return {
            "FromEmailAddress": self._config.mail_from,
            "Destination": {"ToAddresses": [mail.to]},
            "Content": {
                "Simple": {
                    "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": mail.body, "Charset": "UTF-8"}},
                }
            },
            "EmailTags": [{"Name": "reference", "Value": mail.reference}],
        }


class SesFeedback:
    """The queue to which SES writes about mails that came back."""

    def __init__(self, config: AwsConfig, queue_url: str) -> None:
        self._config = config
        self._queue_url = queue_url
        self._client: Any = None

    def _sqs(self) -> Any:
        if self._client is None:
            from shared.aws import client

            self._client = client("sqs", self._config)
        return self._client

    def receive(self) -> list[tuple[str, str]]:
        """Return (receipt, body) of up to ten waiting messages; raises botocore's errors when the queue is away."""
        answer = self._sqs().receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        return [(message["ReceiptHandle"], message["Body"]) for message in answer.get("Messages", [])]

    def done(self, receipt: str) -> None:
        """Take one message off the queue."""
        self._sqs().delete_message(QueueUrl=self._queue_url, ReceiptHandle=receipt)
