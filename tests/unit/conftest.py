"""Properties are tried while the servers start on the same two cores, so nothing here judges how fast an example is."""

from hypothesis import HealthCheck, settings

settings.register_profile("beside-the-servers", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside-the-servers")
