"""A network that has a broker refuse a write, which is tried again, and take the one behind it."""

import asyncio
from contextlib import suppress

from tests.support.brokers.proxy import Proxy

PRODUCE = b"\x00\x00"  # Kafka's number of this request
NEXT = 1.0  # seconds in which a client that keeps several writes under way sends the next one


class CorruptingProxy(Proxy):
    """Changes the first write with certain records: their checksum is wrong then. The broker gets
    it together with the next one of them.

    That stands for what a leader does that has just learnt that it is one, or has its replicas
    back, between the two (KAFKA-15591).
    """

    def __init__(self, port: int, target: int, what: bytes) -> None:
        """`what`: bytes of those records, in lower case."""
        self._what = what
        self.spoilt = 0  # writes
        super().__init__(port, target)

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        coming = asyncio.ensure_future(_request(reader))
        with suppress(OSError):
            while request := await coming:
                coming = asyncio.ensure_future(_request(reader))
                if not self.spoilt and self._is_meant(request):
                    self.spoilt += 1
                    request = request.replace(self._what, self._what.upper())
                    while (await asyncio.wait({coming}, timeout=NEXT))[0] and (
                        another := coming.result()
                    ):
                        request += another
                        coming = asyncio.ensure_future(_request(reader))
                        if self._is_meant(another):
                            break
                writer.write(request)
                await writer.drain()
        coming.cancel()
        writer.transport.abort()

    def _is_meant(self, request: bytes) -> bool:
        return request[4:6] == PRODUCE and self._what in request


async def _request(reader: asyncio.StreamReader) -> bytes:
    """The next one, with its length before it; empty at the end of the connection."""
    try:
        length = await reader.readexactly(4)
        return length + await reader.readexactly(int.from_bytes(length))
    except (asyncio.IncompleteReadError, OSError):
        return b""
