"""Pictures from outside: what is taken, what comes out, and what never gets as far as a decoder."""

from __future__ import annotations

import stat
import zipfile
from io import BytesIO

import pytest
from PIL import Image

from portal.ground import pictures
from portal.ground.pictures import NotAPhoto, PhotoTooBig, UnsafeArchive, WrongSize, open_archive, read_photo
from tests.records.pictures_made import flood, packed, packed_entry, portrait, with_place


def test_a_portrait_becomes_a_plain_jpeg():
    for content in (portrait(), portrait(kind="PNG")):
        photo = read_photo(content)
        with Image.open(BytesIO(photo.content)) as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (358, 441))
        assert (photo.width, photo.height) == (358, 441)


def test_a_large_portrait_is_made_smaller_and_keeps_its_shape():
    photo = read_photo(portrait(1040, 1280))
    assert photo.width <= 716 and photo.height <= 882
    assert abs(photo.width / photo.height - 0.8125) < 0.01


def test_where_it_was_taken_is_gone():
    content = with_place()
    assert b"SECRETCAMERA" in content and b"SECRETCOMMENT" in content
    made = read_photo(content).content
    assert b"SECRET" not in made and b"Exif" not in made
    with Image.open(BytesIO(made)) as picture:
        assert not picture.getexif() and "comment" not in picture.info


def test_a_sideways_picture_is_turned_as_the_camera_says():
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = read_photo(portrait(441, 358, exif=exif))
    assert (photo.width, photo.height) == (358, 441)


def test_nothing_hidden_behind_a_picture_comes_out():
    script = b"<script>alert(1)</script>"
    both = portrait(comment=script) + b"PK\x03\x04" + script
    assert script not in read_photo(both).content


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\x00" * 100,
        b"%PDF-1.7\n",
        b"MZ" + b"\x00" * 100,
        b"",
        b"\xff\xd8\xff\xe0 this only begins like a JPEG",
        b"\x89PNG\r\n\x1a\n<html>",
        portrait()[:3000],
    ],
)
def test_what_is_no_whole_jpeg_or_png_is_refused(content: bytes):
    with pytest.raises(NotAPhoto):
        read_photo(content)


def test_a_picture_that_would_flood_the_memory_is_refused_before_it_is_decoded():
    content = flood()
    assert len(content) < 20_000
    with pytest.raises(PhotoTooBig, match="30000"):
        read_photo(content)


def test_a_reader_that_a_picture_ended_does_not_end_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(pictures.LIMITS, "pixels", 10**12)  # the first line of defence is gone: the kernel's holds
    first, second = pictures.read_photos([flood(60_000, 60_000), portrait()])
    assert isinstance(first, PhotoTooBig | NotAPhoto)
    assert second.width == 358


def test_a_file_over_two_megabytes_is_refused():
    with pytest.raises(PhotoTooBig):
        read_photo(portrait() + bytes(pictures.MAX_BYTES))


@pytest.mark.parametrize(("width", "height"), [(357, 440), (100, 123), (441, 358), (500, 500), (400, 700)])
def test_too_small_or_of_another_shape_is_refused(width: int, height: int):
    with pytest.raises(WrongSize, match=f"{width}"):
        read_photo(portrait(width, height))


def test_an_archive_gives_its_pictures_and_not_what_systems_leave():
    content = packed({"照片/T00001.jpg": b"a", "__MACOSX/._T00001.jpg": b"x", ".DS_Store": b"x", "T00002.png": b"b"})
    assert {(m.stem, m.content) for m in open_archive(content)} == {("T00001", b"a"), ("T00002", b"b")}


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("T00001.jpg")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "content",
    [
        packed({"../../etc/cron.d/T00001.jpg": b"a"}),
        packed({"/etc/T00001.jpg": b"a"}),
        packed({"..\\..\\T00001.jpg": b"a"}),
        packed({"C:\\T00001.jpg": b"a"}),
        packed_entry(link(), b"/etc/passwd"),
        packed({"a.jpg": b"1", "A.jpg": b"2"}),
        packed({"T00001.jpg": bytes(8 * 1024 * 1024)}),
        b"PK\x03\x04 no archive",
        b"",
    ],
)
def test_an_archive_with_tricks_is_refused_whole(content: bytes):
    with pytest.raises(UnsafeArchive):
        open_archive(content)


def test_an_archive_of_thousands_is_refused():
    with pytest.raises(PhotoTooBig, match="401"):
        open_archive(packed({f"{n}.jpg": b"" for n in range(401)}))


def test_a_member_over_two_megabytes_is_named_and_the_others_come_out():
    stored = zipfile.ZipInfo("big.jpg")
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(stored, bytes(3 * 1024 * 1024))
        archive.writestr("T00001.jpg", b"a")
    big, small = open_archive(target.getvalue())
    assert isinstance(big.content, PhotoTooBig) and small.content == b"a"
