"""`contest storage`: prepares the place where films are kept, and says where that is."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from contest.settings import load_settings


def add_parser(_parser: ArgumentParser) -> None:
    """`contest storage` takes no arguments."""


def run(_arguments: Namespace) -> int:
    """Let this house's pages send parts to its bucket; done twice, it does no harm."""
    settings = load_settings()
    if not settings.s3_bucket:
        print(f"Films are kept in {settings.storage_path}. There is nothing to prepare.")
        return 0
    from contest.machines.storage_s3 import S3  # boto3 takes its time to load

    place = urlsplit(settings.public_url)
    origin = f"{place.scheme}://{place.netloc}"
    try:
        S3(settings.s3_bucket, settings.s3_endpoint, settings.s3_region).open_to(origin)
    except (BotoCoreError, ClientError) as problem:
        print(f"The bucket {settings.s3_bucket} can't be prepared: {problem}", file=sys.stderr)
        return 1
    print(f"Films are kept in the bucket {settings.s3_bucket}. Pages of {origin} send them there.")
    return 0
