"""The small world and a house to visit it in, built once for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from contest import create_app
from tests.conftest import Clock
from tests.house.small_world import NOW, World, make_world
from tests.visitor import TestVisitor


@pytest.fixture(scope="module")
def world(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Built once; every test works on copies."""
    return make_world(migrated, tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def house(world: World) -> Iterator[Flask]:
    app = create_app(world.settings, Clock(NOW))
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    app.test_client_class = TestVisitor
    yield app
    app.extensions["house"].database.close()
