"""The spike's settings, in debug and with a quick password hasher."""

import os

os.environ["DEBUG"] = "1"

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WEBHOOK_URL = "http://receiver.test/"
