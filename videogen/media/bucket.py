"""The storage of frames and clips in an S3 bucket. Needs the extra "studio"; loaded only where S3_BUCKET is set."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from urllib.parse import urlsplit

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from storages.backends.s3 import S3Storage

from videogen.errors import StorageAwayError
from videogen.media import storage

SIGNED_SECONDS = 60  # how long a signed address opens its file
IN_MEMORY = 2**20  # bytes of an opened file that are kept in memory; a larger one goes to a temporary file


class Bucket(S3Storage):  # type: ignore[misc]  # the library has no types
    """The private bucket S3_BUCKET. boto3 finds region and credentials where it always does: AWS_DEFAULT_REGION, ..."""

    def get_default_settings(self) -> dict[str, Any]:
        """Change those defaults of the library that take much memory or time, or that suit Amazon's servers only."""
        ours = {
            "bucket_name": settings.S3_BUCKET,
            "endpoint_url": settings.S3_ENDPOINT_URL or None,
            "file_overwrite": False,
            "querystring_expire": SIGNED_SECONDS,
            # One part at a time, 8 MB: the library's ten threads would hold ten of them.
            "transfer_config": TransferConfig(use_threads=False),
            "client_config": Config(
                signature_version="s3v4",
                # By default boto3 signs for Amazon's global host, which may send browsers on to the host of the region,
                # where the signature does not match. Other servers rarely have a host name for each bucket.
                s3={"addressing_style": "path" if settings.S3_ENDPOINT_URL else "virtual"},
                connect_timeout=3,
                read_timeout=30,
                retries={"mode": "standard", "total_max_attempts": 3},
                max_pool_connections=settings.WEB_THREADS,
                # Checksums beyond the protocol's own are not known to every server that speaks it.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }
        return cast("dict[str, Any]", super().get_default_settings()) | ours

    @cached_property
    def connection(self) -> Any:
        """One connection for all threads: boto3's clients can be shared, and each takes 17 MB and 0.2 s."""
        return super().connection

    @cached_property
    def origin(self) -> str:
        """Scheme and host of signed addresses, for the Content-Security-Policy. Asks the bucket nothing."""
        parts = urlsplit(self.url("any"))
        return f"{parts.scheme}://{parts.netloc}"

    def signed_url(self, name: str, *, method: str, content_type: str, disposition: str = "") -> str:
        """Sign an address that gives the file with these headers to whoever has it, for SIGNED_SECONDS.

        method: GET or HEAD; the address is good for no other. Asks the bucket nothing.
        """
        headers = {"ResponseContentType": content_type, "ResponseCacheControl": "private, no-cache"}
        if disposition:
            headers["ResponseContentDisposition"] = disposition
        return cast("str", self.url(name, parameters=headers, http_method=method))

    def open_part(self, name: str, first: int, length: int) -> IO[bytes]:
        """Have the bucket send `length` bytes from byte `first` on; to be closed.

        Raises FileNotFoundError or StorageAwayError.
        """
        return self._get(name, Range=f"bytes={first}-{first + length - 1}")

    def _get(self, name: str, **options: str) -> IO[bytes]:
        with _as_os_error(name):
            response = self.bucket.Object(self._normalize_name(name)).get(**options)
        return cast("IO[bytes]", response["Body"])

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Copy the file to this machine, by one request where the library takes three.

        Raises FileNotFoundError or StorageAwayError.
        """
        if mode != "rb":
            raise ValueError(f"A file in a bucket is opened with mode rb; got {mode!r}.")
        with closing(self._get(name)) as body:
            copy = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(storage.parts_folder()))  # noqa: SIM115
            try:
                with _as_os_error(name):
                    shutil.copyfileobj(body, copy)
            except BaseException:
                copy.close()
                raise
        copy.seek(0)
        return File(copy, name)

    def move(self, name: str, place: str) -> None:
        """Give a file another name, within the bucket. Raises FileNotFoundError."""
        source = {"Bucket": self.bucket_name, "Key": self._normalize_name(name)}
        with _as_os_error(name):
            self.bucket.Object(self._normalize_name(place)).copy(source, Config=self.transfer_config)
        self.delete(name)

    def get_modified_time(self, name: str) -> datetime:
        """Tell when the file was stored. Raises FileNotFoundError, where the library raises an error of boto3."""
        with _as_os_error(name):
            return cast("datetime", super().get_modified_time(name))

    def exists(self, name: str) -> bool:
        """Whether the bucket has the file. Raises StorageAwayError."""
        with _as_os_error(name):
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        """Remove the file, if it is there. Raises StorageAwayError."""
        with _as_os_error(name):
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """List folders and files. Raises StorageAwayError."""
        with _as_os_error(name):
            return cast("tuple[list[str], list[str]]", super().listdir(name))

    def _save(self, name: str, content: "File[bytes]") -> str:
        with _as_os_error(name):
            return str(super()._save(name, content))


@contextmanager
def _as_os_error(name: str) -> Iterator[None]:
    """Raise FileNotFoundError where the bucket says that it has no such file, StorageAwayError where it says nothing.

    A bucket that refuses (403) may have got new credentials, which an operator can mend as well as an outage.
    """
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == 404:
            raise FileNotFoundError(f"The bucket has no file {name}.") from error
        raise StorageAwayError(f"The bucket answers {status}.") from error
    except (BotoCoreError, S3UploadFailedError) as error:
        raise StorageAwayError("The bucket does not answer.") from error
