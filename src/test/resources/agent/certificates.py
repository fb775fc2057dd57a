"""Makes two authorities in the folder given, `ours` and `theirs`, each with a certificate for localhost."""

import datetime
import ipaddress
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.timezone.utc)
PEM = serialization.Encoding.PEM


def certificate(name, subject_key, issuer, issuer_key, extension, digest):
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(subject_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - datetime.timedelta(hours=1))
        .not_valid_after(NOW + datetime.timedelta(days=1))
        .add_extension(extension, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(subject_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, digest)
    )


folder = Path(sys.argv[1])
# RDS signs with SHA-256 or SHA-384: the channel binding depends on which.
for authority, digest in (("ours", hashes.SHA384()), ("theirs", hashes.SHA256())):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, authority)])
    key = ec.generate_private_key(ec.SECP256R1())
    ca = certificate(name, key, name, key, x509.BasicConstraints(ca=True, path_length=0), digest)
    (folder / f"{authority}-ca.pem").write_bytes(ca.public_bytes(PEM))
    server_key = ec.generate_private_key(ec.SECP256R1())
    host = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    server = certificate(host, server_key, name, key, names, digest)
    (folder / f"{authority}.pem").write_bytes(server.public_bytes(PEM))
    (folder / f"{authority}.key").write_bytes(
        server_key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / f"{authority}.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"server", server_key, server, [ca], serialization.BestAvailableEncryption(b"secret")
        )
    )
