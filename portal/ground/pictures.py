"""Photos and drawings in: nothing of an uploaded picture is decoded here, and nothing of the file itself is kept."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from threading import Timer

from portal.ground import archives
from portal.ground.errors import Refused
from portal.ground.rules import N_

ROOT = Path(__file__).resolve().parents[2]
JPEG = "image/jpeg"
FIRST_BYTES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
WEBP_AT = slice(8, 12)
MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 40_000_000
SECONDS = 20  # for one picture, waiting included

# the photo of an enforcement credential: 358 × 441 points, 26 mm × 32 mm
WIDTH, HEIGHT = 358, 441
LIMITS = {
    "pixels": MAX_PIXELS,
    "min_width": WIDTH,
    "min_height": HEIGHT,
    "min_ratio": 780,  # width to height in thousandths; 26:32 is 812
    "max_ratio": 845,
    "max_width": 2 * WIDTH,
    "max_height": 2 * HEIGHT,
}
# a drawing or photograph inside a question; a side of 1,600 points is what a page shows at double density
DRAWN = {
    "drawn": 1,  # PNG stays PNG, and WebP is read too
    "pixels": MAX_PIXELS,
    "min_width": 8,
    "min_height": 8,
    "min_ratio": 50,
    "max_ratio": 20_000,
    "max_width": 1_600,
    "max_height": 1_600,
}

MAX_ENTRIES = 400
MAX_UNPACKED = 60 * 1024 * 1024
MAX_RATIO = 20  # pictures are packed already
RATIO_FROM = 256 * 1024
LEFT_BY_SYSTEMS = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")


class NotAPhoto(Refused):
    """The file is no JPEG or PNG, or cannot be decoded."""

    status = 422
    code = "not_a_photo"


class PhotoTooBig(Refused):
    """The file, or what it unpacks to, is larger than a photo is."""

    status = 413
    code = "photo_too_big"


class WrongSize(Refused):
    """The picture is too small or of another shape than the credential needs."""

    status = 422
    code = "photo_wrong_size"


class UnsafeArchive(Refused):
    """The archive points outside itself, links, hides or swells."""

    status = 422
    code = "unsafe_archive"


@dataclass(frozen=True)
class Photo:
    """A picture as we made it anew: JPEG without metadata."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Illustration:
    """A question's picture as we made it anew, without metadata."""

    content: bytes
    width: int
    height: int
    media_type: str  # image/png or image/jpeg


@dataclass(frozen=True)
class Member:
    """One picture of an archive: the path as shown, the file's name without its ending."""

    path: str
    stem: str
    content: bytes | Refused


REFUSED: dict[str, tuple[type[Refused], str]] = {
    "kind": (NotAPhoto, N_("This is no JPEG or PNG picture. Save the photo as .jpg and upload that.")),
    "damaged": (NotAPhoto, N_("The picture is damaged. Open it, save it again as .jpg and upload that.")),
    "too_much": (PhotoTooBig, N_("The picture takes too much to read. Save it again as a plain .jpg.")),
    "flood": (
        PhotoTooBig,
        N_("The picture has %(width)s × %(height)s points, far more than a photo needs. Make it smaller."),
    ),
    "small": (
        WrongSize,
        N_("The picture has %(width)s × %(height)s points; at least 358 × 441 are needed."),
    ),
    "shape": (
        WrongSize,
        N_("The picture has %(width)s × %(height)s points; a credential photo is 26 mm wide and 32 mm high. Cut it."),
    ),
}
DRAWN_WORDS = {
    "kind": N_("This is no PNG, JPEG or WebP picture. Save it as .png or .jpg and choose that."),
    "damaged": N_("The picture is damaged. Open it, save it again as .png or .jpg and choose that."),
    "small": N_("The picture has %(width)s × %(height)s points; that is too small to see anything."),
    "shape": N_("The picture has %(width)s × %(height)s points; it is too long and narrow. Cut it."),
}
BIG_DRAWING = N_("The file has more than 2 MB. Save the picture smaller.")
BIG_FILE = N_("The file has more than 2 MB. Save the photo smaller.")
NO_ARCHIVE = N_("This is no .zip archive, or it is damaged. Pack the photos again as .zip.")
MANY = N_("The archive has %(n)s entries; 400 is the limit. Split it.")
ODD_ENTRY = N_(
    "The archive holds a link, a hidden or encrypted entry, or one that points outside it: %(name)s. "
    "Pack only the photos."
)
SWOLLEN = N_("An entry of the archive unpacks to far more than a picture does: %(name)s. Pack only the photos.")
UNPACKS = N_("The archive unpacks to more than 60 MB. Split it.")


def read_photo(content: bytes) -> Photo:
    """The picture made anew. Raises NotAPhoto, PhotoTooBig or WrongSize."""
    answer = next(read_photos([content]))
    if isinstance(answer, Refused):
        raise answer
    return answer


def read_illustration(content: bytes) -> Illustration:
    """A question's picture made anew. Raises NotAPhoto, PhotoTooBig or WrongSize."""
    answer = next(read_illustrations([content]))
    if isinstance(answer, Refused):
        raise answer
    return answer


def read_illustrations(contents: Sequence[bytes]) -> Iterator[Illustration | Refused]:
    """Each question's picture made anew or the refusal it met, in order."""
    reader = _Reader()
    try:
        for content in contents:
            if len(content) > MAX_BYTES:
                yield PhotoTooBig(BIG_DRAWING)
            elif content.startswith(FIRST_BYTES) or (content[:4] == b"RIFF" and content[WEBP_AT] == b"WEBP"):
                yield reader.draw(content)
            else:
                yield NotAPhoto(DRAWN_WORDS["kind"])
    finally:
        reader.close()


def read_photos(contents: Sequence[bytes]) -> Iterator[Photo | Refused]:
    """Each picture made anew or the refusal it met, in order; a picture that ends the reader ends nobody else's."""
    reader = _Reader()
    try:
        for content in contents:
            yield _outside_first(content) or reader.read(content)
    finally:
        reader.close()


def _outside_first(content: bytes) -> Refused | None:
    """What size and first bytes say already, before anything looks inside."""
    if len(content) > MAX_BYTES:
        return PhotoTooBig(BIG_FILE)
    return None if content.startswith(FIRST_BYTES) else _refusal({"refused": "kind"})


def _refusal(answer: dict) -> Refused:
    kind, sentence = REFUSED[answer["refused"]]
    values = {name: answer[name] for name in ("width", "height") if name in answer}
    return kind(sentence, **values)


class _Reader:
    """The limited process, started when needed and again when a picture ended it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.folder = TemporaryDirectory()

    def read(self, content: bytes) -> Photo | Refused:
        answer, made = self._make(content, LIMITS)
        return _refusal(answer) if made is None else Photo(made, answer["width"], answer["height"])

    def draw(self, content: bytes) -> Illustration | Refused:
        answer, made = self._make(content, DRAWN)
        if made is None:
            refusal = _refusal(answer)
            return type(refusal)(DRAWN_WORDS.get(answer["refused"], refusal.message), **refusal.values)
        return Illustration(made, answer["width"], answer["height"], answer["media_type"])

    def _make(self, content: bytes, limits: dict[str, int]) -> tuple[dict, bytes | None]:
        """What the process said, and the picture it wrote when it did not refuse."""
        source, target = Path(self.folder.name, "in"), Path(self.folder.name, "out")
        source.write_bytes(content)
        target.unlink(missing_ok=True)
        answer = self._ask({"source": str(source), "target": str(target), "limits": limits})
        return answer, None if "refused" in answer else target.read_bytes()

    def _ask(self, question: dict) -> dict:
        process = self.process or self._start()
        watch = Timer(SECONDS, process.kill)
        watch.start()
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            watch.cancel()
        if line:
            return json.loads(line)
        self.close_process()  # a limit ended it
        return {"refused": "too_much"}

    def _start(self) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.ground.picture_reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},  # none of our secrets
        )
        return self.process

    def close_process(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def close(self) -> None:
        self.close_process()
        self.folder.cleanup()


def open_archive(content: bytes) -> list[Member]:
    """The files of a .zip of photos, read into memory one by one; names are never used as paths.

    Raises UnsafeArchive or PhotoTooBig for the archive as a whole; a file that is too big is named by itself.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except archives.BROKEN as error:
        raise UnsafeArchive(NO_ARCHIVE) from error
    with archive:
        entries = [e for e in archive.infolist() if not _left_by_system(e)]
        check_entries(entries)
        return [_member(archive, entry) for entry in entries if not entry.is_dir()]


def check_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
    """What the archive's table of contents says is judged before a byte is unpacked."""
    if len(entries) > MAX_ENTRIES:
        raise PhotoTooBig(MANY, n=len(entries))
    if odd := archives.odd_part(entries):
        raise UnsafeArchive(ODD_ENTRY, name=_path(odd).name[:60])
    if swollen := archives.swollen_part(entries, MAX_RATIO, RATIO_FROM):
        raise UnsafeArchive(SWOLLEN, name=_path(swollen).name[:60])
    if archives.unpacked_size(entries) > MAX_UNPACKED:
        raise PhotoTooBig(UNPACKS)


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(archives.name_of(entry))


def _left_by_system(entry: zipfile.ZipInfo) -> bool:
    return any(part.lower() in LEFT_BY_SYSTEMS for part in _path(entry).parts)


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Member:
    path = _path(entry)
    content: bytes | Refused
    try:
        with archive.open(entry) as file:
            content = file.read(MAX_BYTES + 1)  # the declared size is only a claim
    except archives.BROKEN:
        content = _refusal({"refused": "damaged"})
    else:
        if len(content) > MAX_BYTES:
            content = PhotoTooBig(BIG_FILE)
    return Member(str(path), path.stem, content)
