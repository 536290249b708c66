"""A container registry of one image, read-only, over HTTPS: as much of the registry API as Data
Flow uses to read an image's labels.
"""

import hashlib
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.brokers.certificates import party

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class Registry:
    """Any name and tag below `host` is the image that lies in `folder` in podman's `dir:` form:
    manifest.json and blobs by their digest.
    """

    def __init__(self, host: str, folder: Path) -> None:
        self.host, self._folder = host, folder

    def push(self, image: str) -> None:
        """Take a local image."""
        subprocess.run(
            ["podman", "push", image, f"dir:{self._folder}"],
            capture_output=True,
            timeout=300,
            check=True,
        )

    def make(self, labels: dict[str, str]) -> None:
        """Take an image that has nothing but labels."""
        blob = json.dumps(
            {"architecture": "amd64", "os": "linux", "config": {"Labels": labels}}
        ).encode()
        digest = hashlib.sha256(blob).hexdigest()
        config = {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": len(blob),
            "digest": f"sha256:{digest}",
        }
        self._folder.mkdir(exist_ok=True)
        (self._folder / digest).write_bytes(blob)
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
        (self._folder / "manifest.json").write_text(json.dumps(manifest))


@contextmanager
def serving(folder: Path) -> Iterator[Registry]:
    """Serve `folder`/image, which may be filled later."""
    image = folder / "image"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, name = self.path.split("/")[-2:]
            content = image / (
                "manifest.json" if kind == "manifests" else name.removeprefix("sha256:")
            )
            if not content.is_file() or (
                kind == "manifests" and MANIFEST not in self.headers.get("Accept", "")
            ):
                self.send_error(404)
                return
            body = content.read_bytes()
            self.send_response(200)
            self.send_header(
                "Content-Type",
                json.loads(body)["mediaType"]
                if kind == "manifests"
                else "application/octet-stream",
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    me = party("registry")
    (folder / "key.pem").write_bytes(me.key_pem() + me.pem)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "key.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, name="registry", daemon=True).start()
        yield Registry(f"127.0.0.1:{server.server_port}", image)
        server.shutdown()
