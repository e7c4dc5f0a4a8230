"""The spike's settings, in debug and with a quick password hasher."""

import os

os.environ["DEBUG"] = "1"

from config.settings import *  # noqa: F403

REST_FRAMEWORK = {**REST_FRAMEWORK, "TEST_REQUEST_DEFAULT_FORMAT": "json"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WEBHOOK_URL = "http://receiver.test/"
