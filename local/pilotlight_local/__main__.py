"""`python -m pilotlight_local --port N --hosted-zone ZONEID=example.com`: the emulator, ready when the port answers."""

import argparse
import os
from pathlib import Path

from pilotlight_local import server


def main(argv: list[str] | None = None) -> None:
    options = _arguments(argv)
    listener = server.bind(options.port)
    port = listener.getsockname()[1]
    _environment(port)
    if options.port_file:
        server.tell(port, options.port_file)

    # moto takes over a second to import; a busy port or a wrong option has been reported by now.
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from pilotlight_local import corrections, hosted_zones
    from pilotlight_local.cloudformation import stacks

    corrections.install()
    stacks.install()
    hosted_zones.seed(options.hosted_zone)
    server.serve(listener, DomainDispatcherApplication(create_backend_app))


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pilotlight_local", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--port-file", type=Path, metavar="FILE", help="where to write which port was taken")
    parser.add_argument(
        "--hosted-zone",
        action="append",
        default=[],
        type=_hosted_zone,
        metavar="ZONEID=NAME",
        help="a Route 53 zone that exists from the start, under exactly this id; may be given more than once",
    )
    return parser.parse_args(argv)


def _hosted_zone(text: str) -> tuple[str, str]:
    zone_id, separator, name = text.partition("=")
    if not (separator and zone_id and name):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form ZONEID=example.com")
    return zone_id, name


def _environment(port: int) -> None:
    """What moto reads from the environment, and what must not leak into its own calls."""
    os.environ["MOTO_PORT"] = str(port)
    # Without AWS's managed policies, a role that names AmazonSSMManagedInstanceCore could not be created.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    for name in list(os.environ):
        if name.startswith("AWS_ENDPOINT_URL") or name in ("AWS_PROFILE", "AWS_CA_BUNDLE"):
            del os.environ[name]


if __name__ == "__main__":
    main()
