#!/usr/bin/env python3
"""Two network devices with a bad cable between them: each packet is late by a little more or less, some are lost,
and only so much passes in a second. What `tc netem` does, for kernels that have none.

    bad_cable.py DEVICE DEVICE    makes both, says "ready", and takes lines on its standard input:
    {"delay_ms": 80, "jitter_ms": 30, "loss": 0.01, "kbps": 200}    of each direction; "kbps": 0 is as fast as it can
"""
import collections
import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000
# A router holds about this much for a line that is slower than its senders.
QUEUE_BYTES = 150_000


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


class Direction:
    def __init__(self, out):
        self.out = out
        self.waiting = collections.deque()
        self.waiting_bytes = 0
        self.free_at = 0.0

    def take(self, packet):
        if self.waiting_bytes + len(packet) > QUEUE_BYTES:
            return
        self.waiting.append(packet)
        self.waiting_bytes += len(packet)


def main():
    first, second = (open_device(name) for name in sys.argv[1:3])
    ways = {first: Direction(second), second: Direction(first)}
    manners = {"delay_ms": 0, "jitter_ms": 0, "loss": 0, "kbps": 0}
    late = []  # (when, number, device, packet)
    number = 0
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        due = [late[0][0]] if late else []
        due += [way.free_at for way in ways.values() if way.waiting]
        timeout = max(0.0, min(due) - now) if due else None
        readable, _, _ = select.select([first, second, sys.stdin], [], [], timeout)
        for source in readable:
            if source is sys.stdin:
                said = os.read(0, 65_536)
                if not said:
                    return
                for line in said.splitlines():
                    manners.update(json.loads(line))
                continue
            try:
                packet = os.read(source, 65_536)
            except BlockingIOError:
                continue
            ways[source].take(packet)
        now = time.monotonic()
        for way in ways.values():
            while way.waiting and way.free_at <= now:
                packet = way.waiting.popleft()
                way.waiting_bytes -= len(packet)
                if manners["kbps"]:
                    way.free_at = max(way.free_at, now - 0.01) + len(packet) * 8 / (manners["kbps"] * 1000)
                if random.random() < manners["loss"]:
                    continue
                jitter = random.uniform(-1, 1) * manners["jitter_ms"]
                number += 1
                at = now + max(0.0, manners["delay_ms"] + jitter) / 1000
                heapq.heappush(late, (at, number, way.out, packet))
        while late and late[0][0] <= now:
            _, _, out, packet = heapq.heappop(late)
            try:
                os.write(out, packet)
            except OSError:
                pass  # the device is down, or moves to its namespace


main()
