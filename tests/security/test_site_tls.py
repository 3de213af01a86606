"""The site's own authority: what it may sign for, who reads its key, when certificates are made anew."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
import urllib.error
import urllib.request
from datetime import timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from portal.cli import main
from portal.commands.tls import certificate_lines, clock_lines
from portal.exams.hall.sheet_pdf import sheet_pdf
from portal.exams.hall.steps import sheet_of
from portal.ground import clock, site_tls
from portal.ground.audit import record
from portal.ground.db import db
from portal.ground.site_tls import NoName, NotItsName, SiteTls, fingerprint, prepare
from portal.leading import Guide
from tests.conftest import NOON, settings

NAMES = ["kaoshi.sifaju.example", "192.0.2.7"]


@pytest.fixture
def tls(tmp_path: Path) -> SiteTls:
    made = SiteTls(tmp_path / "tls")
    prepare(made, NAMES, NOON)
    return made


def handshake(tls: SiteTls, name: str) -> bool:
    """Whether a computer that trusts the authority, and nothing else, takes the server under this name."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tls.server, tls.server_key)
    client = ssl.create_default_context(cafile=str(tls.ca))
    here, there = socket.socketpair()
    answering = threading.Thread(target=lambda: _answer(server, there))
    answering.start()
    try:
        with client.wrap_socket(here, server_hostname=name):
            return True
    except ssl.SSLCertVerificationError:
        return False
    finally:
        here.close()
        answering.join(10)


def _answer(server: ssl.SSLContext, line: socket.socket) -> None:
    try:
        server.wrap_socket(line, server_side=True).close()
    except OSError:
        line.close()


def trusts(tls: SiteTls, name: str) -> bool:
    store = Store([tls.authority()])
    verifier = PolicyBuilder().store(store).time(NOON).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(tls.certificate(), [])
    except VerificationError:
        return False
    return True


def test_its_names_are_taken_and_no_other(tls: SiteTls):
    assert [handshake(tls, name) for name in (*NAMES, "other.example", "192.0.2.8")] == [True, True, False, False]


def test_it_may_not_sign_for_other_names(tls: SiteTls):
    """A certificate for another host, signed with the stolen key, is refused by whoever trusts the authority."""
    assert trusts(tls, NAMES[0])
    site_tls._make_server(tls, tls.authority(), ["bank.example"], NOON)
    assert not trusts(tls, "bank.example")
    assert not handshake(tls, "bank.example")


@pytest.mark.parametrize("names", [["kaoshi.sifaju.example"], ["192.0.2.7"]])
def test_a_kind_of_name_it_was_not_given_is_forbidden_whole(tmp_path: Path, names: list[str]):
    made = SiteTls(tmp_path / "one")
    prepare(made, names, NOON)
    assert handshake(made, names[0])
    other = "bank.example" if names == ["192.0.2.7"] else "192.0.2.7"
    site_tls._make_server(made, made.authority(), [other], NOON)
    assert not handshake(made, other)


def test_keys_are_read_by_their_owner_only(tls: SiteTls):
    for key in (tls.ca_key, tls.server_key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(tls.folder.stat().st_mode) == 0o700
    assert all("/tls is open" not in line for line in certificate_lines(tls))
    tls.ca_key.chmod(0o644)
    assert any("chmod 600" in line for line in certificate_lines(tls))


def test_authority_stays_and_the_server_certificate_is_renewed_in_time(tls: SiteTls):
    authority, first = tls.ca.read_bytes(), tls.certificate()
    lasts = first.not_valid_after_utc - NOON
    assert lasts <= timedelta(days=398) and tls.authority().not_valid_after_utc - NOON > timedelta(days=3600)
    assert not prepare(tls, NAMES, NOON + lasts - timedelta(days=31))
    assert prepare(tls, NAMES, NOON + lasts - timedelta(days=29))
    assert prepare(tls, NAMES[:1], NOON + lasts - timedelta(days=29)), "fewer names"
    assert tls.ca.read_bytes() == authority
    assert tls.certificate().serial_number != first.serial_number


def test_a_name_it_does_not_cover_asks_for_a_new_authority(tls: SiteTls):
    before = fingerprint(tls.authority())
    with pytest.raises(NotItsName):
        prepare(tls, [*NAMES, "neu.example"], NOON)
    assert fingerprint(tls.authority()) == before
    assert prepare(tls, [*NAMES, "neu.example"], NOON, new_ca=True)
    assert fingerprint(tls.authority()) != before
    assert handshake(tls, "neu.example")


@pytest.mark.parametrize("names", [[], [" "], ["a b"], ["https://x"], ["吉林.cn"], ["*.example"]])
def test_what_is_no_host_name_is_refused(tmp_path: Path, names: list[str]):
    with pytest.raises(NoName):
        prepare(SiteTls(tmp_path / "none"), names, NOON)


def test_the_key_never_leaves_and_the_certificate_does(tls: SiteTls, house, tmp_path: Path):
    client, before = house.test_client(), house.config["MINGFA"]
    house.config["MINGFA"] = settings("sqlite://", tmp_path, base_url=f"https://{NAMES[0]}", tls_dir=tls.folder)
    try:
        answer = client.get("/tls/ca.crt")
        assert x509.load_pem_x509_certificate(answer.data) == tls.authority()
        assert answer.mimetype == "application/x-x509-ca-cert"
        page = client.get("/tls").text
        assert all(group in page for group in fingerprint(tls.authority()).split())
        assert client.get("/tls/sheet.pdf").data.startswith(b"%PDF")
        for path in ("/tls/ca.key", "/tls/server.key", "/tls/..%2fca.key"):
            assert client.get(path).status_code == 404
        for answered in (answer.data, client.get("/tls").data):
            assert b"PRIVATE KEY" not in answered
    finally:
        house.config["MINGFA"] = before


def test_the_sheet_is_one_page_that_names_everything(tls: SiteTls):
    pypdf = pytest.importorskip("pypdf")
    from io import BytesIO

    sheet = sheet_of(tls, f"https://{NAMES[0]}:8443")
    read = pypdf.PdfReader(BytesIO(sheet_pdf(sheet)))
    told = "".join(read.pages[0].extract_text().split())
    assert len(read.pages) == 1
    assert "".join(sheet.fingerprint.split()) in told
    assert f"https://{NAMES[0]}:8443/tls/ca.crt" in told


def test_plain_http_leads_to_https_and_hands_out_the_certificate_only(tls: SiteTls):
    class Here(Guide):
        base_url, ca = "https://kaoshi.sifaju.example:8443", tls.ca

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}"
    try:
        with urllib.request.urlopen(site + "/tls/ca.crt") as answer:
            assert answer.read() == tls.ca.read_bytes()
        for path in ("/exams/12?x=%E4", "/tls/ca.key"):
            with pytest.raises(urllib.error.HTTPError) as led:
                urllib.request.build_opener(NoRedirect).open(site + path)
            assert (led.value.code, led.value.headers["Location"]) == (308, Here.base_url + path)
    finally:
        server.shutdown()
        server.server_close()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args, **_more):
        return None


def doctor(monkeypatch, url: str, folder: Path, **changed: str) -> str:
    given = {
        "DATABASE_URL": url, "SECRET_KEY": "s" * 48, "DATA_KEY": "11" * 32, "INDEX_KEY": "22" * 32,
        "AUDIT_KEY": "33" * 32, "FILES_DIR": str(folder / "files"), "TLS_DIR": str(folder / "tls"), **changed,
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"MINGFA_{name}", value)
    ran = CliRunner().invoke(main, ["doctor"])
    db.engine.dispose()
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_the_doctor_says_what_plain_http_costs(monkeypatch, sqlite_url: str, tmp_path: Path):
    plain = doctor(monkeypatch, sqlite_url, tmp_path, BASE_URL="http://kaoshi.sifaju.example")
    assert "https: missing" in plain and "sealed papers cannot be opened" in plain
    for fine in ("https://kaoshi.sifaju.example", "http://127.0.0.1:8000"):
        assert "missing" not in doctor(monkeypatch, sqlite_url, tmp_path, BASE_URL=fine)


def test_the_doctor_says_that_a_certificate_ends_soon(monkeypatch, sqlite_url: str, tmp_path: Path):
    tls = SiteTls(tmp_path / "tls")
    prepare(tls, NAMES, NOON)
    assert "ends soon" not in doctor(monkeypatch, sqlite_url, tmp_path)
    clock.set_source(lambda: NOON + timedelta(days=380))
    assert "server certificate: 17 days left\n    ends soon" in doctor(monkeypatch, sqlite_url, tmp_path)


def test_the_doctor_says_that_the_clock_went_back(sqlite_url: str):
    db.open(sqlite_url)
    assert clock_lines() == ["clock: fits what was written"]
    with db.writing() as session:
        record(session, "sign_in", "account", 1, now=NOON + timedelta(hours=1))
        session.commit()
    assert "clock: behind" in clock_lines()[0]
    db.engine.dispose()


def test_what_is_kept_is_no_more_than_a_key_and_certificates(tls: SiteTls):
    assert {path.name for path in tls.folder.iterdir()} == {"ca.crt", "ca.key", "server.crt", "server.key"}
    key = serialization.load_pem_private_key(tls.ca_key.read_bytes(), None)
    assert key.public_key() == tls.authority().public_key()
