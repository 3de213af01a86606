"""Pictures of questions: made anew by the limited process, described in words, shown to whoever reads the bank."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from portal.bank.writing import operations
from portal.ground.markdown import pictured_html
from portal.ground.pictures import NotAPhoto, PhotoTooBig, WrongSize, read_illustration
from portal.people.models import Role
from tests.bank.conftest import Desk, staff


def drawn(form: str = "PNG", size: tuple[int, int] = (300, 120), **saved: object) -> bytes:
    sheet = BytesIO()
    Image.new("RGB", size, (20, 80, 160)).save(sheet, form, **saved)
    return sheet.getvalue()


@pytest.mark.parametrize("form, media_type", [("PNG", "image/png"), ("WEBP", "image/png"), ("JPEG", "image/jpeg")])
def test_png_jpeg_and_webp_come_in_as_png_or_jpeg(form: str, media_type: str):
    made = read_illustration(drawn(form))
    assert (made.media_type, made.width, made.height) == (media_type, 300, 120)


def test_nothing_of_the_file_but_its_points_is_kept():
    told = PngInfo()
    told.add_text("Author", "secret author")
    assert b"secret author" not in read_illustration(drawn(pnginfo=told)).content


def test_a_large_picture_is_made_smaller():
    assert max(read_illustration(drawn(size=(4000, 1000))).width, 0) == 1600


@pytest.mark.parametrize(
    "content, refusal",
    [
        (b"GIF89a" + b"0" * 50, NotAPhoto),
        (b"<svg onload=alert(1)></svg>", NotAPhoto),
        (drawn()[:60], NotAPhoto),
        (drawn(size=(3, 3)), WrongSize),
        (b"\x89PNG\r\n\x1a\n" + b"0" * (2 * 1024 * 1024), PhotoTooBig),
    ],
    ids=["gif", "svg", "cut off", "tiny", "too large"],
)
def test_what_is_no_picture_is_refused(content: bytes, refusal: type[Exception]):
    with pytest.raises(refusal):
        read_illustration(content)


def test_the_same_picture_is_kept_once_for_a_bank(desk: Desk):
    made = read_illustration(drawn())
    one = operations.add_picture(desk.session, desk.bank, made, account=desk.writer, now=desk.now)
    two = operations.add_picture(desk.session, desk.bank, made, account=desk.writer, now=desk.now)
    assert one.id == two.id


def test_uploading_answers_with_the_text_that_stands_for_it(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    sent = {"alt": "听证 [流程] 图", "file": (BytesIO(drawn()), "图.png")}
    told = client.post("/banks/B-1/pictures/", data=sent, headers={"Accept": "application/json"}).json["text"]
    assert told.startswith("![听证 （流程） 图](picture:")
    shown = client.get(f"/banks/B-1/pictures/{told[-65:-1]}")
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff" and "private" in shown.headers["Cache-Control"]


@pytest.mark.parametrize("alt, file", [(" ", True), ("图", False)])
def test_words_and_a_file_are_both_needed(web_desk: Desk, signed_in, alt: str, file: bool):
    sent = {"alt": alt} | ({"file": (BytesIO(drawn()), "图.png")} if file else {})
    answer = signed_in(web_desk.writer).post("/banks/B-1/pictures/", data=sent)
    assert answer.status_code == 422 and 'class="mf-errsum"' in answer.text


def test_a_stranger_to_the_bank_does_not_find_it(web_desk: Desk, signed_in):
    made = read_illustration(drawn())
    row = operations.add_picture(web_desk.session, web_desk.bank, made, account=web_desk.writer, now=web_desk.now)
    far = staff(web_desk.county, Role.TRAINER, web_desk.county.other_city)
    web_desk.session.commit()
    assert signed_in(far).get(f"/banks/B-1/pictures/{row.sha256}").status_code == 404
    assert signed_in(web_desk.reviewer).get(f"/banks/B-1/pictures/{row.sha256}").status_code == 200


def address(key: str) -> str:
    return f"/p/{key}"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("![图](picture:" + "ab" * 32 + ")", '<img src="/p/' + "ab" * 32 + '" alt="图">'),
        ("![外](http://evil.example/x.png)", "外"),
        ('![图" onerror="x](picture:' + "ab" * 32 + ")", "&quot; onerror=&quot;x"),
        ("，____应当____。", '，<span class="mf-blank">____</span>应当<span class="mf-blank">____</span>。'),
        ("<script>x</script>", "&lt;script&gt;"),
        ("[点我](javascript:alert(1))", "[点我](javascript:alert(1))"),
        ("|甲|乙|\n|-|-|\n|1|2|", "<td>1</td>"),
        ("请选**不**正确的", "<strong>不</strong>"),
    ],
)
def test_a_question_s_text_shows_pictures_tables_blanks_and_nothing_else(text: str, shown: str):
    assert shown in pictured_html(text, address)
