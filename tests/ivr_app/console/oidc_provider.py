"""A small OpenID Connect provider over real HTTP: signs what it is told to, rightly or wrongly."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "the console", "a secret between the two"
KEY = RSAKey.generate_key(2048, {"kid": "one"})


class Provider:
    """Knows one person; ``claims`` and ``key`` may be changed to tell lies."""

    def __init__(self, url: str) -> None:
        self.url = self.issuer = url
        self.claims = {"sub": "4711", "preferred_username": "Ruud", "roles": ["staff", "manager"]}
        self.key = KEY
        self.userinfo: dict[str, object] | None = None
        """What it says beside the ID token, where it has an address for that."""
        self.signs_out = False
        self.tokens: set[str] = set()
        self.codes: dict[str, dict[str, str]] = {}

    def token(self, nonce: str) -> str:
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce}
        return jwt.encode({"alg": "RS256", "kid": "one"}, told | self.claims, self.key)


@contextmanager
def provider_running() -> Iterator[Provider]:
    app = Flask(__name__)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    known = Provider(f"http://127.0.0.1:{server.server_port}")

    @app.get("/.well-known/openid-configuration")
    def described():
        more = {}
        if known.userinfo is not None:
            more["userinfo_endpoint"] = f"{known.url}/userinfo"
        if known.signs_out:
            more["end_session_endpoint"] = f"{known.url}/end?from=here"
        return jsonify(
            **more,
            issuer=known.issuer,
            authorization_endpoint=f"{known.url}/authorize",
            token_endpoint=f"{known.url}/token",
            jwks_uri=f"{known.url}/keys",
            id_token_signing_alg_values_supported=["RS256"],
        )

    @app.get("/authorize")
    def authorize():
        """Whoever comes is Ruud, and goes back at once."""
        code = secrets.token_urlsafe()
        known.codes[code] = request.args.to_dict()
        back = urlencode({"code": code, "state": request.args["state"]})
        return redirect(f"{request.args['redirect_uri']}?{back}")

    @app.post("/token")
    def token():
        asked = known.codes.pop(request.form["code"])
        proof = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(proof).decode().rstrip("=")
        client = (request.authorization.username, request.authorization.password)
        if challenge != asked["code_challenge"] or client != (CLIENT, SECRET):
            return jsonify(error="invalid_grant"), 400
        said = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer"}
        known.tokens.add(f"Bearer {said['access_token']}")
        return jsonify(said | {"id_token": known.token(asked["nonce"])})

    @app.get("/userinfo")
    def userinfo():
        if request.headers["Authorization"] not in known.tokens:
            return jsonify(error="invalid_token"), 401
        return jsonify(known.userinfo)

    @app.get("/keys")
    def keys():
        return jsonify(keys=[KEY.as_dict(private=False)])

    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    known.stop = cache(lambda: (server.shutdown(), serving.join(), server.server_close()))
    try:
        yield known
    finally:
        known.stop()
