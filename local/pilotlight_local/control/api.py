"""The control API, `/pilotlight/…`, beside AWS's on the same port. It takes and answers JSON."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from pilotlight_local.control import databases, executions
from pilotlight_local.control.pace import Invalid, pace
from pilotlight_local.control.regions import RegionLost, regions

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

PREFIX = "/pilotlight/"
_LARGEST_BODY = 64 << 20
_STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    413: "413 Content Too Large",
    503: "503 Service Unavailable",
}

# path → method → what to do with the path's parts and the body
_ROUTES: list[tuple[re.Pattern[str], dict[str, Callable[..., Any]]]] = [
    (re.compile("/pilotlight/pace"), {"GET": pace.describe, "PUT": pace.change}),
    (re.compile("/pilotlight/regions"), {"GET": regions.describe}),
    (re.compile("/pilotlight/regions/([^/]+)"), {"GET": regions.describe_one, "PUT": regions.change}),
    (re.compile("/pilotlight/databases"), {"GET": databases.describe}),
    (re.compile("/pilotlight/databases/([^/]+)/([^/]+)"), {"PUT": databases.change}),
    (re.compile("/pilotlight/executions"), {"GET": executions.running}),
    (re.compile("/pilotlight/executions/events"), {"POST": executions.append_events}),
    (re.compile("/pilotlight/executions/end"), {"POST": executions.end}),
]


def with_control(app: WsgiApp) -> WsgiApp:
    """`app`, with the control API in front."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or ""
        if not path.startswith(PREFIX):
            return app(environ, start_response)
        status, answer = _answer(environ, path)
        body = json.dumps(answer).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(_STATUS[status], headers)
        return [body]

    return wrapped


def _answer(environ: dict[str, Any], path: str) -> tuple[int, Any]:
    method = environ["REQUEST_METHOD"]
    for pattern, methods in _ROUTES:
        found = pattern.fullmatch(path)
        if not found:
            continue
        if method not in methods:
            return 405, _error(f"{path} takes {' and '.join(methods)}, not {method}.")
        try:
            arguments = [*found.groups()] if method == "GET" else [*found.groups(), _body(environ)]
            return 200, methods[method](*arguments)
        except _TooLarge:
            return 413, _error(f"The body is larger than {_LARGEST_BODY >> 20} MiB.")
        except Invalid as error:
            return 400, _error(str(error))
        except (executions.Unknown, databases.NoDatabase) as error:
            return 404, _error(str(error))
        except executions.NotRunning as error:
            return 409, _error(str(error))
        except RegionLost as error:
            return 503, _error(str(error))
    return 404, _error(f"There is no {path}: see local/README.md for what the control API has.")


class _TooLarge(Exception):  # noqa: N818
    pass


def _body(environ: dict[str, Any]) -> Any:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > _LARGEST_BODY:
        raise _TooLarge
    # a chunked body ends by itself
    text = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else environ["wsgi.input"].read(length)
    try:
        return json.loads(text)
    except ValueError:
        raise Invalid("The body is no JSON.") from None


def _error(message: str) -> dict[str, str]:
    return {"error": message}
