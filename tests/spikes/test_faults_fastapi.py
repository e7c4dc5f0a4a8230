"""The acceptance suite notices each fault that is put into FastAPI's spike."""

from .workshop import noticing_faults

SPIKE = "fastapi"
test_a_fault_is_noticed = noticing_faults(SPIKE)
