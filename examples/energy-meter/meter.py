"""A simulated electricity meter: Modbus-style holding registers over HTTP, as gateways of such meters serve them.

usage: python3 meter.py PORT
GET /registers answers {"40001": Wh counted so far (wraps at 2^32, as 32-bit registers do), "40003": W now}.
"""
import json
import math
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STARTED = time.time()


def watts(at):
    """A kitchen: a base load, and a kettle every half minute."""
    return 300 + 150 * math.sin(at / 7) + (2000 if at % 30 < 8 else 0)


def watt_hours(at):
    """The sum since the start, as if an hour passed each minute, so that there is something to see."""
    steps = int(at * 10)
    return int(123456 + sum(watts(step / 10) for step in range(steps)) / 10 / 60) % 2**32


class Meter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path != "/registers":
            self.send_error(404)
            return
        at = time.time() - STARTED
        body = json.dumps({"40001": watt_hours(at), "40003": round(watts(at), 1)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Meter)
print(json.dumps({"ready": True, "port": server.server_address[1]}), flush=True)
server.serve_forever()
