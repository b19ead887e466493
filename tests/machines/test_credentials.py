"""Content Credentials are found and kept byte for byte, however the file around them is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from contest.machines.credentials import (
    C2PA,
    STORE_BYTES_AT_MOST,
    NoCredentials,
    credentials_bytes,
    keep_credentials,
)
from contest.machines.file_shape import opened
from contest.machines.probe import read_header
from tests.machines.films import CORPUS, film

FTYP = b"\0\0\0\x10ftypisom\0\0\0\0"


def box(kind: bytes, content: bytes, length: int | None = None) -> bytes:
    """A box of MP4, which may lie about its length."""
    told = 8 + len(content) if length is None else length
    return told.to_bytes(4, "big") + kind + content


def long_box(kind: bytes, content: bytes, length: int | None = None) -> bytes:
    """The same with its length in 64 bits."""
    told = 16 + len(content) if length is None else length
    return b"\0\0\0\x01" + kind + told.to_bytes(8, "big") + content


def held(store: bytes, purpose: bytes = b"manifest\0", whose: bytes = C2PA) -> bytes:
    """What a `uuid` box with a store in it holds."""
    return whose + bytes(4) + purpose + bytes(8) + store


STORE = box(b"jumb", b"a claim, and who signed it")
OTHER = box(b"jumb", b"another claim")
LONG = long_box(b"jumb", b"a claim in a long box")
ENDLESS = box(b"jumb", b"to the end", 0)


@pytest.mark.parametrize(
    ("content", "store"),
    [
        (FTYP + box(b"uuid", held(STORE)), STORE),
        (FTYP + long_box(b"uuid", held(STORE)) + box(b"mdat", b"picture"), STORE),
        (FTYP + box(b"mdat", b"picture") + box(b"uuid", held(STORE), 0), STORE),
        (FTYP + box(b"uuid", held(LONG)), LONG),
        (FTYP + box(b"uuid", held(ENDLESS)), ENDLESS),
        (FTYP + box(b"uuid", held(STORE + b"padding")), STORE),
        (FTYP + box(b"uuid", held(STORE, b"merkle\0")) + box(b"uuid", held(OTHER)), OTHER),
        (FTYP + box(b"uuid", bytes(40)) + box(b"uuid", held(STORE)), STORE),
        (FTYP + box(b"uuid", held(STORE)) + box(b"uuid", held(OTHER)), STORE),
    ],
)
def test_the_first_manifest_store_is_kept_as_it_is(
    tmp_path: Path, content: bytes, store: bytes
) -> None:
    source, target = tmp_path / "film.mp4", tmp_path / "kept"
    source.write_bytes(content)
    keep_credentials(str(source), target)
    assert target.read_bytes() == store
    with opened(str(source)) as opened_film:
        assert credentials_bytes(opened_film) == len(store)


HUGE = STORE_BYTES_AT_MOST + 1


@pytest.mark.parametrize(
    "content",
    [
        FTYP + box(b"mdat", b"picture"),
        FTYP + box(b"uuid", held(STORE, whose=bytes(16))),
        FTYP + box(b"uuid", held(STORE, b"original\0")),
        FTYP + box(b"uuid", held(STORE, b"manifests")),
        FTYP + box(b"uuid", held(b"")),
        FTYP + box(b"uuid", C2PA),
        FTYP + box(b"uuid", held(box(b"jumd", b"no superbox"))),
        FTYP + box(b"uuid", held(box(b"jumb", b"", 7))),
        FTYP + box(b"uuid", held(box(b"jumb", b"short", 1 << 20))),
        FTYP + box(b"uuid", held(long_box(b"jumb", b"", (1 << 64) - 1))),
        FTYP + box(b"uuid", held(STORE))[:-1],
        FTYP + box(b"uuid", held(STORE), (1 << 32) - 1),
        FTYP + box(b"uuid", held(box(b"jumb", bytes(HUGE - 8)))),
        FTYP + box(b"moov", box(b"uuid", held(STORE))),
        b"\x1a\x45\xdf\xa3" + box(b"uuid", held(STORE)),
        box(b"uuid", held(STORE)),
        FTYP + box(b"free", b"") * 10_000 + box(b"uuid", held(STORE)),
        b"short",
    ],
    ids=lambda content: f"{len(content)}-{content[8:80].hex()[-16:]}",
)
def test_what_is_no_whole_store_of_bearable_length_is_none(tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "film.mp4", tmp_path / "kept"
    source.write_bytes(content)
    with opened(str(source)) as opened_film:
        assert credentials_bytes(opened_film) is None
    with pytest.raises(NoCredentials, match="holds no Content Credentials"):
        keep_credentials(str(source), target)
    assert not target.exists()


def test_a_store_of_the_greatest_length_is_kept(tmp_path: Path) -> None:
    source, target = tmp_path / "film.mp4", tmp_path / "kept"
    store = box(b"jumb", bytes(STORE_BYTES_AT_MOST - 8))
    source.write_bytes(FTYP + box(b"uuid", held(store)))
    keep_credentials(str(source), target)
    assert target.read_bytes() == store


def test_nothing_is_kept_of_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(NoCredentials):
        keep_credentials(str(tmp_path / "none.mp4"), tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


def test_the_header_of_a_film_says_how_long_its_credentials_are(tmp_path: Path) -> None:
    plain = film(tmp_path / "plain.mp4", 1)
    signed = tmp_path / "signed.mp4"
    signed.write_bytes(plain.read_bytes() + box(b"uuid", held(STORE)))
    told = [read_header(str(each)) for each in (plain, signed)]
    assert [each.problem for each in told] == [None, None]
    assert [each.credentials_bytes for each in told] == [None, len(STORE)]


@pytest.mark.parametrize("name", ["c2pa_ai_untrusted_issuer", "c2pa_tampered"])
def test_credentials_of_real_tools_are_kept(tmp_path: Path, name: str) -> None:
    source, target = CORPUS / "credentials" / f"{name}.mp4", tmp_path / "kept"
    if not source.exists():
        pytest.skip("The corpus of films is not here.")
    keep_credentials(str(source), target)
    store = target.read_bytes()
    assert store in source.read_bytes()
    assert (store[4:8], store[12:20]) == (b"jumb", b"jumdc2pa")
    assert (len(store), read_header(str(source)).credentials_bytes) == (3289, 3289)
