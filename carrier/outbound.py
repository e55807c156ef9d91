"""Requests to outside services, each with a deadline and a circuit breaker.

The time limit of a socket bounds one read: a service that sends a byte now and then holds its
client for as long as it likes. Here the whole exchange ends at one moment: the lookup of the name,
connecting, the handshake, each read and write, and redirects.

The deadline belongs to the thread (``exchange``), and every socket made here obeys it. For HTTP use
``request``, or a session with ``BoundAdapter``. For other protocols use ``connect`` and
``build_tls_context``.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

MAX_LATE = 3
"""Exchanges in a row that must miss their deadline to open the breaker."""

REST_SECONDS = 5.0
"""Seconds that a breaker stays open; then one exchange at a time tests the service."""

_SLACK = 0.005
_thread = threading.local()
_log = structlog.get_logger("outbound")


class RestingError(requests.ConnectionError):
    """No request was sent, because the service has not answered in time lately.

    ``seconds`` is how long the breaker stays open. An OSError and an error of ``requests``, so that
    existing handlers catch it.
    """

    def __init__(self, service: str, seconds: float) -> None:
        super().__init__(f"{service} has not answered in time lately")
        self.seconds = seconds


class Deadline:
    """The moment at which an exchange ends."""

    def __init__(self, seconds: float) -> None:
        """``seconds`` from now, by the monotonic clock."""
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then; raises TimeoutError when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline of the exchange has passed")
        return left

    @property
    def over(self) -> bool:
        """True when it has passed."""
        return time.monotonic() >= self._at - _SLACK

    def earlier(self, other: Deadline | None) -> Deadline:
        """The earlier of two."""
        if other is None or self._at <= other._at:
            return self
        return other


@contextmanager
def deadline_within(seconds: float) -> Iterator[Deadline]:
    """A deadline for this thread and the sockets made here. The earliest deadline counts."""
    before = current_deadline()
    _thread.deadline = Deadline(seconds).earlier(before)
    try:
        yield _thread.deadline
    finally:
        _thread.deadline = before


def current_deadline() -> Deadline | None:
    """The deadline of this thread, if it has one."""
    found: Deadline | None = getattr(_thread, "deadline", None)
    return found


class CircuitBreaker:
    """The circuit breaker of one service; any thread may use it.

    Exchanges that end at their deadline open the breaker. An error that comes at once costs no time
    and does not count.
    """

    def __init__(
        self, service: str, rest: float = REST_SECONDS, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Closed; ``rest`` in seconds."""
        self.service, self._rest, self._now = service, rest, now
        self._lock = threading.Lock()
        self._late = 0
        self._until = 0.0

    @property
    def open(self) -> bool:
        """True while the service is considered unavailable."""
        return self._late >= MAX_LATE

    def enter(self) -> None:
        """Begin an exchange. Raises RestingError while the breaker is open."""
        with self._lock:
            if not self.open:
                return
            left = self._until - self._now()
            if left > 0:
                raise RestingError(self.service, left)
            self._until = self._now() + self._rest  # this exchange tests, the others wait for it

    def record_late(self) -> None:
        """An exchange ended at its deadline."""
        with self._lock:
            was_open = self.open
            self._late += 1
            self._until = self._now() + self._rest
        if self.open and not was_open:
            _log.error("service does not answer in time", service=self.service)

    def record_answer(self) -> None:
        """An answer or an error came in time."""
        with self._lock:
            was_open, self._late = self.open, 0
        if was_open:
            _log.warning("service answers again", service=self.service)


class Breakers:
    """The breakers of this process, one for each service."""

    def __init__(self) -> None:
        """All are closed."""
        self._lock = threading.Lock()
        self._known: dict[str, CircuitBreaker] = {}

    def of(self, service: str, rest: float = REST_SECONDS) -> CircuitBreaker:
        """The breaker of this service. ``rest`` counts on the first call."""
        with self._lock:
            known = self._known.get(service)
            if known is None:
                known = self._known[service] = CircuitBreaker(service, rest)
            return known

    def opened(self) -> tuple[str, ...]:
        """The names of the services whose breaker is open."""
        with self._lock:
            return tuple(sorted(name for name, one in self._known.items() if one.open))

    def forget(self) -> None:
        """All are closed again."""
        with self._lock:
            self._known.clear()


BREAKERS = Breakers()


@contextmanager
def exchange(service: str, seconds: float, rest: float = REST_SECONDS) -> Iterator[Deadline]:
    """One exchange with a service, which ends within so many seconds.

    Raises RestingError while the breaker is open, and TimeoutError (or the error that a library
    makes of it) at the deadline.
    """
    breaker = BREAKERS.of(service, rest)
    breaker.enter()
    with deadline_within(seconds) as deadline:
        try:
            yield deadline
        except Exception:
            if deadline.over:
                breaker.record_late()
            else:
                breaker.record_answer()
            raise
        breaker.record_answer()


class _BoundMethods(socket.socket):
    """The methods of a socket that may wait. Each has what is left of the thread's deadline."""

    def _apply_deadline(self) -> None:
        deadline = current_deadline()
        if deadline is not None:
            self.settimeout(deadline.left())

    def recv(self, *args: Any) -> bytes:
        """Receive bytes."""
        self._apply_deadline()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        """Receive bytes into a buffer."""
        self._apply_deadline()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        """Send some of the bytes. The ``sendall`` of a TLS socket is made of it."""
        self._apply_deadline()
        return super().send(*args)


class BoundSocket(_BoundMethods):
    """A socket that obeys the deadline of the thread that uses it."""

    def connect(self, *args: Any) -> None:
        """Connect within the deadline."""
        self._apply_deadline()
        super().connect(*args)

    def sendall(self, *args: Any) -> None:
        """Send all bytes within the deadline."""
        self._apply_deadline()
        super().sendall(*args)


class BoundTlsSocket(_BoundMethods, ssl.SSLSocket):
    """The same, encrypted."""

    def do_handshake(self, *args: Any) -> None:
        """Make the handshake within the deadline."""
        self._apply_deadline()
        super().do_handshake(*args)


def connect(host: str, port: int) -> BoundSocket:
    """Connect to the first address of this name that accepts. Raises OSError.

    Each address has its share of the time, so that a silent one does not keep the next from its
    try.
    """
    found = _resolve(host, port)
    for place, (family, kind, proto, _, address) in enumerate(found):
        sock = BoundSocket(family, kind, proto)
        try:
            with deadline_within(_share_of_deadline(len(found) - place)):
                sock.connect(address)
        except OSError:
            sock.close()
            if place == len(found) - 1:
                raise
        except BaseException:
            sock.close()
            raise
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
    raise OSError("this name has no address")


def build_tls_context(context: ssl.SSLContext | None = None) -> ssl.SSLContext:
    """A context whose sockets obey the deadline. The default verifies certificates with the trust
    store of the machine."""
    bound = context or ssl.create_default_context()
    bound.sslsocket_class = BoundTlsSocket
    return bound


def _share_of_deadline(among: int) -> float:
    deadline = current_deadline()
    if deadline is None:
        return 60.0
    return deadline.left() / among


def _resolve(host: str, port: int) -> list[Any]:
    """The addresses of a name. The system's lookup has no deadline, so a thread waits for it."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    answers: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except Exception as error:  # raised in the thread that waits for the answer
            answers.put(error)

    threading.Thread(target=look_up, name="lookup", daemon=True).start()
    try:
        found = answers.get(timeout=_share_of_deadline(1))
    except Empty:
        raise TimeoutError("the name was not looked up in time") from None
    if isinstance(found, Exception):
        raise found
    return found


def _open_connection(connection: HTTPConnection) -> socket.socket:
    """Connect for urllib3, with the errors that it expects."""
    try:
        return connect(connection._dns_host, connection.port or 80)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, "not connected in time") from error
    except OSError as error:
        raise NewConnectionError(connection, f"not connected: {error}") from error


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _open_connection(self)


class _Encrypted(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _open_connection(self)

    def connect(self) -> None:
        """Connect with sockets that obey the deadline."""
        self.ssl_context = build_tls_context(self.ssl_context or create_urllib3_context())
        super().connect()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


_POOLS = {"http": _PlainPool, "https": _EncryptedPool}


class BoundAdapter(HTTPAdapter):
    """The adapter with which connections of a ``requests`` session obey the deadline."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections here."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make connections through a proxy here, too."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


def bind_session(session: requests.Session) -> requests.Session:
    """Make this session obey the deadline."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, BoundAdapter())
    return session


@contextmanager
def request(
    service: str, seconds: float, method: str, url: str, **options: Any
) -> Iterator[requests.Response]:
    """One request over HTTP. The body of the answer is read inside the context, within the same
    deadline. Raises what ``requests`` raises.
    """
    with (
        exchange(service, seconds),
        bind_session(requests.Session()) as session,
        session.request(method, url, stream=True, timeout=seconds, **options) as answer,
    ):
        yield answer
