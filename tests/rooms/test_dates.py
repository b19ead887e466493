"""Dates and numbers as each language writes them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from contest.web.parts import percent_bp, seconds, size
from tests.factories import make_edition
from tests.visitor import TestVisitor


@pytest.mark.parametrize(
    ("language", "closes", "at_home"),
    [
        ("en", "1 December 2026, 15:59 (UTC)", "1 December 2026, 23:59 (Shanghai)"),
        ("en-US", "1 December 2026, 15:59 (UTC)", "1 December 2026, 23:59 (Shanghai)"),
        ("fr", "1 décembre 2026, 15:59 (UTC)", "1 décembre 2026, 23:59 (Shanghai)"),
        ("zh", "2026年12月1日 15:59 (UTC)", "2026年12月1日 23:59 (Shanghai)"),
    ],
)
def test_dates_are_written_as_the_reader_writes_them(
    visitor: TestVisitor, session: Session, language: str, closes: str, at_home: str
) -> None:
    make_edition(session, "call")
    session.commit()
    page = visitor.get("/editions/call", headers={"Accept-Language": language}).text
    assert closes in page
    assert at_home in page


@pytest.mark.parametrize(
    ("language", "opens"), [("en", ">1 Oct<"), ("fr", ">1 oct.<"), ("zh", ">10月1日<")]
)
def test_drawings_keep_the_same_order(
    visitor: TestVisitor, session: Session, language: str, opens: str
) -> None:
    make_edition(session, "call")
    session.commit()
    page = visitor.get("/editions/call", headers={"Accept-Language": language}).text
    assert opens in page


@pytest.mark.parametrize(
    ("language", "length", "share", "large"),
    [("en", "58.4 s", "69.99 %", "1.5 GiB"), ("fr", "58,4 s", "69,99 %", "1,5 GiB")],
)
def test_numbers_are_written_as_the_reader_writes_them(
    app: Flask, language: str, length: str, share: str, large: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert (seconds(58.4), percent_bp(6999), size(3 << 29)) == (length, share, large)
