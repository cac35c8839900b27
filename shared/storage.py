"""Files: keys of 128 random bits under the tenant's prefix, links for one key, one method and 60 seconds.

A file is authorised by its row in the owning service; a link is minted after that check and never logged.
"""

import secrets
from typing import Any

from shared.config import AwsConfig

LINK_SECONDS = 60


class FileStore:
    """The bucket of this service."""

    def __init__(self, config: AwsConfig) -> None:
        self._config = config
        self._client: Any = None

    def _s3(self) -> Any:
        if self._client is None:
            from shared.aws import client

            self._client = client("s3", self._config)
        return self._client

    @staticmethod
    def new_key(tenant_id: str) -> str:
        """Return a key nobody can guess, under the tenant's prefix."""
        return f"{tenant_id}/{secrets.token_hex(16)}"

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store a file; raises botocore's errors when the store refuses or is away."""
        self._s3().put_object(Bucket=self._config.bucket, Key=key, Body=content, ContentType=content_type)

    def get(self, key: str) -> bytes:
        """Return a file's content."""
        body: bytes = self._s3().get_object(Bucket=self._config.bucket, Key=key)["Body"].read()
        return body

    def delete(self, key: str) -> None:
        """Remove a file; removing twice is fine."""
        self._s3().delete_object(Bucket=self._config.bucket, Key=key)

    def link(self, key: str) -> str:
        """Return a link that reads this one file for LINK_SECONDS seconds."""
        link: str = self._s3().generate_presigned_url(
            "get_object", Params={"Bucket": self._config.bucket, "Key": key}, ExpiresIn=LINK_SECONDS
        )
        return link
