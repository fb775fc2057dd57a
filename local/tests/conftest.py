"""One emulator for the whole session, reached as the CDK CLI reaches it: over HTTP, through boto3."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

LOCAL = Path(__file__).resolve().parent.parent
ZONE = "Z0123456789ABCDEFGHIJ"
PRIMARY, DR = "eu-central-1", "eu-west-1"

LIMIT_SECONDS = 300
"""For what takes a moment on a quiet machine, and must only never hang for ever."""

_names = itertools.count(1)


def start(port: int, *arguments: str, stderr: Any = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pilotlight_local", "--port", str(port), *arguments],
        env={**os.environ, "PYTHONPATH": str(LOCAL), "AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


@contextlib.contextmanager
def running(*arguments: str, stderr: Any = subprocess.PIPE) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """(process, port) of an emulator that is ready, on a port that nobody else can have taken meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        process = start(0, "--port-file", str(port_file), *arguments, stderr=stderr)
        try:
            until(lambda: port_file.exists() or process.poll() is not None)
            port = int(port_file.read_text())
            wait_until_ready(process, port)
            yield process, port
        finally:
            process.kill()
            process.communicate()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def health(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/pilotlight/health", timeout=LIMIT_SECONDS) as answer:
        return json.load(answer)


def wait_until_ready(process: subprocess.Popen[str], port: int) -> dict[str, Any]:
    while process.poll() is None:
        with contextlib.suppress(OSError):
            return health(port)
        time.sleep(0.05)
    raise AssertionError(f"the emulator ended with {process.returncode}")


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    log = tmp_path_factory.mktemp("emulator") / "stderr"
    with log.open("w") as stderr, running("--hosted-zone", f"{ZONE}=example.com", stderr=stderr) as (_, number):
        yield number
    assert "Traceback" not in log.read_text(), f"a fault of moto's or ours, see {log}"


def clients_of(port: int, **options: Any) -> Callable[..., Any]:
    """`clients_of(port)("rds", DR)`: a client of the emulator."""
    clients: dict[tuple[str, str], Any] = {}

    def client(service: str, region: str = PRIMARY) -> Any:
        if (service, region) not in clients:
            clients[service, region] = boto3.client(
                service,
                region_name=region,
                endpoint_url=f"http://127.0.0.1:{port}",
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(
                    retries={"max_attempts": 0},
                    s3={"addressing_style": "path"},
                    **{"read_timeout": LIMIT_SECONDS, **options},
                ),
            )
        return clients[service, region]

    return client


@pytest.fixture(scope="session")
def aws(port: int) -> Callable[..., Any]:
    """`aws("rds", DR)`: a client of the emulator."""
    return clients_of(port)


class Control:
    """The emulator's control API."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/pilotlight/"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, answer)"""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path: str) -> Any:
        return self._ok(self.ask("GET", path))

    def put(self, path: str, body: Any) -> Any:
        return self._ok(self.ask("PUT", path, body))

    def post(self, path: str, body: Any) -> Any:
        return self._ok(self.ask("POST", path, body))

    def lose(self, region: str, state: str = "refuses") -> None:
        self.put(f"regions/{region}", {"state": state})

    def freeze(self) -> None:
        """Virtual time stands still from here on."""
        self.put("pace", {"speed": 0})

    def pass_hours(self, hours: float) -> None:
        """Let exactly so much virtual time go by."""
        self.put("pace", {"advanceSeconds": hours * 3600})

    @property
    def now(self) -> float:
        """Virtual milliseconds."""
        pace = self.get("pace")
        return pace["virtualOriginMillis"] + (time.time() * 1000 - pace["realOriginMillis"]) * pace["speed"]

    @staticmethod
    def _ok(answer: tuple[int, Any]) -> Any:
        assert answer[0] == 200, answer
        return answer[1]


@pytest.fixture
def control(port: int) -> Iterator[Control]:
    """The control API; afterwards every region is up and everything takes no time again."""
    control = Control(port)
    yield control
    for region in control.get("regions"):
        control.lose(region, "up")
    at_once = {"promotionSeconds": 0, "promotionUnseenSeconds": 0, "launchSeconds": 0}
    control.put("pace", {"speed": 1, "untilMillis": None, "staleSeconds": 0, **at_once})


@pytest.fixture(scope="session", autouse=True)
def _database_password(aws: Callable[..., Any]) -> None:
    """What the databases' templates refer to; made by another stack in the real application."""
    for region in (PRIMARY, DR):
        aws("secretsmanager", region).create_secret(Name="db-secret", SecretString='{"password":"not-so-secret"}')


class Stack:
    """A deployed stack; `reasons` is what an operator would read after a failure."""

    def __init__(self, cloudformation: Any, name: str) -> None:
        self._cloudformation = cloudformation
        self.name = name

    def _describe(self) -> dict[str, Any]:
        return self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]

    @property
    def status(self) -> str:
        return self._describe()["StackStatus"]

    @property
    def outputs(self) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self._describe().get("Outputs", [])}

    def id_of(self, logical_id: str) -> str:
        answer = self._cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return answer["StackResourceDetail"]["PhysicalResourceId"]

    @property
    def resources(self) -> set[str]:
        answer = self._cloudformation.list_stack_resources(StackName=self.name)["StackResourceSummaries"]
        return {resource["LogicalResourceId"] for resource in answer}

    @property
    def events(self) -> list[tuple[str, str]]:
        """(logical id, status), oldest first."""
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(events)]

    @property
    def reasons(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(
            event.get("ResourceStatusReason") or "" for event in events if event["ResourceStatus"].endswith("_FAILED")
        )

    def update(self, resources: dict[str, Any], expect: str = "UPDATE_COMPLETE", **more: Any) -> None:
        parameters = more.pop("parameters", [])
        self._cloudformation.update_stack(
            StackName=self.name, TemplateBody=json.dumps({"Resources": resources, **more}), Parameters=parameters
        )
        assert self.status == expect, self.reasons

    def delete(self) -> None:
        self._cloudformation.delete_stack(StackName=self.name)


@pytest.fixture
def deploy(aws: Callable[..., Any]) -> Callable[..., Stack]:
    """Deploy `resources` (and the template's other sections, lower-case ones being options) under a fresh name."""

    def create(
        resources: dict[str, Any],
        region: str = PRIMARY,
        expect: str = "CREATE_COMPLETE",
        name: str | None = None,
        **sections: Any,
    ) -> Stack:
        stack = Stack(aws("cloudformation", region), name or f"Test{next(_names)}")
        stack._cloudformation.create_stack(
            StackName=stack.name, TemplateBody=json.dumps({"Resources": resources, **sections})
        )
        assert stack.status == expect, stack.reasons
        return stack

    return create


def resource(type_: str, properties: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties or {}, **attributes}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def outputs(**values: Any) -> dict[str, Any]:
    return {key: {"Value": value} for key, value in values.items()}


def policy(*actions: str, principal: Any = None, resources: Any = "*") -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    if principal:
        statement["Principal"] = principal
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(service: str) -> dict[str, Any]:
    document = policy("sts:AssumeRole", principal={"Service": service})
    del document["Statement"][0]["Resource"]
    return document
