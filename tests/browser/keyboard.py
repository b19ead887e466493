"""Somebody with a keyboard and no mouse: whatever they reach, they see, and on a phone they hit it.

Nothing here clicks or focuses by script. Each stop on the way is looked at, wanted or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.conftest import DESK, PHONE

_EVERYWHERE = {"locale": "en-GB", "reduced_motion": "reduce"}
SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": DESK, **_EVERYWHERE},
    "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True, **_EVERYWHERE},
}
"""A desk's screen, and a phone's with a keyboard beside it: what a browser's context is told."""

FAR = 90
"""Stops a journey may take before somebody would give up."""

_LOOKING = Path(__file__).with_name("looking.js").read_text()
LOOK = f"wanted => {{ {_LOOKING} return look(wanted); }}"
SMALL = f"() => {{ {_LOOKING} return small(); }}"
"""Names the controls of a page that a finger would miss."""
HAS_FOCUS = "found => found.includes(document.activeElement)"


@dataclass(frozen=True)
class Stop:
    """Where focus rests: its name, and whether it was looked for."""

    name: str
    found: bool


@dataclass(frozen=True)
class Keyboard:
    """The keys of one page."""

    page: Page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def has(self, target: Locator) -> bool:
        """Whether (one of) these has focus."""
        return bool(target.evaluate_all(HAS_FOCUS))

    def look(self) -> str:
        """What has focus, by name; fails where one would not see it."""
        return self._stop(self.page.locator("html")).name

    def _stop(self, wanted: Locator) -> Stop:
        told = wanted.evaluate_all(LOOK)
        faults = [f"{told['name']} {fault}" for fault in told["faults"]]
        assert not faults, f"{self.page.url}: {faults}"
        return Stop(told["name"], told["found"])

    def reach(self, target: Locator, *, back: bool = False, within: int = FAR) -> None:
        """Tab, or Shift+Tab, until the target has focus; where it has, stay."""
        met: list[str] = []
        found = self.has(target)
        while not found:
            assert len(met) < within, f"{target} was not met at {self.page.url}, but {met}"
            self.press("Shift+Tab" if back else "Tab")
            stop = self._stop(target)
            met.append(stop.name)
            found = stop.found

    def button(self, name: str, **way: Any) -> None:
        """Reach a button that does something on this page, and press it."""
        self.reach(self.page.get_by_role("button", name=name), **way)
        self.press("Enter")

    def send(self, name: str, **way: Any) -> None:
        """Reach the button of a form, press it, and wait for the answer."""
        self.reach(self.page.get_by_role("button", name=name), **way)
        self._go()

    def link(self, name: str, **way: Any) -> None:
        """Reach the link and follow it."""
        self.reach(self.page.get_by_role("link", name=name), **way)
        self._go()

    def _go(self) -> None:
        with self.page.expect_navigation():
            self.press("Enter")

    def fill(self, label: str, words: str, **way: Any) -> None:
        """Reach the field and write into it, in place of what stands there."""
        self.reach(self.page.get_by_label(label), **way)
        self.press("ControlOrMeta+a")
        self.type(words)

    def choose(self, label: str, words: str, **way: Any) -> None:
        """Reach the list of choices and type the beginning of one."""
        field = self.page.get_by_label(label)
        self.reach(field, **way)
        self.type(words)
        chosen = field.first.evaluate("list => list.selectedOptions[0].text")
        assert chosen.startswith(words), f"{label} reads {chosen}"
