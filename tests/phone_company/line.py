"""A little line: a real HTTP server that answers the company with prepared pages."""

import threading
from collections.abc import Callable

from twilio.request_validator import RequestValidator
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

Page = str | Callable[[Request], "Response | str"]


class Line:
    """Serves pages, keeps every request, and checks every signature."""

    def __init__(self, token: str) -> None:
        self._validator = RequestValidator(token)
        self.pages: dict[str, Page] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []
        self.unsigned: list[str] = []
        self._server = make_server(
            "127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet
        )
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def asked(self, path: str) -> list[dict[str, str]]:
        return [form for asked, form in self.requests if asked == path]

    def says(self, path: str, *verbs: str) -> None:
        self.pages[path] = f"<Response>{''.join(verbs)}</Response>"

    def _serve(self, environ, start_response):
        request = Request(environ)
        form = request.form if request.method == "POST" else request.args
        signature = request.headers.get("X-Twilio-Signature", "")
        raw = self.url + request.environ["REQUEST_URI"]
        if not self._validator.validate(raw, request.form, signature):
            self.unsigned.append(raw)
        self.requests.append((request.path, form.to_dict()))
        self.headers.append(dict(request.headers))
        page = self.pages.get(request.path, "<Response/>")
        answer = page if isinstance(page, str) else page(request)
        if isinstance(answer, str):
            answer = Response(answer, mimetype="text/xml")
        return answer(environ, start_response)


class _Quiet(WSGIRequestHandler):
    def log(self, type, message, *args):  # noqa: A002
        pass
