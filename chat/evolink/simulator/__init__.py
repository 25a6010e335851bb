"""A real HTTP server that plays Evolink: the demo model, and the upstream that tests arrange.

Needs nothing of Django: `python -m chat.evolink.simulator --port 9000`.
"""

from chat.evolink.simulator.calls import Call
from chat.evolink.simulator.replies import Act, Reply
from chat.evolink.simulator.server import Simulator

__all__ = ["Act", "Call", "Reply", "Simulator"]
