"""A stand-in for Google Translate: https on loopback, speaking the protocol that gTTS speaks."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import av
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from skill.audio.pcm import Pcm, silence
from skill.audio.voices import open_voice
from skill.render.audio import RATE_HZ
from tests.web.authority import issue

PATH = "/_/TranslateWebserverUi/data/batchexecute"


@dataclass(frozen=True)
class Answer:
    """What the stand-in does with one request; `body` is made of the text that was asked for."""

    body: Callable[[str], bytes] = lambda text: envelope(google_mp3(text))
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False


SPEECH = Answer()
BUSY = Answer(lambda _: b"<html>unusual traffic</html>", 429)
DOWN = Answer(lambda _: b"", 503)
FORBIDDEN = Answer(lambda _: b"", 403)
NO_AUDIO = Answer(lambda _: b"<html>unusual traffic</html>")
NO_AUDIO_ROW = Answer(lambda _: b')]}\'\n\n[["wrb.fr","jQ1olc",null]]\n')
EMPTY_AUDIO = Answer(lambda _: envelope(b""))
GARBAGE = Answer(lambda _: envelope(b"this is no MP3 at all" * 50))
NOT_BASE64 = Answer(lambda _: envelope(b"x").replace(b'[\\"', b'[\\"\xff\xfe'))
SILENT = Answer(lambda _: envelope(mp3_32k(silence(RATE_HZ))))
HANGS = Answer(hangs=True)


@dataclass
class GoogleServer:
    """What was asked for, and the answers yet to be given; once they are used up, it speaks."""

    port: int
    asked: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    always: Answer = SPEECH
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def tld(self) -> str:
        """What makes gTTS ask here instead."""
        return f"com@127.0.0.1:{self.port}"


@contextmanager
def google_server(folder: Path) -> Iterator[GoogleServer]:
    """The stand-in, serving."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = _secure(folder).wrap_socket(server.socket, server_side=True)
        server.google = google = GoogleServer(server.server_port)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield google
        finally:
            google.closing.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        google: GoogleServer = self.server.google
        text = asked_text(self.rfile.read(int(self.headers["Content-Length"])).decode())
        google.asked.append(text)
        answer = google.answers.pop(0) if google.answers else google.always
        if answer.hangs:
            google.closing.wait(30)
            return
        body = answer.body(text)
        self.send_response_only(answer.status if self.path == PATH else 404)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def asked_text(body: str) -> str:
    """The text in the body of a request, whose every other part must be as gTTS sends it."""
    assert body.startswith("f.req=")
    assert body.endswith("&")
    [[[rpc, parameters, nothing, generic]]] = json.loads(unquote(body[6:-1]))
    assert (rpc, nothing, generic) == ("jQ1olc", None, "generic")
    text, language, slow, null = json.loads(parameters)
    assert (language, slow, null) == ("en", None, "null")
    return str(text)


def envelope(mp3: bytes) -> bytes:
    """An answer as the service wraps it."""
    inner = json.dumps([base64.b64encode(mp3).decode()], separators=(",", ":"))
    rows = [["wrb.fr", "jQ1olc", inner, None, None, None, "generic"], ["di", 57], ["af.httprm", 56, "0", 1]]
    row = json.dumps(rows, separators=(",", ":"))
    return f')]}}\'\n\n{len(row) + 2}\n{row}\n25\n[["e",4,null,null,{len(row)}]]\n'.encode()


@cache
def google_mp3(text: str) -> bytes:
    """`text` as an MP3 like theirs: 24 kHz, mono, 32 kbps."""
    return mp3_32k(open_voice("espeak", "en").pcm(text))


def mp3_32k(pcm: Pcm) -> bytes:
    """`pcm` as an MP3 at 32 kbps."""
    encoder = av.AudioCodecContext.create("libmp3lame", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE_HZ, "mono", "s16p", 32_000
    frame = av.AudioFrame(format="s16p", layout="mono", samples=len(pcm))
    frame.planes[0].update(pcm.tobytes())
    frame.sample_rate, frame.pts = RATE_HZ, 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


def _secure(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody trusts."""
    signer = issue("translate.google.com", None, authority=True)
    file = folder / "google.pem"
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    file.write_bytes(key + signer.certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
