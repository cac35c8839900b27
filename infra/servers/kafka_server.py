"""One Kafka broker that is its own controller, with SCRAM users and permissions from the start."""

import base64
import os
import shutil
import subprocess
import uuid
from pathlib import Path

from infra.kafka.broker_admin import broker_answers
from infra.servers.artifacts import ArtifactStore, read_lock
from infra.servers.java import QUICK_COMPILER, SMALL_COLLECTOR, argument_file, class_path, java
from infra.servers.processes import Command, ProcessTable, ServerFailed
from infra.servers.profile import Profile
from infra.servers.settings import HOST, KafkaSettings

LOG_CONFIGURATION = Path(__file__).resolve().parents[1] / "kafka" / "log4j2.xml"
JVM = (QUICK_COMPILER, SMALL_COLLECTOR, "-Xms128m", "-Xmx384m")
BROKER_USER = "broker"
ADMIN_USER = "admin"

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
controller.listener.names=CONTROLLER
listeners=CLIENT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=CLIENT://{host}:{port}
listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=CLIENT
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.client.scram-sha-512.sasl.jaas.config={scram} required username="{user}" password="{password}";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={plain} required \\
  username="{user}" password="{password}" user_{user}="{password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{user};User:{admin}
log.dirs={data}
num.network.threads=2
num.io.threads=2
num.partitions=3
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.segment.bytes=16777216
log.retention.ms=-1
offsets.retention.minutes=525600
"""


class KafkaServer:
    """The broker of a profile."""

    name = "kafka"

    def __init__(
        self, profile: Profile, processes: ProcessTable, store: ArtifactStore, settings: KafkaSettings
    ) -> None:
        self._profile = profile
        self._processes = processes
        self._store = store
        self._settings = settings
        self._folder = profile.subfolder("kafka")
        self._data = self._folder / "data"

    def prepare(self) -> None:
        jars = self._store.provide(read_lock()["kafka"])
        self._write_properties()
        if (self._data / "meta.properties").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        arguments = [*JVM, *_logging(), "-cp", class_path(jars), "kafka.tools.StorageTool", "format"]
        arguments += ["--standalone", "--cluster-id", _cluster_id(), "--config", str(self._properties)]
        for user in (BROKER_USER, ADMIN_USER):
            password = self._profile.password(f"kafka:{user}")
            arguments += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]"]
        with argument_file(self._folder / "format.arguments", arguments) as file:
            done = subprocess.run([java(), file], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServerFailed(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def start(self) -> None:
        self._write_properties()
        jars = self._store.provide(read_lock()["kafka"])
        arguments = [java(), *JVM, *_logging(), "-cp", class_path(jars), "kafka.Kafka", str(self._properties)]
        self._processes.start(self.name, Command(arguments))
        options = self._settings.client_options(ADMIN_USER)
        self._processes.wait_until(self.name, lambda: broker_answers(options), seconds=180)

    def stop(self) -> bool:
        return self._processes.stop(self.name, seconds=30)

    def is_running(self) -> bool:
        return self._processes.find(self.name) is not None

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    def _write_properties(self) -> None:
        text = _PROPERTIES.format(
            host=HOST,
            port=self._profile.port("kafka"),
            controller_port=self._profile.port("kafka-controller"),
            user=BROKER_USER,
            admin=ADMIN_USER,
            password=self._profile.password(f"kafka:{BROKER_USER}"),
            scram="org.apache.kafka.common.security.scram.ScramLoginModule",
            plain="org.apache.kafka.common.security.plain.PlainLoginModule",
            data=self._data,
        )
        with open(os.open(self._properties, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)


def _logging() -> list[str]:
    return [f"-Dlog4j2.configurationFile={LOG_CONFIGURATION}"]


def _cluster_id() -> str:
    """Kafka's form of a random UUID: 22 characters, never beginning with a hyphen (an option)."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        continue
    return text
