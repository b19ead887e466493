"""What a page's scripts may speak to: us, and the bucket where films go to one."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from contest.machines.storage import open_storage
from contest.settings import Settings
from tests.visitor import TestVisitor


def may_speak_to(visitor: TestVisitor) -> list[str]:
    policy = visitor.get("/").headers["Content-Security-Policy"]
    (rule,) = [each for each in policy.split("; ") if each.startswith("connect-src ")]
    return rule.split(" ")[1:]


def test_films_on_the_disk_come_to_us_alone(visitor: TestVisitor) -> None:
    assert may_speak_to(visitor) == ["'self'"]


def test_a_bucket_is_named_by_its_origin(
    visitor: TestVisitor, app: Flask, bucket: Settings
) -> None:
    house = app.extensions["house"]
    app.extensions["house"] = replace(house, storage=open_storage(bucket))
    assert may_speak_to(visitor) == ["'self'", bucket.s3_endpoint]
