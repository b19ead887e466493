"""Letters out: to an SMTP server, or into a folder where they can be read."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

SMTP_SECONDS = 30


class Mailer(Protocol):
    """Takes one letter and hands it on; raises OSError when it can't."""

    def send(self, letter: EmailMessage) -> None: ...


class FolderMailer:
    """Writes each letter as an .eml file, named by its Message-ID so that twice is once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, letter: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = str(letter["Message-ID"]).strip("<>").split("@")[0]
        (self.folder / f"{name}.eml").write_bytes(letter.as_bytes())


class SmtpMailer:
    """Speaks SMTP with `smtp://user:password@host:port`, upgraded to TLS where offered, or `smtps://`."""

    def __init__(self, url: str) -> None:
        self.server = urlsplit(url)

    def send(self, letter: EmailMessage) -> None:
        host, secure = self.server.hostname or "localhost", self.server.scheme == "smtps"
        port = self.server.port or (465 if secure else 587)
        tls = ssl.create_default_context()
        connection = (
            smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=tls)
            if secure
            else smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
        )
        with connection as smtp:
            if not secure and smtp.has_extn("starttls"):
                smtp.starttls(context=tls)
            if self.server.username:
                smtp.login(unquote(self.server.username), unquote(self.server.password or ""))
            smtp.send_message(letter)


def open_mailer(mail_url: str, folder: Path) -> Mailer:
    """The mailer a configuration asks for: SMTP where a URL is given, else the folder."""
    return SmtpMailer(mail_url) if mail_url else FolderMailer(folder)
