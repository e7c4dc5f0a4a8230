"""Which area of the scorecard a file of a spike belongs to, and whether it counts at all."""

from fnmatch import fnmatch
from pathlib import PurePosixPath

LARGEST = 1_000_000  # bytes; more is data, not code
CODE, TESTS, MIGRATIONS = "code", "tests", "migrations"
OTHER = "other"

LEFT_OUT = (
    ".*",
    "__pycache__",
    "node_modules",
    "staticfiles",
    "results",
    "build",
    "dist",
    "htmlcov",
    "*.egg-info",
    "*.lock",
    "package-lock.json",
    "*.py[co]",
    "*.sqlite3*",
    "*.log",
    "*.eml",
)
KEPT = (".env.example",)

# The rooms of both spikes; the first pattern that fits a name counts.
ROOMS = (
    ("auth.py", "sign_in_and_permissions"),
    ("*people*", "sign_in_and_permissions"),
    ("models.py", "data_model"),
    ("queries.py", "data_model"),
    ("database.py", "data_model"),
    ("workflow.py", "approval_workflow"),
    ("services.py", "approval_workflow"),
    ("export.py", "audit_and_export"),
    ("admin*.py", "staff_screens"),
    ("screens.py", "staff_screens"),
    ("*_screens.py", "staff_screens"),
    ("forms.py", "staff_screens"),
    ("rendering.py", "staff_screens"),
    ("*.html", "staff_screens"),
    ("*.css", "staff_screens"),
    ("*.js", "staff_screens"),
    ("api.py", "follow_ups_and_api"),
    ("serializers.py", "follow_ups_and_api"),
    ("schemas.py", "follow_ups_and_api"),
    ("problems.py", "follow_ups_and_api"),
    ("openapi.py", "follow_ups_and_api"),
    ("rest.py", "follow_ups_and_api"),
    ("dependencies.py", "follow_ups_and_api"),
    ("follow_ups*.py", "follow_ups_and_api"),
    ("mails.py", "follow_ups_and_api"),
    ("tasks.py", "follow_ups_and_api"),
    ("celery.py", "follow_ups_and_api"),
)


def counts(path: str) -> bool:
    """Whether the file, by its path in the spike's folder, is something that people write."""
    parts = PurePosixPath(path).parts
    if parts[-1] in KEPT:
        return True
    return not any(fnmatch(part, pattern) for part in parts for pattern in LEFT_OUT)


def kind_of(path: str) -> str:
    """`code`, `tests` or `migrations`."""
    parts = PurePosixPath(path).parts
    if "migrations" in parts[:-1]:
        return MIGRATIONS
    name = parts[-1]
    if "tests" in parts[:-1] or fnmatch(name, "test_*.py") or name == "conftest.py":
        return TESTS
    return CODE


def area_of(path: str) -> str:
    """The area whose room the file is; `other` for settings, packages and texts."""
    name = PurePosixPath(path).name
    return next((area for pattern, area in ROOMS if fnmatch(name, pattern)), OTHER)
