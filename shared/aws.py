"""The only file that makes boto3 clients; files and mail come here for theirs.

Imported lazily by its users: boto3 costs a third of a second at import.
"""

from typing import Any

import boto3
from botocore.config import Config

from shared.config import AwsConfig

TIMEOUTS = {"connect_timeout": 3, "read_timeout": 10, "retries": {"max_attempts": 2, "mode": "standard"}}


def client(service: str, config: AwsConfig) -> Any:
    """Return a boto3 client for `s3` or `sesv2`, with time-outs, on the real service or its local stand-in."""
    endpoint = config.s3_endpoint if service == "s3" else config.ses_endpoint
    s3 = {"addressing_style": "path"} if endpoint else {}
    return boto3.client(
        service,
        region_name=config.region,
        endpoint_url=endpoint,
        aws_access_key_id=config.access_key,
        aws_secret_access_key=config.secret_key,
        config=Config(**TIMEOUTS, s3=s3, signature_version="s3v4" if service == "s3" else None),
    )
