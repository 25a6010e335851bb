"""Run the simulator alone until it is told to stop; prints its base URL."""

import argparse
import asyncio
import signal
import sys

from chat.evolink.simulator.server import Simulator


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chat.evolink.simulator")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--scripts", action="store_true", help="obey !script lines (tests)")
    parser.add_argument("--key", default="", help="the only key to accept (default: any)")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    simulator = Simulator(scripts=options.scripts, key=options.key)
    sys.stdout.write(await simulator.start(options.host, options.port) + "\n")
    sys.stdout.flush()
    await stopped.wait()
    await simulator.stop()


asyncio.run(_serve(_options()))
