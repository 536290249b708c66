"""Quix Streams with a function that waits for each record. Its functions cannot be async."""

from benchmarks.peers import quix_streams
from benchmarks.peers.waiting.waiting import reverse_slowly

if __name__ == "__main__":
    quix_streams.run(lambda value, _headers: reverse_slowly(value))
