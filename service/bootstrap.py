"""The rooms joined together, once per process: from settings to a desk that can answer."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from carrier.client import Account
from carrier.signature import Seal
from carrier.urls import Addresses
from config.holidays import calendar
from routing.call_service import Desk
from routing.ports import Bell
from service import logging
from service.signed_urls import Links, Sounds
from settings import Settings
from store.db.engine import open_engine
from store.log.call_repository import SqlBook
from store.log.recordings import Archive, Shelf
from store.people.hashing import Argon2Locksmith
from store.people.lines import SqlPeople


def now() -> dt.datetime:
    """The moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Switchboard:
    """What one process needs to take part in the line; ``people`` remembers the lines that it read,
    so one is enough."""

    settings: Settings
    engine: Engine
    people: SqlPeople
    desk: Desk
    addresses: Addresses
    seal: Seal
    sounds: Sounds
    links: Links
    archive: Archive


def connect(settings: Settings, bell: Bell, clock: Callable[[], dt.datetime] = now) -> Switchboard:
    """Join the rooms; neither database nor Redis is touched yet."""
    engine = open_engine(settings.database_url)
    book, people = SqlBook(engine), SqlPeople(engine)
    desk = Desk(
        book=book,
        people=people,
        locksmith=Argon2Locksmith(settings.pin_pepper),
        bell=bell,
        clock=clock,
        seed=lambda: secrets.token_bytes(32),
        calendar=calendar,
        mail=settings.mail_url is not None,
        told=logging.decided,
    )
    sounds = Sounds(settings.secret_key)
    return Switchboard(
        settings=settings,
        engine=engine,
        people=people,
        desk=desk,
        addresses=Addresses(settings.public_url, sounds.sealed),
        seal=seal_of(settings),
        sounds=sounds,
        links=Links(settings.public_url, settings.secret_key),
        archive=Archive(book, Shelf(settings.media_dir)),
    )


def seal_of(settings: Settings) -> Seal:
    """What counts as the carrier's signature. Once a shared key is set no token does: whoever got
    hold of a token must not be able to fall back to it. A previous key alone opens both ways, for
    the change from one to the other."""
    keys = [settings.twilio_shared_key, settings.twilio_shared_key_previous]
    tokens = [settings.twilio_auth_token, settings.twilio_auth_token_previous]
    if settings.twilio_shared_key:
        tokens = []
    return Seal(settings.public_url, [one for one in tokens if one], [one for one in keys if one])


def account_of(settings: Settings) -> Account:
    """Who we are at the carrier."""
    return Account(
        sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token,
        api_key=settings.twilio_api_key,
        api_secret=settings.twilio_api_secret,
        api_url=settings.twilio_api_url,
    )
