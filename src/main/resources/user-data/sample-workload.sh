#!/bin/bash
# The sample workload: an HTTP server on $PORT from Python's standard library, which Amazon Linux 2023 brings, so that
# an instance boots without downloading anything. /health answers 200; / names region and instance.
set -euo pipefail

cat > /opt/pilotlight/sample.py <<'PYTHON'
import json
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

METADATA = "http://169.254.169.254/latest"


def instance_id():
    token = urllib.request.Request(
        METADATA + "/api/token", method="PUT", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    )
    with urllib.request.urlopen(token, timeout=5) as answer:
        headers = {"X-aws-ec2-metadata-token": answer.read().decode()}
    query = urllib.request.Request(METADATA + "/meta-data/instance-id", headers=headers)
    with urllib.request.urlopen(query, timeout=5) as answer:
        return answer.read().decode()


IDENTITY = {
    "workload": os.environ["PILOTLIGHT_WORKLOAD"],
    "region": os.environ["AWS_REGION"],
    "region_name": os.environ["PILOTLIGHT_REGION"],
    "instance": instance_id(),
}


class Sample(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(200, "text/plain", b"ok\n")
        elif self.path == "/":
            self.answer(200, "application/json", json.dumps(IDENTITY).encode() + b"\n")
        else:
            self.answer(404, "text/plain", b"not found\n")

    def answer(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("", int(os.environ["PORT"])), Sample).serve_forever()
PYTHON

cat > /etc/systemd/system/workload.service <<'UNIT'
[Unit]
Description=Sample workload
After=network-online.target
Wants=network-online.target

[Service]
EnvironmentFile=/etc/pilotlight/environment
ExecStart=/usr/bin/python3 /opt/pilotlight/sample.py
DynamicUser=yes
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
UNIT

systemctl daemon-reload
systemctl enable --now workload.service
