"""The control API: virtual time and regions that are lost."""

import contextlib
import json
import socket
import threading
import urllib.request
from pathlib import Path

import botocore.exceptions
import pytest
from botocore.exceptions import ClientError
from conftest import DR, LIMIT_SECONDS, LOCAL, PRIMARY, clients_of, resource, until


class TestPace:
    @pytest.fixture
    def clock(self, monkeypatch):
        """(what the real clock says, the newest last; a pace by it)"""
        monkeypatch.syspath_prepend(LOCAL)
        from pilotlight_local.control.pace import Pace

        real = [0.0]
        return real, Pace(lambda: real[-1])

    def test_as_shipped_virtual_time_is_real_and_nothing_takes_time(self, control):
        pace = control.get("pace")
        assert pace["speed"] == 1
        assert {name: pace[name] for name in pace if name.endswith("Seconds")} == {
            "promotionSeconds": 0,
            "promotionUnseenSeconds": 0,
            "launchSeconds": 0,
            "staleSeconds": 0,
        }

    def test_a_change_of_speed_makes_time_neither_jump_nor_stop(self, clock):
        real, pace = clock
        real.append(1_000)
        assert pace.millis() == 1_000
        pace.change({"speed": 1000})
        assert pace.millis() == 1_000
        real.append(1_100)
        assert pace.millis() == 101_000
        pace.change({"speed": 0.5, "launchSeconds": 3})
        assert pace.millis() == 101_000
        real.append(1_300)
        assert pace.millis() == 101_100
        assert pace.describe()["launchSeconds"] == 3

    def test_frozen_it_goes_on_only_as_it_is_advanced(self, clock):
        real, pace = clock
        pace.change({"speed": 0})
        real.append(60_000)
        assert pace.millis() == 0
        pace.change({"advanceSeconds": 90})
        assert pace.millis() == 90_000
        pace.change({"speed": 2})
        real.append(61_000)
        assert pace.millis() == 92_000

    def test_a_bound_stops_it_and_a_later_one_lets_it_go_on_without_a_jump(self, clock):
        real, pace = clock
        pace.change({"speed": 10, "untilMillis": 5_000})
        real.append(400)
        assert pace.millis() == 4_000
        real.append(10_000)
        assert pace.millis() == 5_000
        pace.change({"untilMillis": 7_000})
        assert pace.millis() == 5_000
        real.append(10_100)
        assert pace.millis() == 6_000
        pace.change({"untilMillis": 1_000})
        assert pace.millis() == 6_000, "it never goes back"
        real.append(20_000)
        pace.change({"untilMillis": None})
        assert pace.millis() == 6_000
        real.append(20_001)
        assert pace.millis() == 6_010

    def test_the_api_says_what_time_it_is(self, control):
        control.freeze()
        before = control.now
        control.pass_hours(2)
        assert control.now == before + 7_200_000
        control.put("pace", {"untilMillis": control.now + 1_000})
        assert control.get("pace")["untilMillis"] == control.now + 1_000

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            (b"speed", "no JSON"),
            ([], "must be a JSON object"),
            ({"speed": -1}, "speed -1 is out of range: it must be from 0 to 10,000,000."),
            ({"advanceSeconds": -1}, "advanceSeconds -1 is out of range"),
            ({"untilMillis": "never"}, "untilMillis 'never' is no number."),
            ({"speed": "fast"}, "speed 'fast' is no number."),
            ({"speed": True}, "speed True is no number."),
            ({"launchSeconds": -1}, "launchSeconds -1 is out of range"),
            ({"speed": 2, "sped": 3}, "'sped' is no setting of the pace"),
        ],
    )
    def test_nonsense_is_refused_in_a_sentence_and_changes_nothing(self, control, body, says):
        before = control.get("pace")
        status, answer = control.ask("PUT", "pace", body)
        assert status == 400
        assert says in answer["error"]
        assert control.get("pace") == before

    def test_it_never_goes_back_while_others_change_it(self, monkeypatch):
        monkeypatch.syspath_prepend(LOCAL)
        from pilotlight_local.control.pace import Pace

        pace = Pace()
        seen: list[list[int]] = []

        def watch() -> None:
            mine = [pace.millis() for _ in range(20_000)]
            seen.append(mine)

        def change() -> None:
            for number in range(2_000):
                pace.change({"speed": 1 + number % 500})

        threads = [threading.Thread(target=run) for run in (watch, change, watch, change)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 2
        for mine in seen:
            assert mine == sorted(mine)


def test_what_the_control_api_does_not_have_is_said(control):
    assert control.ask("GET", "nothing")[0] == 404
    assert control.ask("PUT", "executions", {})[0] == 405
    status, answer = control.ask("PUT", "regions/Frankfurt", {"state": "up"})
    assert (status, answer["error"]) == (400, "'Frankfurt' is no region: it must look like eu-central-1.")
    status, answer = control.ask("PUT", f"regions/{DR}", {"state": "down"})
    assert status == 400
    assert "one of up, refuses, hangs, isolated" in answer["error"]
    assert control.get("regions").get(DR, "up") == "up"


class TestLostRegion:
    # one service for each of the protocols that AWS speaks
    CALLS = (
        ("rds", "describe_db_instances", {}),
        ("ec2", "describe_vpcs", {}),
        ("dynamodb", "list_tables", {}),
        ("cloudwatch", "list_metrics", {}),
        ("s3", "list_buckets", {}),
        ("backup", "list_backup_vaults", {}),
        ("sts", "get_caller_identity", {}),
    )

    @pytest.mark.parametrize(("service", "operation", "parameters"), CALLS)
    def test_it_refuses_as_a_passing_fault(self, control, aws, service, operation, parameters):
        control.lose(PRIMARY)
        with pytest.raises(ClientError) as refused:
            getattr(aws(service), operation)(**parameters)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert refused.value.response["Error"]["Code"] in ("ServiceUnavailable", "503")
        getattr(aws(service, DR), operation)(**parameters)
        control.lose(PRIMARY, "up")
        getattr(aws(service), operation)(**parameters)

    def test_an_upload_and_a_presigned_request_are_refused_too(self, control, port):
        s3 = clients_of(port, signature_version="s3v4")("s3", DR)
        s3.create_bucket(Bucket="lost-bucket", CreateBucketConfiguration={"LocationConstraint": DR})
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "lost-bucket", "Key": "big"})
        assert f"%2F{DR}%2F" in url, "a query signed with the version 4"
        control.lose(DR)
        with pytest.raises(ClientError):
            s3.put_object(Bucket="lost-bucket", Key="big", Body=b"x" * 3_000_000)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url, timeout=LIMIT_SECONDS)
        with refused.value:
            assert refused.value.code == 503
        control.lose(DR, "up")
        s3.put_object(Bucket="lost-bucket", Key="big", Body=b"x" * 3_000_000)
        with urllib.request.urlopen(url, timeout=LIMIT_SECONDS) as answer:
            assert len(answer.read()) == 3_000_000

    def test_it_counts_who_asks_it_all_the_same(self, control, aws):
        control.lose(PRIMARY)
        for _ in range(2):
            with pytest.raises(ClientError):
                aws("rds").describe_db_instances()
        aws("rds", DR).describe_db_instances()
        assert control.get(f"regions/{PRIMARY}") == {"state": "refuses", "asked": 2}
        control.lose(PRIMARY, "hangs")
        assert control.get(f"regions/{PRIMARY}")["asked"] == 2, "it is lost once, in two ways"
        control.lose(PRIMARY, "up")
        control.lose(PRIMARY)
        assert control.get(f"regions/{PRIMARY}")["asked"] == 0

    def test_global_services_are_in_us_east_1(self, control, aws):
        control.lose(PRIMARY)
        aws("iam").list_roles()
        aws("route53").list_hosted_zones()
        control.lose("us-east-1")
        with pytest.raises(ClientError):
            aws("route53").list_hosted_zones()

    def test_it_hangs_until_the_client_has_enough(self, control, aws, port):
        control.lose(PRIMARY, "hangs")
        impatient = clients_of(port, read_timeout=0.2)
        with pytest.raises(botocore.exceptions.ReadTimeoutError):
            impatient("rds").describe_db_instances()
        aws("rds", DR).describe_db_instances()
        assert control.get("regions")[PRIMARY] == "hangs"

    def test_one_that_is_cut_off_goes_on_inside_and_answers_nobody_else(self, control, aws, port):
        control.lose(PRIMARY, "isolated")
        outside = clients_of(port, read_timeout=0.2)("rds")
        with pytest.raises(botocore.exceptions.ReadTimeoutError):
            outside.describe_db_instances()

        def from_inside(params, **_):
            params["headers"]["x-pilotlight-inside"] = PRIMARY

        inside = clients_of(port)("rds")
        inside.meta.events.register("before-call.rds", from_inside)
        inside.describe_db_instances()
        control.lose(PRIMARY, "refuses")
        with pytest.raises(ClientError):
            inside.describe_db_instances()

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="threads are counted where Linux shows them")
    def test_no_thread_stays_behind_with_a_client_that_has_gone(self, control, port):
        control.lose(PRIMARY, "hangs")
        pid = json.load(urllib.request.urlopen(control.url + "health", timeout=LIMIT_SECONDS))["pid"]
        request = (
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nAuthorization: AWS4-HMAC-SHA256 "
            f"Credential=test/20261125/{PRIMARY}/rds/aws4_request, SignedHeaders=host, Signature=0\r\n\r\nA=B&C"
        ).encode()
        with contextlib.ExitStack() as clients:
            for _ in range(40):
                client = clients.enter_context(socket.create_connection(("127.0.0.1", port)))
                client.sendall(request)
            until(lambda: threads(pid) >= 40)
        until(lambda: threads(pid) < 20)

    def test_it_lets_go_when_the_region_is_back(self, control, port):
        control.lose(PRIMARY, "hangs")
        patient = clients_of(port)("rds")
        outcome: list[Exception] = []

        def ask() -> None:
            try:
                patient.describe_db_instances()
            except Exception as error:
                outcome.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        until(lambda: control.get(f"regions/{PRIMARY}")["asked"] == 1)
        assert thread.is_alive()
        control.lose(PRIMARY, "up")
        thread.join(LIMIT_SECONDS)
        assert not thread.is_alive()
        assert isinstance(outcome[0], botocore.exceptions.ConnectionClosedError)
        patient.describe_db_instances()


class TestStacksWhileARegionIsLost:
    """Deploying or updating one region never needs the other to answer, unless the stack says so."""

    def test_what_needs_nothing_of_it_deploys(self, control, deploy):
        control.lose(PRIMARY)
        topic = resource("AWS::SNS::Topic", {"TopicName": "alone"})
        stack = deploy({"Topic": topic}, DR)
        stack.update({"Topic": topic, "Queue": resource("AWS::SQS::Queue")})

    def test_a_replica_of_a_table_there_does_not(self, control, aws, deploy):
        def table(name, *regions):
            properties = {
                "TableName": name,
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "Replicas": [{"Region": region} for region in regions],
            }
            return {"Table": resource("AWS::DynamoDB::GlobalTable", properties)}

        both = deploy(table("both", DR, PRIMARY), DR)
        control.lose(PRIMARY)
        both.update(table("both", DR, PRIMARY) | {"Queue": resource("AWS::SQS::Queue")})
        aws("dynamodb", DR).put_item(TableName="both", Item={"id": {"S": "1"}})
        failed = deploy(table("new", DR, PRIMARY), DR, expect="ROLLBACK_COMPLETE")
        assert f"region {PRIMARY}, which does not answer" in failed.reasons
        control.lose(PRIMARY, "up")
        assert aws("dynamodb").get_item(TableName="both", Key={"id": {"S": "1"}})["Item"]["id"]["S"] == "1"

    def test_replication_to_a_bucket_there_is_checked_when_it_is_put_only(self, control, aws, deploy):
        def bucket(destination, **more):
            rules = [
                {
                    "Id": "all",
                    "Status": "Enabled",
                    "Priority": 1,
                    "Filter": {"Prefix": ""},
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "Destination": {"Bucket": f"arn:aws:s3:::{destination}"},
                }
            ]
            role = "arn:aws:iam::123456789012:role/replication"
            properties = {
                "VersioningConfiguration": {"Status": "Enabled"},
                "ReplicationConfiguration": {"Role": role, "Rules": rules},
            }
            return resource("AWS::S3::Bucket", properties | more)

        versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
        for name in ("destination-one", "destination-two"):
            deploy({"Bucket": resource("AWS::S3::Bucket", {"BucketName": name, **versioned})})
        stack = deploy({"Bucket": bucket("destination-one")}, DR)
        control.lose(PRIMARY)
        tags = {"Tags": [{"Key": "release", "Value": "2"}]}
        stack.update({"Bucket": bucket("destination-one", **tags)})
        # the way back puts the replication that it had before, which needs the lost region as well
        stack.update({"Bucket": bucket("destination-two", **tags)}, expect="UPDATE_ROLLBACK_FAILED")
        assert f"region {PRIMARY}, which does not answer" in stack.reasons

    def test_a_secrets_replica_there_is_only_needed_when_it_is_new(self, control, deploy):
        def secret(*regions, **more):
            replicas = {"ReplicaRegions": [{"Region": region} for region in regions]} if regions else {}
            properties = {"SecretString": "s", "Description": "a", **replicas}
            return {"Secret": resource("AWS::SecretsManager::Secret", properties | more)}

        stack = deploy(secret(PRIMARY), DR)
        alone = deploy(secret(), DR)
        control.lose(PRIMARY)
        stack.update(secret(PRIMARY, Description="b"))
        alone.update(secret(PRIMARY), expect="UPDATE_ROLLBACK_COMPLETE")
        assert f"region {PRIMARY}, which does not answer" in alone.reasons


def threads(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:"))
