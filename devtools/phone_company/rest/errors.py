"""Errors as the carrier words them."""

from aiohttp import web


class RestError(Exception):
    """A refused request."""

    def __init__(self, status: int, code: int, message: str) -> None:
        """Keep the HTTP status, the carrier's code and its sentence."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def response(self) -> web.Response:
        """Return the answer."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return web.json_response(body, status=self.status)


def not_found(what: str) -> RestError:
    """Return the error for a resource that does not exist."""
    return RestError(404, 20404, f"The requested resource {what} was not found")
