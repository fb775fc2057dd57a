set -euo pipefail
cat > /opt/pilotlight/agent.py <<'PILOTLIGHT_END'
@AGENT@
PILOTLIGHT_END
cat > /etc/systemd/system/pilotlight-agent.service <<'PILOTLIGHT_END'
@AGENT_UNIT@
PILOTLIGHT_END
install -d -m 755 /etc/systemd/system/workload.service.d
cat > /etc/systemd/system/workload.service.d/pilotlight.conf <<'PILOTLIGHT_END'
@WORKLOAD_FENCE@
PILOTLIGHT_END
cat > /opt/pilotlight/workload <<'PILOTLIGHT_END_OF_WORKLOAD'
@WORKLOAD@
PILOTLIGHT_END_OF_WORKLOAD
chmod 755 /opt/pilotlight/workload

# What an image was made of may have been superseded; a new instance is not.
rm -rf /var/lib/pilotlight
systemctl daemon-reload
systemctl enable --now pilotlight-agent.service || true
# Nothing of the workload runs before the agent has looked at the other region.
until [ -e /run/pilotlight/workload-may-run ]; do sleep 1; done
exec /opt/pilotlight/workload
