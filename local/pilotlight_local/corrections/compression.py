"""Requests of more than 10 KB that SDKs compress (PutMetricData's): moto decompresses them twice, and fails on it."""

from moto.core import responses

_decompress = responses.gzip_decompress
_GZIP = b"\x1f\x8b"


def install() -> None:
    responses.gzip_decompress = decompress


def decompress(body: bytes) -> bytes:
    return _decompress(body) if body.startswith(_GZIP) else body
