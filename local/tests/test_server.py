"""The process: its port, its health, its end."""

import re
import signal
import socket

import boto3
from conftest import LIMIT_SECONDS, LOCAL, PRIMARY, ZONE, health, running, start


def test_the_health_path_tells_our_emulator_from_a_stranger(port):
    answer = health(port)
    assert answer["emulator"] == "pilotlight"
    assert answer["ready"] is True
    assert answer["pid"] > 0
    assert answer["version"]


def test_it_listens_on_loopback_only(port):
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1", "127.0.1.1"}:
        with socket.socket() as probe:
            assert probe.connect_ex((address, port)) != 0


def test_a_busy_port_is_one_sentence(port):
    process = start(port)
    out, err = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode != 0
    assert out == ""
    assert err.count("\n") == 1
    assert f"port {port} is in use by another program" in err


def test_a_malformed_hosted_zone_is_refused():
    process = start(0, "--hosted-zone", "example.com")
    _, err = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode != 0
    assert "'example.com' is not of the form ZONEID=example.com" in err


def test_it_starts_on_a_free_port_and_ends_quietly():
    with running("--hosted-zone", "ZONE1=a.example", "--hosted-zone", "ZONE2=b.example") as (process, port):
        assert health(port)["pid"] == process.pid
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=LIMIT_SECONDS)
        assert (process.returncode, out, err) == (0, "", "")


def test_hosted_zones_have_exactly_the_configured_id(aws):
    zone = aws("route53").get_hosted_zone(Id=ZONE)["HostedZone"]
    assert zone["Id"] == f"/hostedzone/{ZONE}"
    assert zone["Name"] == "example.com."


def test_a_failed_deploy_can_look_into_cloudtrail(aws):
    assert aws("cloudtrail", PRIMARY).lookup_events()["Events"] == []


def test_every_type_is_tested():
    types = LOCAL / "pilotlight_local" / "cloudformation" / "types"
    ours = {name for file in types.glob("*.py") for name in re.findall(r'type = "(AWS::\w+::\w+)"', file.read_text())}
    tests = "".join(file.read_text() for file in (LOCAL / "tests").glob("test_*.py"))
    assert len(ours) > 50
    assert {name for name in ours if f'"{name}"' not in tests} == set()


def test_the_hosted_zone_belongs_to_the_account_that_it_plays(monkeypatch):
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    with running("--hosted-zone", f"{ZONE}=example.com") as (_, number):
        endpoint = f"http://127.0.0.1:{number}"
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": PRIMARY}
        route53 = boto3.client("route53", endpoint_url=endpoint, **keys)
        assert [zone["Id"] for zone in route53.list_hosted_zones()["HostedZones"]] == [f"/hostedzone/{ZONE}"]
        assert boto3.client("sts", endpoint_url=endpoint, **keys).get_caller_identity()["Account"] == "210987654321"
