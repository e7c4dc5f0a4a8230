"""The acceptance suite notices each fault that is put into Django's spike."""

from .workshop import noticing_faults

SPIKE = "django"
test_a_fault_is_noticed = noticing_faults(SPIKE)
