"""The certificate of the site's authority and its fingerprint, for whoever prepares a hall."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template

from portal.exams.hall.sheet_pdf import sheet_pdf
from portal.exams.hall.steps import CHECK, STEPS, Sheet, sheet_of
from portal.ground.site_tls import SiteTls
from portal.ground.web import PUBLIC, needs

bp = Blueprint("hall", __name__)
CA_TYPE = "application/x-x509-ca-cert"


def _sheet() -> Sheet:
    """404 where this site has no authority of its own."""
    config = current_app.config["MINGFA"]
    return sheet_of(SiteTls(config.tls_dir), config.base_url) or abort(404)


@bp.get("/tls")
@needs(PUBLIC)
def certificate() -> Any:
    """Fingerprint, names and steps."""
    return render_template("exams/hall/certificate.html", sheet=_sheet(), steps=STEPS, check=CHECK)


@bp.get("/tls/sheet.pdf")
@needs(PUBLIC)
def sheet() -> Any:
    """The same to print and hang up."""
    return Response(sheet_pdf(_sheet()), mimetype="application/pdf")


@bp.get("/tls/ca.crt")
@needs(PUBLIC)
def authority() -> Any:
    """The authority's certificate; never its key."""
    _sheet()
    content = SiteTls(current_app.config["MINGFA"].tls_dir).ca.read_bytes()
    return Response(content, mimetype=CA_TYPE, headers={"Content-Disposition": 'attachment; filename="mingfa-ca.crt"'})
