"""Another host, which keeps what is put there and knows nothing of us."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Host:
    """Files by path; ``closed`` is the status that it answers to every PUT, when set."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.closed: int | None = None
        host = self

        class Door(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                host.puts.append(self.path)
                if host.closed is None:
                    host.files[self.path.partition("?")[0]] = body
                self.answer(host.closed or 201, b"")

            def do_GET(self) -> None:
                found = host.files.get(self.path.partition("?")[0])
                self.answer(404 if found is None else 200, found or b"")

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *said: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
