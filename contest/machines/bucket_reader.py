"""Reads an object in a bucket as if it were a file, anywhere in it."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

from contest.machines.storage import CHUNK


class BucketReader(io.RawIOBase):
    """An object in a bucket as a file: one request for each place reading begins at."""

    def __init__(self, client: Any, bucket: str, key: str, size_bytes: int) -> None:
        self._client, self._bucket, self._key = client, bucket, key
        self._size, self._at = size_bytes, 0
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset != self._at:
            self._hang_up()
            self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if self._body is None:
            asked = f"bytes={self._at}-{self._size - 1}"
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=asked)
            self._body = answer["Body"]
        chunk = self._body.read(min(len(buffer), CHUNK))
        buffer[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def _hang_up(self) -> None:
        body, self._body = self._body, None
        if body is not None:
            with suppress(OSError):
                body.close()
