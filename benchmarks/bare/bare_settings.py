"""The settings of Django's spike without its middleware, for the bare endpoints."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bare_django"
MIDDLEWARE = []
