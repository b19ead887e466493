"""`contest storage` opens a real bucket to the pages of its house."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from contest.cli import main
from contest.settings import Settings

PAGE = "https://films.example"


def asked_by(origin: str, bucket: Settings) -> int:
    """What the bucket answers a browser that asks whether a page may send there."""
    place = urlsplit(bucket.s3_endpoint)
    line = HTTPConnection(place.netloc, timeout=30)
    try:
        told = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        line.request("OPTIONS", f"/{bucket.s3_bucket}/film", headers=told)
        return line.getresponse().status
    finally:
        line.close()


def test_the_command_opens_the_bucket_to_the_houses_pages_alone(
    bucket: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PALMARES_S3_BUCKET", bucket.s3_bucket)
    monkeypatch.setenv("PALMARES_S3_ENDPOINT", bucket.s3_endpoint)
    monkeypatch.setenv("PALMARES_PUBLIC_URL", f"{PAGE}/somewhere")
    monkeypatch.setenv("PALMARES_SECRET_KEY", "only for tests")
    assert [main(["storage"]) for _ in range(2)] == [0, 0]
    said = f"Films are kept in the bucket films. Pages of {PAGE} send them there.\n"
    assert capsys.readouterr().out == said * 2
    assert [asked_by(each, bucket) for each in (PAGE, "https://evil.example")] == [200, 403]


def test_a_bucket_that_is_not_there_is_named(
    bucket: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PALMARES_S3_BUCKET", "nowhere")
    monkeypatch.setenv("PALMARES_S3_ENDPOINT", bucket.s3_endpoint)
    monkeypatch.setenv("PALMARES_SECRET_KEY", "only for tests")
    assert main(["storage"]) == 1
    assert capsys.readouterr().err.startswith("The bucket nowhere can't be prepared: ")


def test_on_the_disk_there_is_nothing_to_prepare(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PALMARES_STORAGE_ROOT", "/films")
    monkeypatch.setenv("PALMARES_SECRET_KEY", "only for tests")
    assert main(["storage"]) == 0
    assert capsys.readouterr().out == ("Films are kept in /films. There is nothing to prepare.\n")
