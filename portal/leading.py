"""The plain-http port beside an encrypted site: it leads to https, and hands out the authority's certificate."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CA_PATH, CA_TYPE = "/tls/ca.crt", "application/x-x509-ca-cert"
PATIENCE = 10  # seconds for a caller who says nothing


class Guide(BaseHTTPRequestHandler):
    """Every address leads to the same address on https; nothing but the certificate is answered here."""

    base_url = ""
    ca = Path()
    timeout = PATIENCE
    server_version, sys_version = "Mingfa", ""

    def do_GET(self) -> None:
        if self.path == CA_PATH and self.ca.exists():
            content = self.ca.read_bytes()
            self._head(200, ("Content-Type", CA_TYPE), ("Content-Length", str(len(content))))
            if self.command == "GET":
                self.wfile.write(content)
            return
        path = self.path if self.path.startswith("/") and self.path.isascii() else "/"
        self._head(308, ("Location", self.base_url + path), ("Content-Length", "0"))

    do_HEAD = do_POST = do_GET

    def _head(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_told: object) -> None:
        """Addresses are not written down."""


def main(host: str, port: str, base_url: str, ca: str) -> None:
    Guide.base_url, Guide.ca = base_url.rstrip("/"), Path(ca)
    ThreadingHTTPServer((host, int(port)), Guide).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
