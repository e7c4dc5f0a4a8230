"""twinspike: one workflow, a Django spike and a FastAPI spike, and one suite that judges both."""

__version__ = "0.1.0"
