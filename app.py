"""The WSGI application, for any server that wants one by name."""

from contest import create_app

app = create_app()
