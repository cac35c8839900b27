"""The only file that makes boto3 clients; files and mail come here for theirs.

Imported lazily by its users: boto3 costs a third of a second at import.
"""

from typing import Any

import boto3
from botocore.config import Config

from shared.config import AwsConfig

TIMEOUTS = {"connect_timeout": 3, "read_timeout": 10, "retries": {"max_attempts": 2, "mode": "standard"}}
FILE_TIMEOUTS = {"connect_timeout": 2, "read_timeout": 6, "retries": {"total_max_attempts": 1, "mode": "standard"}}
"""Somebody waits for a file: one try that ends before the pages give up. Background work tries again by itself."""


def client(service: str, config: AwsConfig) -> Any:
    """Return a boto3 client for mail (sesv2) or its queue (sqs), with time-outs, on the real service or a stand-in."""
    endpoint = {"sesv2": config.ses_endpoint, "sqs": config.sqs_endpoint}[service]
    return _made(service, config, endpoint, Config(**TIMEOUTS))


def s3_client(config: AwsConfig, endpoint: str | None) -> Any:
    """Return a boto3 client for files at `endpoint` (None: the real service)."""
    s3 = {"addressing_style": "path"} if endpoint else {}
    return _made("s3", config, endpoint, Config(**FILE_TIMEOUTS, s3=s3, signature_version="s3v4"))


def _made(service: str, config: AwsConfig, endpoint: str | None, settings: Config) -> Any:
    return boto3.client(
        service,
        region_name=config.region,
        endpoint_url=endpoint,
        aws_access_key_id=config.access_key,
        aws_secret_access_key=config.secret_key,
        config=settings,
    )
