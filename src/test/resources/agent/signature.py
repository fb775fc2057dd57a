"""Checks the agent's signature against botocore's, byte by byte. Takes the agent's path."""

import importlib.util
import os
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

sys.dont_write_bytecode = True
os.environ.update(PILOTLIGHT_WORKLOAD="shop", PILOTLIGHT_REGION="primary", PILOTLIGHT_DATABASE_TERM="0")
os.environ["PILOTLIGHT_OTHER_AWS_REGION"] = "eu-west-1"
spec = importlib.util.spec_from_file_location("agent", sys.argv[1])
agent = importlib.util.module_from_spec(spec)
spec.loader.exec_module(agent)

credentials = {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
for token in ("", "a-session/with+signs=="):
    for service, region, target in (
        ("monitoring", "eu-west-1", ""),
        ("secretsmanager", "us-east-1", "x.GetSecretValue"),
    ):
        body = b"Action=PutMetricData&Value=%20a~b*"
        headers = {"host": f"{service}.{region}.amazonaws.com", "content-type": "text/plain; charset=utf-8"}
        if target:
            headers["x-amz-target"] = target
        ours = dict(headers)
        agent.sign(service, region, ours, body, {**credentials, "Token": token})

        class AtTheSameTime(SigV4Auth):
            def _modify_request_before_signing(self, request, now=ours["x-amz-date"]):
                request.context["timestamp"] = now
                super()._modify_request_before_signing(request)

        url = f"https://{headers['host']}/"
        theirs = AWSRequest(
            method="POST", url=url, data=body, headers={k: v for k, v in headers.items() if k != "host"}
        )
        keys = Credentials(credentials["AccessKeyId"], credentials["SecretAccessKey"], token or None)
        signer = AtTheSameTime(keys, service, region)
        theirs.context["timestamp"] = ours["x-amz-date"]
        del theirs.headers["X-Amz-Date"]
        theirs.headers["X-Amz-Date"] = ours["x-amz-date"]
        if token:
            theirs.headers["X-Amz-Security-Token"] = token
        canonical = signer.canonical_request(theirs)
        signature = signer.signature(signer.string_to_sign(theirs, canonical), theirs)
        assert ours["authorization"].endswith("Signature=" + signature), (service, token, ours, canonical)
        names = ours["authorization"].split("SignedHeaders=")[1].split(",")[0]
        assert names == signer.signed_headers(signer.headers_to_sign(theirs)), names
print("the same")
