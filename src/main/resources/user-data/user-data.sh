#!/bin/bash
set -euo pipefail
install -d -m 755 /etc/pilotlight /opt/pilotlight
cat > /etc/pilotlight/environment <<'PILOTLIGHT_END'
@ENVIRONMENT@
PILOTLIGHT_END
cat > /etc/pilotlight/agent <<'PILOTLIGHT_END'
@AGENT_ENVIRONMENT@
PILOTLIGHT_END
# The rest, compressed, since EC2 takes no more than 16 KiB.
python3 -c 'import base64, lzma, sys; print(lzma.decompress(base64.b85decode(sys.stdin.read().strip())).decode())' > /opt/pilotlight/boot <<'PILOTLIGHT_END'
@BOOT@
PILOTLIGHT_END
exec bash /opt/pilotlight/boot
