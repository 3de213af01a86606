"""The site's own certificate authority and the server certificate it signs, for halls without a public name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from portal.ground.errors import Refused
from portal.ground.rules import N_

CA_YEARS, SERVER_DAYS, RENEW_DAYS = 10, 397, 30  # browsers take no server certificate for longer than 398 days
SKEW = timedelta(days=1)  # a computer of the hall whose clock is behind still takes it
NOWHERE = "mingfa.invalid"  # where no host name is given, the only one it may sign
EVERY_ADDRESS = (ip_network("0.0.0.0/0"), ip_network("::/0"))
SERVER = "Mingfa site"  # no host name: some clients would hold it against the limits of the authority
FORBIDDEN = frozenset(" /\\*@:?#")


class NotItsName(Refused):
    """The authority may not sign for this name; computers that trust it would not, either."""

    code = "not_its_name"


class NoName(Refused):
    """There is no name to make a certificate for, or it is none."""

    code = "no_name"


@dataclass(frozen=True)
class SiteTls:
    """Where the authority and the server certificate lie."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.crt"

    @property
    def ca_key(self) -> Path:
        return self.folder / "ca.key"

    @property
    def server(self) -> Path:
        """The server's certificate, then the authority's."""
        return self.folder / "server.crt"

    @property
    def server_key(self) -> Path:
        return self.folder / "server.key"

    def authority(self) -> x509.Certificate | None:
        return _read(self.ca)

    def certificate(self) -> x509.Certificate | None:
        return _read(self.server)


def prepare(site: SiteTls, names: Sequence[str], now: datetime, *, new_ca: bool = False) -> bool:
    """Make what is missing: authority once, server certificate when it is due or the names changed.

    Says whether a server certificate was made. Raises NoName, NotItsName.
    """
    wanted = checked(names)
    site.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca = None if new_ca else site.authority()
    if ca is None:
        ca = _make_ca(site, wanted, now)
    elif not set(wanted) <= set(names_of_ca(ca)):
        missing = ", ".join(sorted(set(wanted) - set(names_of_ca(ca))))
        raise NotItsName(
            N_("The certificate authority of this site does not cover %(names)s. Make a new one with --new-ca; every computer of the hall then installs it."),  # noqa: E501
            names=missing,
        )  # fmt: skip
    if not _is_due(site.certificate(), ca, wanted, now):
        return False
    _make_server(site, ca, wanted, now)
    return True


def checked(names: Sequence[str]) -> list[str]:
    """Host names and addresses in the form certificates have them. Raises NoName."""
    found = list(dict.fromkeys(name.strip().lower().rstrip(".") for name in names if name.strip()))
    if not found:
        raise NoName(N_("Name the host under which the hall reaches this site: --host exam.example.cn"))
    for name in found:
        if not is_address(name) and (set(name) & FORBIDDEN or not name.isascii()):
            raise NoName(N_("%(name)s is not a host name."), name=name)
    return found


def is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    return [x509.IPAddress(ip_address(name)) if is_address(name) else x509.DNSName(name) for name in names]


def names_of_ca(ca: x509.Certificate) -> list[str]:
    """What the authority may sign for."""
    limits = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    found = []
    for limit in limits:
        network = limit.value
        found.append(str(network.network_address) if isinstance(network, IPv4Network | IPv6Network) else network)
    return [name for name in found if name != NOWHERE]


def names_of_server(certificate: x509.Certificate) -> list[str]:
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in alternatives]


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 in sixteen groups of four digits, to be compared by eye."""
    digits = certificate.fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _is_due(there: x509.Certificate | None, ca: x509.Certificate, names: list[str], now: datetime) -> bool:
    if there is None or set(names_of_server(there)) != set(names) or there.issuer != ca.subject:
        return True
    return there.not_valid_after_utc - now < timedelta(days=RENEW_DAYS)


def _make_ca(site: SiteTls, names: list[str], now: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(f"Mingfa hall authority {names[0]} {now:%Y%m%d%H%M%S}")
    unsigned = (
        _begun(subject, subject, key, now, timedelta(days=365 * CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(_limits(names), critical=True)
    )
    made = unsigned.sign(key, hashes.SHA256())
    _write_key(site.ca_key, key)
    _write(site.ca, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return made


def _limits(names: list[str]) -> x509.NameConstraints:
    """Only these: a kind of name that is not mentioned would be free, so both kinds are."""
    hosts = [name for name in names if not is_address(name)] or [NOWHERE]
    addresses = [ip_network(name) for name in names if is_address(name)]
    kinds = {network.version for network in addresses}
    permitted = [x509.DNSName(host) for host in hosts] + [x509.IPAddress(network) for network in addresses]
    excluded = [x509.IPAddress(network) for network in EVERY_ADDRESS if network.version not in kinds]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=excluded or None)


def _make_server(site: SiteTls, ca: x509.Certificate, names: list[str], now: datetime) -> None:
    signer = serialization.load_pem_private_key(site.ca_key.read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    lasts = min(timedelta(days=SERVER_DAYS), ca.not_valid_after_utc - now)
    unsigned = (
        _begun(_subject(SERVER), ca.subject, key, now, lasts)
        .add_extension(x509.SubjectAlternativeName(general_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.public_key()), critical=False)
    )
    made = unsigned.sign(signer, hashes.SHA256())
    _write_key(site.server_key, key)
    chain = [certificate.public_bytes(serialization.Encoding.PEM) for certificate in (made, ca)]
    _write(site.server, b"".join(chain), 0o644)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(path, plain, 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others in between."""
    beside = path.with_suffix(path.suffix + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _read(path: Path) -> x509.Certificate | None:
    return x509.load_pem_x509_certificate(path.read_bytes()) if path.exists() else None
