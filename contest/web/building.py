"""Builds the application: the house, its languages, its doors and its rooms."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from contest.db import Database
from contest.machines.carrier import open_queue
from contest.machines.storage import open_storage
from contest.settings import HOME, Settings, load_settings
from contest.web import errors, filmmaker, juror, media_links, organizer, parts, public, tongues
from contest.web.guard import put_away
from contest.web.headers import add_headers
from contest.web.house import Clock, House, utc_clock
from contest.web.limits import limiter
from contest.web.who import login_manager

LARGEST_FORM = 2 << 20
"""Bytes of an ordinary form; film parts and subtitles say their own limits."""

LARGEST_NUMBER = (1 << 31) - 1
"""What a row's number can be: PostgreSQL keeps them in four bytes, SQLite in eight."""


class Number(IntegerConverter):
    """A number in an address that a row can have; a larger one is no page's."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_NUMBER)


def build(settings: Settings | None, clock: Clock | None) -> Flask:
    """The application, ready to serve."""
    settings = settings or load_settings()
    app = Flask("contest.web", template_folder=HOME / "templates", static_folder=None)
    app.config.update(_configuration(settings))
    database = Database(settings.database_url)
    open_queue(database, settings, clock)
    app.extensions["house"] = House(
        settings=settings,
        database=database,
        storage=open_storage(settings),
        clock=clock or utc_clock,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # as Flask's manual does
    CSRFProtect(app)
    login_manager.init_app(app)
    limiter.init_app(app)
    tongues.init_app(app)
    parts.init_app(app)
    errors.init_app(app)
    app.after_request(add_headers)
    app.teardown_request(put_away)
    app.url_map.converters["int"] = Number
    for room in (public.bp, filmmaker.bp, juror.bp, organizer.bp, media_links.bp):
        app.register_blueprint(room)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    secure = settings.secure_cookies
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "__Host-palmares" if secure else "palmares",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 14 * 24 * 3600,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "WTF_CSRF_TIME_LIMIT": None,  # a page left open overnight must still save
        "WTF_CSRF_SSL_STRICT": False,  # SameSite and the token do; privacy tools drop Referer
        "RATELIMIT_STORAGE_URI": settings.limit_storage,
        "TEMPLATES_AUTO_RELOAD": False,
    }
