"""TLS client contexts: for applications (``--app-protocol https``, api.md §5.1) and for HTTPEndpoint (api.md §3.2).

Certificates and keys come as PEM text from resources and secrets. OpenSSL's Python binding loads a key only from a
file, so a key passes through an anonymous one in memory (memfd) that no path in the file system ever names.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from collections.abc import Iterator
from typing import Any

SHUTDOWN_TIMEOUT = 1.0
"""Seconds for the peer's answer to our close_notify: many never send one, and nobody waits for it (RFC 8446 §6.1)."""


def client_context(
    verify: bool, ca_pem: str | bytes = "", cert_pem: str | bytes = "", key_pem: str | bytes = ""
) -> ssl.SSLContext:
    """A context of TLS 1.2 or newer.

    ``verify`` checks the server's certificate and name against ``ca_pem``, or the system's authorities when that is
    empty. ``cert_pem`` (leaf first) and ``key_pem`` are shown to a server that asks who we are; both or neither.

    Raises:
        ValueError: a certificate without its key or the reverse, or PEM that OpenSSL refuses.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        if ca_pem:
            context.load_verify_locations(cadata=_text(ca_pem))
        elif verify:
            context.load_default_certs()
        if cert_pem or key_pem:
            load_identity(context, cert_pem, key_pem)
    except ssl.SSLError as error:
        raise ValueError(f"the TLS certificate, key or authority cannot be used: {error.reason or error}") from None
    return context


def alert_of(error: BaseException | None) -> str:
    """What the peer's TLS said when it gave up (RFC 8446 §6.2), as ``certificate required``; empty when it did not."""
    if not isinstance(error, ssl.SSLError):
        return ""
    return (getattr(error, "reason", None) or "").partition("_ALERT_")[2].lower().replace("_", " ")


def handshake_failure(error: ssl.SSLError) -> str:
    """Why a handshake failed, in words: OpenSSL's own, with what it found wrong with a certificate."""
    found: Any = getattr(error, "verify_message", "")
    if found:
        return f"the peer's certificate is not accepted: {found}"
    name = (error.reason or str(error)).replace("_", " ").lower()
    if name in ("http request", "wrong version number"):
        return f"the peer does not speak TLS ({name})"
    return name


def load_identity(context: ssl.SSLContext, cert_pem: str | bytes, key_pem: str | bytes) -> None:
    """Give a context its certificate chain and private key, both as PEM.

    Raises:
        ValueError: one of the two is missing.
        ssl.SSLError: OpenSSL refuses them, or they do not belong together.
    """
    if not cert_pem or not key_pem:
        raise ValueError("a TLS client certificate needs its private key, and the key its certificate: give both")
    with _as_file(_text(key_pem) + "\n" + _text(cert_pem)) as path:
        # A password callback that gives nothing keeps OpenSSL from asking on the terminal for an encrypted key.
        context.load_cert_chain(path, password=lambda: "")


def _text(pem: str | bytes) -> str:
    return pem if isinstance(pem, str) else pem.decode("ascii")


@contextlib.contextmanager
def _as_file(text: str) -> Iterator[str]:
    """A path under which OpenSSL can read the text, for as long as the context is open."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("dapr-tls", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, text.encode("ascii"))
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    import tempfile  # a megabyte with all that it imports

    # Elsewhere (macOS): a file only we can read, overwritten before it is removed.
    with tempfile.NamedTemporaryFile(mode="w", suffix=".pem") as file:
        file.write(text)
        file.flush()
        try:
            yield file.name
        finally:
            file.seek(0)
            file.write(" " * len(text))
            file.flush()
