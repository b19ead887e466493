"""A browser for tests that looks at every page it gets as a careful reader would."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from contest.people.models import Person

RAW_TOKEN = "a" * 40
LABELLED = {"input", "select", "textarea"}
NEEDS_NO_LABEL = {"hidden", "submit", "button"}


class TestVisitor(FlaskClient):
    """Asks over https, sends the token a page would, and refuses pages that break house rules."""

    __test__ = False  # pytest: a tool, not a test

    def is_person(self, person: Person) -> None:
        """Be signed in as that person."""
        with self.session_transaction(base_url="https://localhost") as kept:
            kept["_user_id"] = f"{person.id}:{person.session_key}"
            kept["_fresh"] = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", "https://localhost")
        if kwargs.get("method", "GET") not in ("GET", "HEAD"):
            with self.session_transaction(base_url="https://localhost") as kept:
                kept["csrf_token"] = RAW_TOKEN
            kwargs["headers"] = {"X-CSRFToken": self._token(), **dict(kwargs.get("headers") or {})}
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not response.is_streamed:
            check_page(response.get_data(as_text=True))
        return response

    def fetch(self, address: str, **kwargs: Any) -> TestResponse:
        """Ask as one of our own scripts does."""
        kwargs["headers"] = {"Accept": "application/json", **dict(kwargs.get("headers") or {})}
        return self.open(address, **kwargs)

    def _token(self) -> str:
        secret = self.application.config["SECRET_KEY"]
        token = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(RAW_TOKEN)
        return str(token)


def untokened(page: str) -> str:
    """The page without its form tokens, which are new each second."""
    return re.sub(r'(value|content)="[\w.-]{40,}"', "", page)


def check_page(text: str) -> None:
    """Raises AssertionError for what no page of the house may be. A fragment has no doctype."""
    if not text.lstrip().lower().startswith("<!doctype"):
        return
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    elements = list(page.iter())
    assert (page.findtext("head/title") or "").strip(), "a page has a title"
    headings = [each for each in elements if each.tag == "h1"]
    assert len(headings) == 1, f"a page has one h1, not {len(headings)}"
    _no_inline_code(elements)
    _ids_are_unique(elements)
    _fields_have_labels(page, elements)
    _forms_carry_tokens(elements)


def _no_inline_code(elements: list[Element]) -> None:
    for each in elements:
        tag: Any = each.tag
        if not isinstance(tag, str):
            continue  # html5lib keeps a comment as an element whose tag is a function
        assert tag != "style", "no inline style sheets"
        assert tag != "script" or each.get("src"), "no inline scripts"
        for name in each.attrib:
            assert name != "style", f"no style attribute on {tag}"
            assert not str(name).startswith("on"), f"no {name} attribute on {tag}"


def _ids_are_unique(elements: list[Element]) -> None:
    ids = Counter(each.get("id") for each in elements if each.get("id"))
    twice = [name for name, count in ids.items() if count > 1]
    assert not twice, f"ids used twice: {twice}"


def _fields_have_labels(page: Element, elements: list[Element]) -> None:
    named = {each.get("for") for each in elements if each.tag == "label"}
    inside = {id(field) for label in page.iter("label") for field in label.iter()}
    for each in elements:
        if each.tag not in LABELLED or each.get("type") in NEEDS_NO_LABEL:
            continue
        labelled = each.get("id") in named or id(each) in inside
        by_itself = each.get("aria-label") or each.get("aria-labelledby")
        assert labelled or by_itself, f"{each.tag} {each.get('name')} has a label"


def _forms_carry_tokens(elements: list[Element]) -> None:
    for form in (each for each in elements if each.tag == "form"):
        if (form.get("method") or "get").lower() == "post":
            names = [each.get("name") for each in form.iter("input")]
            assert "csrf_token" in names, f"the form to {form.get('action')} carries a token"
