"""What holds for every test: hypothesis judges behaviour, never how fast a loaded machine is."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("CI", parent=settings.get_profile("any machine"), derandomize=True)
settings.load_profile("CI" if os.environ.get("CI") else "any machine")
