"""A board with files: the steps around evidence, and what lies in the store."""

import io
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row
from werkzeug.test import TestResponse

from services.assessment import worker
from shared.aws import s3_client
from shared.clock import Clock
from shared.config import AwsConfig
from shared.scanning import Scanner, SignatureScanner
from shared.scheduler import Scheduler
from shared.storage import FileStore
from shared.testing import sample_files
from shared.testing.world import Person
from tests.integration.assessment.boards import Board


@dataclass
class Shelf:
    """One trust's evidence."""

    board: Board
    aws: AwsConfig

    def add_file(
        self,
        round_id: str,
        name: str = "paper.pdf",
        content: bytes = sample_files.PDF,
        *,
        by: Person | None = None,
        item_id: str = "i1",
        title: str = "What the ward said",
        key: str | None = None,
        **more: str,
    ) -> TestResponse:
        data = {"file": (io.BytesIO(content), name), "item_id": item_id, "title": title, **more}
        return self.client(by).post(f"/v1/rounds/{round_id}/evidence/files", data=data, key=key)

    def add_link(self, round_id: str, link: str = "https://example.org/a", **more: Any) -> TestResponse:
        by = more.pop("by", None)
        body = {"item_id": "i1", "title": "The dashboard", "link": link, **more}
        return self.client(by).post(f"/v1/rounds/{round_id}/evidence/links", body)

    def shown(self, round_id: str, by: Person | None = None) -> dict[str, Any]:
        response = self.client(by).get(f"/v1/rounds/{round_id}/evidence")
        assert response.status_code == 200, response.json
        return dict(response.json)

    def answer(self, round_id: str, earlier_id: str, answer: str) -> TestResponse:
        return self.client().post(f"/v1/rounds/{round_id}/evidence/{earlier_id}/still-true", {"answer": answer})

    def remove(self, round_id: str, evidence_id: str, by: Person | None = None) -> TestResponse:
        return self.client(by).delete(f"/v1/rounds/{round_id}/evidence/{evidence_id}")

    def link_to(self, round_id: str, evidence_id: str, by: Person | None = None) -> TestResponse:
        return self.client(by).get(f"/v1/rounds/{round_id}/evidence/{evidence_id}/link")

    def client(self, by: Person | None = None) -> Any:
        return self.board.acting(by or self.board.lead)

    def work(self, *, clock: Clock | None = None, scanner: Scanner | None = None, aws: AwsConfig | None = None) -> None:
        """Let the scheduler do what is due with files, with each step's follow-up."""
        service = self.board.service
        handlers = worker.file_handlers(FileStore(aws or self.aws), scanner or SignatureScanner())
        scheduler = Scheduler(service.database, handlers, stop=lambda: False, clock=clock or service.clock)
        while scheduler.run_once():
            pass

    def ready_file(self, round_id: str, **options: Any) -> str:
        """Add a file and have it found clean; return the id of the piece."""
        response = self.add_file(round_id, **options)
        assert response.status_code == 201, response.json
        self.work()
        return str(response.json["items"][-1]["id"])

    def objects(self) -> list[str]:
        """The keys under this tenant's prefix."""
        store = s3_client(self.aws, self.aws.s3_endpoint)
        found = store.list_objects_v2(Bucket=self.aws.bucket, Prefix=f"{self.board.tenant}/")
        return sorted(one["Key"] for one in found.get("Contents", []))

    def rows(self, table: str = "stored_file") -> list[dict[str, Any]]:
        query = f"select * from assessment.{table} where org_id = %s order by id"
        with psycopg.connect(self.board.service.superuser_url, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), [self.board.org]).fetchall()


def nobodys_id() -> str:
    return str(uuid4())
