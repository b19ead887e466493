"""Keeps bytes in a bucket of S3, or of whatever speaks its language.

Browsers send parts to the bucket themselves, each by an address that is signed for this part alone.
The server of the bucket checks every part against its SHA-256 and joins them. Credentials come
from where boto3 looks for them: the environment, a profile, or the machine's own role.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from contest.machines.bucket_reader import BucketReader
from contest.machines.storage import (
    FORGOTTEN_AFTER_DAYS,
    Address,
    BytesSource,
    NotKept,
    OutOfReach,
    Part,
    PartsDiffer,
    Transfer,
    chunks,
    new_key,
)

MISSING = {"404", "NoSuchKey", "NotFound"}
DIFFERENT = {"BadDigest", "InvalidPart", "InvalidDigest", "XAmzContentChecksumMismatch"}
SPENT = {"NoSuchUpload"}


class S3:
    """A bucket as a keeper of bytes; see `Storage` for what it does.

    `endpoint` is empty for Amazon's own. The bucket must be there.
    """

    def __init__(self, bucket: str, endpoint: str, region: str) -> None:
        self._bucket = bucket
        own = boto3.Session()  # the one of the process keeps the first credentials it finds
        self._client: Any = own.client(
            "s3",
            endpoint_url=endpoint or None,
            region_name=region,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if endpoint else "auto"},
                retries={"mode": "standard", "max_attempts": 3},
                connect_timeout=2,  # a page must not hang where the bucket can't be reached
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @cached_property
    def browser_origin(self) -> str:
        place = urlsplit(self._signed("head_bucket", {"Bucket": self._bucket}, 60))
        return f"{place.scheme}://{place.netloc}"

    def open_to(self, origin: str) -> None:
        """Let pages of that origin send parts to the bucket, and have it drop idle uploads."""
        rule = {
            "AllowedOrigins": [origin],
            "AllowedMethods": ["PUT"],
            "AllowedHeaders": ["content-type", "x-amz-checksum-sha256"],
            "ExposeHeaders": ["ETag", "x-amz-checksum-sha256"],
            "MaxAgeSeconds": 3600,
        }
        self._client.put_bucket_cors(Bucket=self._bucket, CORSConfiguration={"CORSRules": [rule]})
        sweeping = {
            "ID": "palmares-abandoned-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": FORGOTTEN_AFTER_DAYS},
        }
        self._client.put_bucket_lifecycle_configuration(
            Bucket=self._bucket, LifecycleConfiguration={"Rules": [sweeping]}
        )

    def begin(self, size_bytes: int) -> Transfer:
        key = new_key()
        with _in_reach():
            begun = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=key, ChecksumAlgorithm="SHA256"
            )
        return Transfer(key=key, handle=begun["UploadId"], size_bytes=size_bytes)

    def put_part(self, transfer: Transfer, part: Part, source: BytesSource) -> None:
        with tempfile.TemporaryFile() as copy:  # boto3 must be able to begin again
            if _copy(source, copy, part.size_bytes) != part.sha256:
                raise PartsDiffer([part.number])
            copy.seek(0)
            try:
                self._client.upload_part(
                    **self._named(transfer),
                    PartNumber=part.number,
                    Body=copy,
                    ContentLength=part.size_bytes,
                    ChecksumSHA256=_base64(part.sha256),
                )
            except ClientError as problem:
                if _code(problem) in DIFFERENT:
                    raise PartsDiffer([part.number]) from problem
                if _code(problem) in SPENT:
                    raise NotKept(transfer.key) from problem
                raise

    def address_for(self, transfer: Transfer, part: Part, seconds: int) -> Address | None:
        checksum = _base64(part.sha256)
        bound = {
            **self._named(transfer),
            "PartNumber": part.number,
            "ContentLength": part.size_bytes,
            "ChecksumSHA256": checksum,
        }
        url = self._signed("upload_part", bound, seconds)
        return Address(url, {"x-amz-checksum-sha256": checksum})

    def arrived(self, transfer: Transfer, noted: Collection[int]) -> frozenset[int]:
        return frozenset(self._etags(transfer))

    def finish(self, transfer: Transfer, parts: Sequence[Part]) -> str:
        if not self._holds(transfer.key):
            self._join(transfer, parts)
        whole = hashlib.sha256()
        with self.open(transfer.key) as film:
            for chunk in chunks(film):
                whole.update(chunk)
        return whole.hexdigest()

    def _join(self, transfer: Transfer, parts: Sequence[Part]) -> None:
        there = self._etags(transfer)
        lacking = [part.number for part in parts if part.number not in there]
        if lacking or sum(part.size_bytes for part in parts) != transfer.size_bytes:
            raise PartsDiffer(lacking)
        named = [
            {
                "PartNumber": part.number,
                "ETag": there[part.number],
                "ChecksumSHA256": _base64(part.sha256),
            }
            for part in parts
        ]
        try:
            self._client.complete_multipart_upload(
                **self._named(transfer), MultipartUpload={"Parts": named}, IfNoneMatch="*"
            )
        except ClientError as problem:
            if _code(problem) in DIFFERENT:
                raise PartsDiffer([part.number for part in parts]) from problem
            raise

    def _etags(self, transfer: Transfer) -> dict[int, str]:
        pages = self._client.get_paginator("list_parts").paginate(**self._named(transfer))
        try:
            with _in_reach():
                parts = [each for page in pages for each in page.get("Parts", ())]
                return {each["PartNumber"]: each["ETag"] for each in parts}
        except ClientError as problem:
            if _code(problem) in SPENT:
                raise NotKept(transfer.key) from problem
            raise

    def abandon(self, transfer: Transfer) -> None:
        try:
            with _in_reach():
                self._client.abort_multipart_upload(**self._named(transfer))
        except ClientError as problem:
            if _code(problem) not in SPENT:
                raise
        with _in_reach():
            self._client.delete_object(Bucket=self._bucket, Key=transfer.key)

    def sweep(self, known: Collection[str]) -> None:
        """The bucket does, as `open_to` told it."""

    def keep(self, source: BinaryIO, key: str | None = None) -> str:
        key = key or new_key()
        if not self._holds(key):
            self._client.upload_fileobj(source, self._bucket, key)
        return key

    def size(self, key: str) -> int:
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as problem:
            raise _as_not_kept(problem, key) from problem
        return int(found["ContentLength"])

    def open(self, key: str) -> BinaryIO:
        return cast(BinaryIO, BucketReader(self._client, self._bucket, key, self.size(key)))

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder, self.open(key) as film:
            path = Path(folder) / "film"
            with path.open("wb") as copy:
                for chunk in chunks(film):
                    copy.write(chunk)
            yield path

    def _signed(self, act: str, bound: dict[str, Any], seconds: int) -> str:
        return str(self._client.generate_presigned_url(act, Params=bound, ExpiresIn=seconds))

    def _holds(self, key: str) -> bool:
        try:
            self.size(key)
        except NotKept:
            return False
        return True

    def _named(self, transfer: Transfer) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": transfer.key, "UploadId": transfer.handle}


@contextmanager
def _in_reach() -> Iterator[None]:
    """Around what a page waits for: OutOfReach where the bucket does not answer."""
    try:
        yield
    except (NoConnection, HTTPClientError) as problem:
        raise OutOfReach("The bucket does not answer.") from problem


def _copy(source: BinaryIO | BytesSource, copy: Any, size_bytes: int) -> str | None:
    """The SHA-256 of what was copied, or None when it is not `size_bytes` long."""
    digest, length = hashlib.sha256(), 0
    for chunk in chunks(source):
        length += len(chunk)
        if length > size_bytes:
            return None
        digest.update(chunk)
        copy.write(chunk)
    return digest.hexdigest() if length == size_bytes else None


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _code(problem: ClientError) -> str:
    return str(problem.response.get("Error", {}).get("Code", ""))


def _as_not_kept(problem: ClientError, key: str) -> Exception:
    return NotKept(key) if _code(problem) in MISSING else problem
