"""Files: keys of 128 random bits under the tenant's prefix, links for one key, one method and 60 seconds.

A file is authorised by its row in the owning service; a link is minted after that check and never logged. A key is
written once and stays what it is when the organisation moves to another tenant.
"""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any
from urllib.parse import quote

from shared.config import AwsConfig

LINK_SECONDS = 60
IN_MEMORY = 1024 * 1024
"""Bytes of a fetched file that stay in memory; more goes to a temporary file."""
PIECE = 256 * 1024
ABSENT = frozenset({"NoSuchKey", "404"})


class FilesAway(Exception):
    """The store does not answer, refuses, or broke off; another try may help."""


class FileMissing(Exception):
    """The store holds no such file."""


class FileStore:
    """The bucket of this service; without a configuration every file is away."""

    def __init__(self, config: AwsConfig | None) -> None:
        self._settings = config
        self._clients: dict[str, Any] = {}

    @property
    def _config(self) -> AwsConfig:
        if self._settings is None:
            raise FilesAway("no store is configured")
        return self._settings

    def _s3(self, endpoint: str | None) -> Any:
        name = endpoint or ""
        if name not in self._clients:
            from shared.aws import s3_client

            self._clients[name] = s3_client(self._config, endpoint)
        return self._clients[name]

    @staticmethod
    def new_key(tenant_id: str) -> str:
        """Return a key nobody can guess, under the tenant's prefix."""
        return f"{tenant_id}/{secrets.token_hex(16)}"

    def put(self, key: str, content: IO[bytes], media_type: str) -> None:
        """Store a file; raises FilesAway, after which part of it or all of it may be there."""
        content.seek(0)
        with self._sorted_errors():
            self._s3(self._config.s3_endpoint).put_object(
                Bucket=self._config.bucket, Key=key, Body=content, ContentType=media_type
            )

    @contextmanager
    def fetched(self, key: str) -> Iterator[IO[bytes]]:
        """Yield a file's content as a temporary file; raises FilesAway and FileMissing."""
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
            with self._sorted_errors():
                body = self._s3(self._config.s3_endpoint).get_object(Bucket=self._config.bucket, Key=key)["Body"]
                for piece in body.iter_chunks(PIECE):
                    file.write(piece)
            file.seek(0)
            yield file

    def names(self, beginning: str) -> Iterator[tuple[str, datetime]]:
        """Yield the keys that begin so, and when each was written; raises FilesAway."""
        with self._sorted_errors():
            pages = self._s3(self._config.s3_endpoint).get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._config.bucket, Prefix=beginning):
                for file in page.get("Contents", ()):
                    yield str(file["Key"]), file["LastModified"]

    def delete(self, key: str) -> None:
        """Remove a file; removing twice is fine. Raises FilesAway."""
        with self._sorted_errors():
            self._s3(self._config.s3_endpoint).delete_object(Bucket=self._config.bucket, Key=key)

    def link(self, key: str, *, file_name: str, media_type: str) -> str:
        """Return a link that saves this one file under `file_name`, for LINK_SECONDS seconds."""
        link: str = self._s3(self._config.link_endpoint or self._config.s3_endpoint).generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._config.bucket,
                "Key": key,
                "ResponseContentDisposition": as_attachment(file_name),
                "ResponseContentType": media_type,
            },
            ExpiresIn=LINK_SECONDS,
        )
        return link

    def make_bucket(self) -> None:
        """Make the bucket unless it is there, where the platform brings none. Raises FilesAway."""
        bucket, store = self._config.bucket, self._s3(self._config.s3_endpoint)
        try:
            with self._sorted_errors():
                store.head_bucket(Bucket=bucket)
        except FileMissing:
            with self._sorted_errors():
                store.create_bucket(
                    Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": self._config.region}
                )

    @staticmethod
    @contextmanager
    def _sorted_errors() -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            raise (FileMissing if code in ABSENT else FilesAway)(code) from error
        except (BotoCoreError, OSError) as error:
            raise FilesAway(type(error).__name__) from error


def as_attachment(file_name: str) -> str:
    """Return a Content-Disposition that saves and never shows, for a name that holds no path (RFC 6266)."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in " ._-()") else "_" for sign in file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
