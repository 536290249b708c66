"""The Flask side thread: what a Spring operator and Data Flow see of the processor over HTTP.

Every answer comes from the `TaskStatus` that the tasks publish. No endpoint waits for a broker.
"""

from actuator.server import PortTaken, serve

__all__ = ["PortTaken", "serve"]
