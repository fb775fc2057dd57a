"""The agent: stops the workload when the other region leads or is about to, and says that this region is alive.

One runs on every instance, as the systemd unit pilotlight-agent. Every 15 seconds, and before the workload may start,
it reads what the other region's load balancer shows:

  a claim of a later term than the database's   superseded: the workload stops for good, the group is asked for zero
  a handover sign for such a term               the workload stops for as long as the sign stands
  neither, or no answer                         whatever was true stays true: a leader that sees nothing goes on serving

Then it writes a heartbeat into this region's database and reports, in CloudWatch's namespace Pilotlight:

  Writable    in this region    1 if the database committed the heartbeat, else 0
  Stopped     in this region    1 if it keeps the workload stopped, and that surely is down, else 0. The least of a
                                minute is 1 only if nobody can serve
  Unheard     in this region    1 while the other region does not take its reports, else nothing
  Heartbeat   in the other one  1 whenever the database committed the heartbeat, else nothing
  Instance    in the other one  1 with the first Heartbeat that is tried in a minute, and never again in it, for it is
                                counted; nothing in the minute in which the agent starts
  FencedTerm  in the other one  the term it hands over to while nobody can write any more: its own workload is surely
                                stopped, and it holds a lock on every table, against instances whose agent is dead. Else
                                0. Every living agent reports it, and the least of a minute counts

The term is the one in which the database joined the lineage, and is its own for ever: see docs/decisions/18-agent.md.
Only Python's standard library: an instance that boots in a disaster downloads nothing. Every wait is bounded.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import queue
import re
import secrets
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse
from pathlib import Path
from typing import Any, Callable

ENV = os.environ
NAME = ENV["PILOTLIGHT_WORKLOAD"]
REGION = ENV["PILOTLIGHT_REGION"]
OTHER = ENV["PILOTLIGHT_OTHER_AWS_REGION"]
TERM = int(ENV["PILOTLIGHT_DATABASE_TERM"])
INTERVAL = float(ENV.get("PILOTLIGHT_INTERVAL", "15"))
REPORT_EVERY = float(ENV.get("PILOTLIGHT_REPORT_EVERY", "60"))
# There until a reboot: without it systemd does not start the workload.
PERMIT = Path(ENV.get("RUNTIME_DIRECTORY", "/run/pilotlight")) / "workload-may-run"
# There for the life of the instance.
STATE = Path(ENV.get("STATE_DIRECTORY", "/var/lib/pilotlight"))
HANDOVER = STATE / "handover"
SUPERSEDED = STATE / "superseded"
DATABASE_CA = STATE / "rds-ca.pem"

UNIT = "workload.service"
SYSTEMCTL = ENV.get("PILOTLIGHT_SYSTEMCTL", "systemctl")

# A database of term t leads in t or in t + 1, so the claim that supersedes it is one of these two, and never deleted.
LATER = (TERM + 1, TERM + 2)
PATH = "/.well-known/pilotlight/"
NOTHING_SHOWN = b"pilotlight: no claim"


def claim(term: int) -> tuple[str, bytes]:
    return PATH + f"leader/{term}", f"pilotlight: {NAME} is led from here in term {term}".encode()


def handover(term: int) -> tuple[str, bytes]:
    return PATH + f"handover/{term}", f"pilotlight: {NAME} is about to be led from here in term {term}".encode()


# --- tools


said: dict[str, str] = {}


def say(topic: str, state: Any) -> None:
    """A line in the journal, if the state is a new one."""
    state = f"{type(state).__name__}: {state}" if isinstance(state, BaseException) else state
    if said.get(topic) != state:
        said[topic] = state
        print(f"{topic}: {state}", flush=True)  # noqa: T201


def bounded(seconds: float, action: Callable[..., Any], *arguments: Any) -> Any:
    """What the action returns or raises, but not later than this. A thread: looking up a name knows no timeout."""
    outcome: queue.Queue = queue.Queue()

    def run() -> None:
        try:
            outcome.put((action(*arguments), None))
        except Exception as e:
            outcome.put((None, e))

    threading.Thread(target=run, daemon=True).start()
    try:
        value, error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer in {seconds} seconds") from None
    if error:
        raise error
    return value


def notify(state: str) -> None:
    """Tells systemd, which kills an agent that hangs."""
    address = ENV.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(1)
            channel.sendto(state.encode(), address.replace("@", "\0", 1))


# --- what a region shows


def read(host: str, wanted: list[tuple[str, bytes]], shown: dict[str, bool]) -> None:
    """Notes for every path whether its text is shown; what neither says so nor denies it is not noted."""
    connection = http.client.HTTPSConnection(host, timeout=3, context=ssl.create_default_context())
    try:
        for path, text in wanted:
            connection.request("GET", path, headers={"User-Agent": "pilotlight-agent"})
            answer = connection.getresponse()
            body = answer.read(1000)
            if answer.status == 200 and body == text and answer.isclosed():
                shown[path] = True
            elif answer.status == 503 and body == NOTHING_SHOWN:
                shown[path] = False
            if not answer.isclosed():
                raise ConnectionError(path + ": the answer is too long")
    finally:
        connection.close()


def look(topic: str, host: str, wanted: list[tuple[str, bytes]]) -> dict[str, bool]:
    shown: dict[str, bool] = {}
    try:
        bounded(4, read, host, wanted, shown)
        say(topic, "answers" if len(shown) == len(wanted) else "answers, but not as a load balancer of ours")
    except Exception as e:
        say(topic, e)
    return dict(shown)


# --- the workload


def systemctl(seconds: float, *arguments: str) -> str:
    """What it prints. That a unit does not exist is no error: it is stopped."""
    command = [SYSTEMCTL, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603
    return done.stdout.strip()


class Server(socketserver.ThreadingTCPServer):
    """Not http.server's, which looks up its own name before it listens."""

    allow_reuse_address = True
    daemon_threads = True


class StandIn(http.server.BaseHTTPRequestHandler):
    """Answers for the stopped workload. Healthy: else the group would replace the instance, and with it the agent."""

    timeout = 5

    def answer(self) -> None:
        healthy = self.path == ENV.get("HEALTH_PATH", "/health")
        body = b"stopped by the agent\n" if healthy else b"This region does not serve now. Try again in a minute.\n"
        self.send_response(200 if healthy else 503)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "60")
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *arguments: Any) -> None:
        pass


class Workload:
    def __init__(self) -> None:
        self.stand_in: Server | None = None
        self.failures = 0

    def run(self) -> None:
        """Lets it run. One that was never stopped, or that a person stopped, is left as it is."""
        if self.stand_in:
            self.stand_in.shutdown()
            self.stand_in.server_close()
            self.stand_in = None
        if not PERMIT.exists():
            PERMIT.touch()
            # Not waited for: at boot it waits for us.
            systemctl(10, "start", "--no-block", UNIT)
        say("workload", "may run")

    def stop(self, why: str, for_good: bool) -> bool:
        """Stops it; true if it surely is: its unit is down and its port is free for the stand-in."""
        PERMIT.unlink(missing_ok=True)
        try:
            systemctl(10, "stop", UNIT)
        except subprocess.TimeoutExpired:
            if for_good:
                systemctl(5, "kill", "--signal=KILL", UNIT)
        state = systemctl(5, "is-active", UNIT)
        try:
            if state not in ("inactive", "failed", "unknown"):
                raise OSError(f"{UNIT} is {state or 'in an unknown state'}")
            if not self.stand_in:
                self.stand_in = Server(("", int(ENV.get("PORT", "8080"))), StandIn)
                threading.Thread(target=self.stand_in.serve_forever, args=(0.1,), daemon=True).start()
        except OSError as e:
            self.failures += 1
            say("workload", f"does not stop ({e}), though {why}")
            if for_good and self.failures >= 4:
                # What writes to a superseded database must end, whatever it is.
                systemctl(10, "poweroff")
            return False
        self.failures = 0
        say("workload", "stopped: " + why)
        return True


# --- AWS


class Credentials:
    """The instance's, from its metadata."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self) -> dict[str, str]:
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 300))
        if self.values.get("Expiration", "") < soon:
            token = self.ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
            path = "/latest/meta-data/iam/security-credentials/"
            role = self.ask("GET", path, {"X-aws-ec2-metadata-token": token})
            self.values = json.loads(self.ask("GET", path + role, {"X-aws-ec2-metadata-token": token}))
        return self.values

    @staticmethod
    def ask(method: str, path: str, headers: dict[str, str]) -> str:
        connection = http.client.HTTPConnection(ENV.get("PILOTLIGHT_METADATA", "169.254.169.254"), timeout=2)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise ConnectionError(f"the instance's metadata answer {answer.status}")
            return answer.read(100_000).decode()
        finally:
            connection.close()


def hashed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(service: str, region: str, headers: dict[str, str], body: bytes, credentials: dict[str, str]) -> None:
    """Signature Version 4 of a POST to /; adds its headers. The names of headers are in lower case."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers["x-amz-date"] = now
    if credentials.get("Token"):
        headers["x-amz-security-token"] = credentials["Token"]
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join(("POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = f"{now[:8]}/{region}/{service}/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = ("AWS4" + credentials["SecretAccessKey"]).encode()
    for part in scope.split("/"):
        key = hashed(key, part)
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials['AccessKeyId']}/{scope}, SignedHeaders={names},"
        f" Signature={hashed(key, text).hex()}"
    )


credentials = Credentials()


def aws(service: str, region: str, body: str, content_type: str, **more: str) -> str:
    """The answer of a service of a region. Not the AWS CLI: each of its starts costs a small instance a second."""
    domain = ENV.get("AWS_DOMAIN", "amazonaws.com")
    url = urllib.parse.urlsplit(ENV.get("AWS_ENDPOINT_URL", f"https://{service}.{region}.{domain}"))
    headers = {"host": url.netloc, "content-type": content_type, **more}
    sign(service, region, headers, body.encode(), credentials.get())
    https = url.scheme == "https"
    connection = (http.client.HTTPSConnection if https else http.client.HTTPConnection)(url.netloc, timeout=3)
    try:
        connection.request("POST", "/", body.encode(), headers)
        answer = connection.getresponse()
        text = answer.read(100_000).decode()
    finally:
        connection.close()
    if answer.status != 200:
        # The code alone: the rest differs from answer to answer.
        code = re.search(r'(?:<Code>|"__type": *")([\w.#]+)', text)
        raise ConnectionError(f"{service} in {region} answers {answer.status} {code.group(1) if code else ''}")
    return text


def query(service: str, region: str, **parameters: Any) -> str:
    return aws(service, region, urllib.parse.urlencode(parameters), "application/x-www-form-urlencoded; charset=utf-8")


def put_metrics(region: str, metrics: dict[str, int]) -> None:
    parameters: dict[str, Any] = {"Action": "PutMetricData", "Version": "2010-08-01", "Namespace": "Pilotlight"}
    for index, (name, value) in enumerate(metrics.items(), 1):
        member = f"MetricData.member.{index}."
        parameters[member + "MetricName"] = name
        parameters[member + "Value"] = value
        parameters[member + "Dimensions.member.1.Name"] = "Workload"
        parameters[member + "Dimensions.member.1.Value"] = NAME
    query("monitoring", region, **parameters)


def empty_group() -> None:
    query(
        "autoscaling",
        ENV["AWS_REGION"],
        Action="UpdateAutoScalingGroup",
        Version="2011-01-01",
        AutoScalingGroupName=ENV["PILOTLIGHT_GROUP"],
        MinSize=0,
        DesiredCapacity=0,
    )


def database_user() -> dict[str, str]:
    body = json.dumps({"SecretId": ENV["DATABASE_SECRET"]})
    target = {"x-amz-target": "secretsmanager.GetSecretValue"}
    answer = aws("secretsmanager", ENV["AWS_REGION"], body, "application/x-amz-json-1.1", **target)
    return json.loads(json.loads(answer)["SecretString"])


# --- PostgreSQL, as much of its protocol as a heartbeat needs


class DatabaseError(Exception):
    """What the server said, with its code."""

    def __init__(self, body: bytes) -> None:
        fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0")}
        super().__init__(fields.get(b"M"))
        self.code = fields.get(b"C", "")


class Postgres:
    """A connection over TLS with SCRAM-SHA-256.

    The server proves who it is by a certificate of RDS's authority, if we have that, or by SCRAM's channel binding: it
    knows the password and the key of this very TLS connection. One that does neither is not talked to.
    """

    def __init__(self, host: str, port: int, database: str, user: str, password: str, authority: Path) -> None:
        self.socket = socket.create_connection((host, port), timeout=3)
        try:
            self.socket.sendall(struct.pack("!ii", 8, 80877103))
            if self.socket.recv(1) != b"S":
                raise ConnectionError("the database offers no TLS")
            verified = authority.exists()
            tls = ssl.create_default_context(cafile=authority if verified else None)
            if not verified:
                tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
            settings = (
                "user",
                user,
                "database",
                database,
                "application_name",
                "pilotlight",
                "statement_timeout",
                "3000",
            )
            startup = "".join(setting + "\0" for setting in settings).encode() + b"\0"
            self.socket.sendall(struct.pack("!ii", len(startup) + 8, 196608) + startup)
            self.log_in(password, verified)
            while self.receive()[0] != b"Z":
                pass
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.socket.close()

    def query(self, sql: str) -> list[str]:
        """The first column."""
        self.send(b"Q", sql.encode() + b"\0")
        column, error = [], None
        while True:
            kind, body = self.receive(raises=False)
            if kind == b"D":
                (length,) = struct.unpack("!i", body[2:6])
                column.append(body[6 : 6 + length].decode())
            elif kind == b"E":
                error = DatabaseError(body)
            elif kind == b"Z":
                if error:
                    raise error
                return column

    def log_in(self, password: str, verified: bool) -> None:
        """RFC 5802, 7677 and 5929."""
        offered = self.authentication(10).split(b"\0")
        bound = b"SCRAM-SHA-256-PLUS" in offered
        if not (bound or verified):
            raise ConnectionError(
                "nothing proves the database: it offers no channel binding, and its authority is unknown"
            )
        mechanism, header, binding = b"SCRAM-SHA-256", b"n,,", b""
        if bound:
            mechanism, header, binding = b"SCRAM-SHA-256-PLUS", b"p=tls-server-end-point,,", self.end_point()
        nonce = secrets.token_urlsafe(18).encode()
        first = b"n=,r=" + nonce
        self.send(b"p", mechanism + b"\0" + struct.pack("!i", len(header + first)) + header + first)
        challenge = self.authentication(11)
        salt_and_more = dict(part.split(b"=", 1) for part in challenge.split(b","))
        if not salt_and_more[b"r"].startswith(nonce):
            raise ConnectionError("the database answers another client's login")
        rounds = min(int(salt_and_more[b"i"]), 100_000)
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt_and_more[b"s"]), rounds)
        final = b"c=" + base64.b64encode(header + binding) + b",r=" + salt_and_more[b"r"]
        said_so_far = b",".join((first, challenge, final)).decode()
        key = hashed(salted, "Client Key")
        signature = hashed(hashlib.sha256(key).digest(), said_so_far)
        proof = bytes(a ^ b for a, b in zip(key, signature))
        self.send(b"p", final + b",p=" + base64.b64encode(proof))
        expected = b"v=" + base64.b64encode(hashed(hashed(salted, "Server Key"), said_so_far))
        if not hmac.compare_digest(self.authentication(12), expected):
            raise ConnectionError("the database does not know the password that it should")
        self.authentication(0)

    def end_point(self) -> bytes:
        """The certificate's hash, by the function of its own signature."""
        certificate = self.socket.getpeercert(binary_form=True)
        # The first object identifiers sha…WithRSAEncryption or ecdsa-with-SHA…; the last byte says which.
        found = re.search(
            rb"\x2a\x86\x48(?:\x86\xf7\x0d\x01\x01([\x0c\x0d])|\xce\x3d\x04\x03([\x03\x04]))", certificate
        )
        longer = {b"\x0c": "sha384", b"\x03": "sha384", b"\x0d": "sha512", b"\x04": "sha512"}
        return hashlib.new(longer[found.group(1) or found.group(2)] if found else "sha256", certificate).digest()

    def authentication(self, expected: int) -> bytes:
        kind, body = self.receive()
        (code,) = struct.unpack("!i", body[:4])
        if kind != b"R" or code != expected:
            raise ConnectionError("the database asks for another login than SCRAM-SHA-256")
        return body[4:]

    def send(self, kind: bytes, body: bytes) -> None:
        self.socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def receive(self, raises: bool = True) -> tuple[bytes, bytes]:
        kind, length = struct.unpack("!ci", self.exactly(5))
        if not 4 <= length <= 100_000:
            raise ConnectionError("the database does not speak PostgreSQL")
        body = self.exactly(length - 4)
        if kind == b"E" and raises:
            raise DatabaseError(body)
        return kind, body

    def exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise ConnectionError("the database hung up")
            data += more
        return data


# A name that is on nobody's search path. PostgreSQL's begins with a schema of the user's own name: were that the
# agent's, a workload's tables would be found before the first heartbeat, and others, empty, be created after it.
SCHEMA = "pilotlight_agent"
BEAT = (
    f"INSERT INTO {SCHEMA}.heartbeat (region, at) VALUES ('{REGION}', now())"  # noqa: S608
    " ON CONFLICT (region) DO UPDATE SET at = excluded.at"
)
CREATE = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA};"
    f" CREATE TABLE IF NOT EXISTS {SCHEMA}.heartbeat (region text PRIMARY KEY, at timestamptz NOT NULL)"
)
NAMESAKE = f"SELECT 1 FROM pg_roles WHERE rolname = '{SCHEMA}'"  # noqa: S608


class Heart:
    """Beats in the database. Its connection is kept: a new one every time would fill the database's log."""

    def __init__(self) -> None:
        self.connection: Postgres | None = None
        self.user: dict[str, str] = {}

    def beat(self) -> bool:
        """Whether the database committed it."""
        connection, self.connection = self.connection, None
        if connection:
            try:
                return self.write(connection)
            except OSError:
                # It was closed, by a promotion for instance.
                pass
        return self.write(self.connect())

    def connect(self) -> Postgres:
        if not DATABASE_CA.exists():
            try:
                bounded(2, self.fetch_authority)
            except Exception as e:
                say("certificates of RDS", e)
        user = self.user or database_user()
        address = ENV["DATABASE_HOST"], int(ENV["DATABASE_PORT"]), ENV["DATABASE_NAME"]
        try:
            connection = Postgres(*address, user["username"], user["password"], DATABASE_CA)
        except DatabaseError as e:
            if e.code.startswith("28"):
                self.user = {}
            raise
        self.user = user
        return connection

    def write(self, connection: Postgres) -> bool:
        try:
            committed = connection.query("SELECT pg_is_in_recovery()") == ["f"]
            if committed:
                try:
                    connection.query(BEAT)
                except DatabaseError as e:
                    if e.code not in ("42P01", "3F000"):
                        raise
                    if connection.query(NAMESAKE):
                        why = f"a user is called {SCHEMA}, as the agent's schema must be: rename it"
                        raise ConnectionError(why) from None
                    connection.query(CREATE)
                    connection.query(BEAT)
        except BaseException:
            connection.close()
            raise
        self.connection = connection
        return committed

    @staticmethod
    def fetch_authority() -> None:
        region = ENV["AWS_REGION"]
        host = ENV.get("PILOTLIGHT_RDS_TRUST", "truststore.pki.rds.amazonaws.com")
        connection = http.client.HTTPSConnection(host, timeout=2)
        try:
            connection.request("GET", f"/{region}/{region}-bundle.pem")
            answer = connection.getresponse()
            pem = answer.read(1_000_000).decode()
        finally:
            connection.close()
        if answer.status != 200 or not pem.startswith("-----BEGIN CERTIFICATE-----"):
            raise ConnectionError(f"{host} answers {answer.status} and no certificates")
        new = DATABASE_CA.with_suffix(".new")
        new.write_text(pem)
        new.replace(DATABASE_CA)


# All but the heartbeat's. Temporary tables, too, are in schemas that begin with pg_. Tables of extensions, such as
# PostGIS's, belong to RDS's own user and cannot be locked.
USERS_TABLES = (
    "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p')"
    f" AND nspname !~ '^(pg_|information_schema$)' AND (nspname, relname) <> ('{SCHEMA}', 'heartbeat')"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE (classid, objid, deptype) = ('pg_class'::regclass, c.oid, 'e'))"
)
TABLES = f"SELECT format('%I.%I', nspname, relname) {USERS_TABLES} ORDER BY c.oid"
# The lock_timeout is longer than deadlock_timeout, after which a vacuum makes way. PostgreSQL knows transaction_timeout
# from 17 on. By the last three the lock of an instance that vanished without a word goes after two minutes.
SETTINGS = (
    "SELECT set_config(name, value, false) FROM pg_settings JOIN (VALUES ('lock_timeout', '2s'),"
    " ('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('tcp_keepalives_idle', '60'),"
    " ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '6')) wanted (name, value) USING (name)"
)
# Who keeps the lock from being taken. What is not committed was promised to nobody. RDS's own sessions
# may not be ended: trying would be an error, and keep the others from being ended.
END_WRITERS = (
    "SELECT DISTINCT format('%s by %s, ended: %s', relation::regclass, coalesce(usename, 'nobody connected'),"  # noqa: S608
    " CASE WHEN backend_type = 'client backend' AND usename <> 'rdsadmin' THEN pg_terminate_backend(pid) END)"
    " FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)"
    " WHERE granted AND mode !~ '^(AccessShare|RowShare|Share|SIRead)Lock'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    f" AND relation IN (SELECT c.oid {USERS_TABLES})"
)


class Lock:
    """Keeps everybody from writing to the database: a transaction that holds every table in SHARE mode.

    It shuts out writes, not reads, other agents' locks and heartbeats. It is not replicated, and ends with its
    connection: a promoted database never knows of it.
    """

    def __init__(self, impatient: bool) -> None:
        self.impatient = impatient
        self.waited = False
        self.ended = False
        self.connection: Postgres | None = None
        self.tables: list[str] | None = None

    def hold(self, heart: Heart) -> bool:
        """Takes what is not yet held; whether there was nothing to take, so that nobody wrote since the last look."""
        if not self.connection:
            self.connection = heart.connect()
            if self.ended:
                # It took too long, and nobody waits for it any more.
                self.end()
            self.connection.query(SETTINGS)
            # Each look must see the tables of its own time.
            self.connection.query("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
        if self.impatient:
            self.impatient = False
            say("lock", "in its way: " + "; ".join(self.connection.query(END_WRITERS)))
        held = self.tables
        self.tables = self.connection.query(TABLES)
        if self.tables:
            self.waited = True
            self.connection.query(f"LOCK TABLE {', '.join(self.tables)} IN SHARE MODE")
        return self.tables == held

    def end(self) -> None:
        self.ended = True
        if self.connection:
            self.connection.close()


# --- the agent


def remembered(file: Path) -> int | None:
    """The term, if there is one. A file that was cut short means as much as a whole one."""
    try:
        return int(file.read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        return LATER[0]


def remember(file: Path, term: int) -> None:
    try:
        file.write_text(str(term))
    except OSError as e:
        # A full disk must not keep the workload running.
        say(file.name, e)


def minute() -> float:
    return time.time() // REPORT_EVERY


class Agent:
    def __init__(self) -> None:
        self.workload = Workload()
        self.heart = Heart()
        self.lock = Lock(impatient=False)
        self.superseded = remembered(SUPERSEDED)
        self.handover = remembered(HANDOVER)
        self.stopped = False
        self.fenced_term = 0
        self.group_asked = False
        self.reported: dict[str, Any] = {}
        self.unheard = False
        # An agent before this one may have been counted in this minute.
        self.counted = minute()

    def fence(self) -> None:
        """Looks at the other region and does what it shows."""
        if not self.superseded:
            signs = [claim(term) for term in LATER] + [handover(term) for term in LATER]
            self.obey(look("other region", ENV["PILOTLIGHT_OTHER_HOST"], signs))
        self.fenced_term, self.stopped = 0, False
        if not (self.superseded or self.handover):
            self.release(impatient=False)
            self.workload.run()
            return
        why = f"takes over in term {self.handover}"
        if self.superseded:
            why = f"leads in term {self.superseded}"
        self.stopped = self.workload.stop(f"the other region {why}", for_good=bool(self.superseded))
        if self.stopped and self.shut_out_writers():
            if OTHER in self.reported:
                self.fenced_term = self.handover or 0
        else:
            # A 0 has to arrive before the next term: without one, the minutes before and after a gap, such as this
            # agent's restart, would look like one fence.
            self.reported.pop(OTHER, None)

    def shut_out_writers(self) -> bool:
        """Whether nobody could write since the last look, not even an instance whose agent is dead."""
        try:
            held = bounded(10, self.lock.hold, self.heart)
            say("lock", f"held on {len(self.lock.tables or [])} tables")
            return held
        except Exception as e:
            say("lock", e)
            # Whoever was in the way of a try has had the time to end by himself, however it ended: a busy server's
            # refusal may come later than we wait for it.
            self.release(impatient=self.lock.waited)
            return False

    def release(self, impatient: bool) -> None:
        self.lock.end()
        self.lock = Lock(impatient)

    def obey(self, shown: dict[str, bool]) -> None:
        for term in LATER:
            if shown.get(claim(term)[0]):
                self.superseded = term
                remember(SUPERSEDED, term)
                return
        # A sign that cannot be read has not gone: the other database may be promoted by now.
        if self.handover and shown.get(handover(self.handover)[0]) is False:
            self.handover = None
            HANDOVER.unlink(missing_ok=True)
        for term in LATER:
            if shown.get(handover(term)[0]):
                self.handover = term
                remember(HANDOVER, term)

    def pulse(self) -> None:
        """Reports that this region is alive; a superseded one reports only that its workload is stopped."""
        stopped = {"Stopped": int(self.stopped)}
        if self.superseded:
            self.report(ENV["AWS_REGION"], stopped)
            self.give_up_group()
            return
        committed = False
        try:
            committed = bounded(6, self.heart.beat)
            say("database", "takes writes" if committed else "is a replica")
        except Exception as e:
            say("database", e)
        # As the round before has found: a region that hangs must not delay what is said here.
        unheard = {"Unheard": 1} if self.unheard else {}
        self.report(ENV["AWS_REGION"], {"Writable": int(committed), **stopped, **unheard})
        beat = {"Heartbeat": 1} if committed else {}
        self.report(OTHER, {**beat, "FencedTerm": self.fenced_term}, {"Instance": 1} if committed else {})

    def report(self, region: str, metrics: dict[str, int], once: dict[str, int] | None = None) -> None:
        """In every minute of the clock, and at every change; what counts is tried once in a minute."""
        now = minute()
        report = (now, metrics)
        if self.reported.get(region) == report:
            return
        if once and self.counted != now:
            # Before it is tried: what failed may have arrived.
            self.counted = now
            metrics = {**metrics, **once}
        try:
            bounded(5, put_metrics, region, metrics)
            self.reported[region] = report
            say(f"CloudWatch in {region}", "takes reports")
            failed = False
        except Exception as e:
            say(f"CloudWatch in {region}", e)
            failed = True
        if region == OTHER:
            self.unheard = failed

    def give_up_group(self) -> None:
        """Asks the group for zero, once, unless this region leads again and only this instance is of the past."""
        if self.group_asked or not self.superseded:
            return
        path, text = claim(self.superseded + 1)
        leads_again = look("own region", ENV["PILOTLIGHT_OWN_HOST"], [(path, text)]).get(path)
        if leads_again is None:
            return
        try:
            if not leads_again:
                bounded(5, empty_group)
            self.group_asked = True
            say("group", "left alone: this region leads again" if leads_again else "asked for zero")
        except Exception as e:
            say("group", e)


def main() -> None:
    agent = Agent()
    while True:
        started = time.monotonic()
        for step in (agent.fence, agent.pulse):
            try:
                step()
                notify("READY=1\nWATCHDOG=1")
            except Exception as e:
                say(step.__name__, e)
        time.sleep(max(0.0, INTERVAL - (time.monotonic() - started)))


if __name__ == "__main__":
    main()
