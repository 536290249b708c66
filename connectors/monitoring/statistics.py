"""librdkafka's statistics as samples, under the names of Kafka's Java clients.

Each client gives a document once a second. It has totals since the start of the client. For values
that vary it has sum, count and maximum since the last document. Rates, averages and maxima are of
the last 30 s, as with the Java clients.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.monitoring.snapshot import NOTHING, Distribution, Key, Snapshot
from runtime.metrics.meter import Sample

WINDOW_S = 30  # seconds, and documents

Document = Mapping[str, Any]


def parse_document(text: str) -> "Document | None":
    """Return the client's statistics, or None if they are no JSON.

    librdkafka does not escape quotation marks of a client id.

    Args:
        text: The statistics.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


class Statistics:
    """The last documents of one client. A value without a measurement has no sample."""

    def __init__(self, read: Callable[[Document], Snapshot]) -> None:
        """Start without documents.

        Args:
            read: Makes a snapshot of a document.
        """
        self._read = read
        self._readings: deque[Snapshot] = deque(maxlen=WINDOW_S + 1)

    def observe(self, document: Document) -> tuple[Sample, ...]:
        """Take one more document. Return the samples.

        Args:
            document: The statistics.
        """
        reading = self._read(document)
        if not self._readings:  # the client began with nothing
            self._readings.append(Snapshot(reading.at - document["age"] / 1e6, {}, {}, {}, {}))
        self._readings.append(reading)
        return tuple(self._samples(self._readings[0], self._readings[-1]))

    def _samples(self, first: Snapshot, last: Snapshot) -> Iterator[Sample]:
        seconds = last.at - first.at
        for (name, tags), value in last.gauges.items():
            yield Sample(name, value, tags)
        for key, value in last.totals.items():
            name, tags = key
            # A smaller value is of a new client.
            grown = max(0.0, value - first.totals.get(key, 0.0))
            yield Sample(f"{name}.total", value, tags)
            yield Sample(f"{name}.rate", grown / seconds, tags)
        for key, (above, below) in last.ratios.items():
            above_first, below_first = first.ratios.get(key, (0.0, 0.0))
            if below > below_first:
                yield Sample(key[0], (above - above_first) / (below - below_first), key[1])
        for key in last.spreads:
            spread = sum((reading.spreads.get(key, NOTHING) for reading in self._readings), NOTHING)
            if spread.times:
                yield Sample(f"{key[0]}.avg", spread.total / spread.times, key[1])
                yield Sample(f"{key[0]}.max", spread.largest, key[1])


def read_consumer_stats(
    document: Document,
    group: str,
    committed: Mapping[tuple[str, int], int] | None = None,
    ends: Mapping[tuple[str, int], int] | None = None,
) -> Snapshot:
    """Return the figures of a consumer's statistics.

    Args:
        document: The statistics.
        group: The group, for the tags.
        committed: Committed offsets by partition. They count instead of the client's own, which
            transactions do not move.
        ends: Ends of partitions that are newer than the ends that the client knows.
    """
    committed, ends = committed or {}, ends or {}
    client = (("client.id", document["client_id"]),)
    fetch, coordinator = "kafka.consumer.fetch.manager", "kafka.consumer.coordinator"
    brokers = _brokers(document)
    reading = _client("consumer", document, client)
    reading.totals[f"{fetch}.fetch", client] = _sum(brokers, "req", "Fetch")
    # only requests for records, as the coordinator has its own connection
    reading.spreads[f"{fetch}.fetch.latency", client] = _spread(brokers, "rtt", 1000)
    reading.spreads[f"{fetch}.fetch.throttle.time", client] = _spread(brokers, "throttle")
    assignment = document.get("cgrp", {})
    reading.gauges[f"{coordinator}.assigned.partitions", client] = assignment.get(
        "assignment_size", 0
    )
    reading.gauges[f"{coordinator}.rebalance.total", client] = assignment.get("rebalance_cnt", 0)
    reading.gauges[f"{coordinator}.last.rebalance.seconds.ago", client] = (
        assignment.get("rebalance_age", 0) / 1000
    )
    for name, topic in document["topics"].items():
        tags = (*client, ("topic", name))
        partitions = [
            each for each in topic["partitions"].values() if each["fetch_state"] != "none"
        ]
        if not partitions:  # known by name only, such as an output topic
            continue
        reading.totals[f"{fetch}.records.consumed", tags] = _sum(partitions, "rxmsgs")
        reading.totals[f"{fetch}.bytes.consumed", tags] = _sum(partitions, "rxbytes")
        active = [
            partition
            for partition in partitions
            if partition["fetch_state"] == "active" and not partition["unknown"]
        ]
        for partition in active:
            read = (
                partition["app_offset"]
                if partition["app_offset"] >= 0
                else partition["committed_offset"]
            )
            # A committed offset may be past control records, which no application gets.
            read = max(read, committed.get((name, partition["partition"]), read))
            lag = _behind(partition, read, ends.get((name, partition["partition"]), -1))
            if lag is not None:
                key: Key = (
                    f"{fetch}.records.lag",
                    (*tags, ("partition", str(partition["partition"]))),
                )
                reading.gauges[key] = lag
                reading.spreads[key] = Distribution(lag, 1, lag)
        uncommitted = [
            _behind(
                partition,
                committed.get((name, partition["partition"]), partition["committed_offset"]),
                ends.get((name, partition["partition"]), -1),
            )
            for partition in active
        ]
        if active:
            key = "spring.cloud.stream.binder.kafka.offset", (("group", group), ("topic", name))
            reading.gauges[key] = sum(filter(None, uncommitted))
    return reading


def read_producer_stats(document: Document, undelivered: int) -> Snapshot:
    """Return the figures of a producer's statistics.

    Args:
        document: The statistics.
        undelivered: The number of failed deliveries, which the statistics lack.
    """
    client = (("client.id", document["client_id"]),)
    name = "kafka.producer"
    brokers, topics = _brokers(document), list(document["topics"].values())
    records = document["txmsgs"]
    reading = _client("producer", document, client)
    reading.totals[f"{name}.record.send", client] = records
    reading.totals[f"{name}.record.error", client] = undelivered
    reading.totals[f"{name}.record.retry", client] = _sum(brokers, "txretries")
    reading.ratios[f"{name}.record.size.avg", client] = document["txmsg_bytes"], records
    reading.ratios[f"{name}.records.per.request.avg", client] = (
        records,
        _sum(brokers, "req", "Produce"),
    )
    reading.spreads[f"{name}.record.queue.time", client] = _spread(brokers, "int_latency", 1000)
    reading.spreads[f"{name}.request.latency", client] = _spread(brokers, "rtt", 1000)
    reading.spreads[f"{name}.produce.throttle.time", client] = _spread(brokers, "throttle")
    reading.spreads[f"{name}.batch.size", client] = _spread(topics, "batchsize")
    reading.gauges[f"{name}.requests.in.flight", client] = _sum(brokers, "waitresp_cnt")
    reading.gauges[f"{name}.buffer.available", client] = (
        document["msg_size_max"] - document["msg_size"]
    )
    reading.gauges[f"{name}.buffer.total", client] = document["msg_size_max"]
    return reading


def _client(side: str, document: Document, client: tuple[tuple[str, str], ...]) -> Snapshot:
    """Return the figures that producers and consumers have in common."""
    name = f"kafka.{side}"
    totals = {
        (f"{name}.request", client): document["tx"],
        (f"{name}.response", client): document["rx"],
        (f"{name}.network.io", client): document["tx"] + document["rx"],
        (f"{name}.outgoing.byte", client): document["tx_bytes"],
        (f"{name}.incoming.byte", client): document["rx_bytes"],
    }
    connected = sum(broker["state"] == "UP" for broker in _brokers(document))
    return Snapshot(
        document["ts"] / 1e6, {(f"{name}.connection.count", client): connected}, totals, {}, {}
    )


def _brokers(document: Document) -> list[Document]:
    """Return the brokers that have a number.

    The bootstrap servers have none. Neither has the coordinator, which is a second name of a
    broker.
    """
    return [broker for broker in document["brokers"].values() if broker["nodeid"] >= 0]


def _sum(parts: Any, *path: str) -> float:
    total = 0
    for part in parts:
        value = part
        for name in path:
            value = value.get(name, 0)
        total += value
    return total


def _spread(parts: list[Document], name: str, divisor: int = 1) -> Distribution:
    """Return the measurements of all brokers or topics. `divisor` 1000 converts microseconds."""
    spreads = (
        Distribution(part[name]["sum"] / divisor, part[name]["cnt"], part[name]["max"] / divisor)
        for part in parts
    )
    return sum(spreads, NOTHING)


def _behind(partition: Document, position: int, newer_end: int) -> float | None:
    """Return the records from `position` to the end that a consumer of committed records sees.

    Without a position the records are counted from the beginning.
    """
    end = max(
        partition["ls_offset"] if partition["ls_offset"] >= 0 else partition["hi_offset"], newer_end
    )
    begin = position if position >= 0 else partition["lo_offset"]
    return max(0.0, end - begin) if end >= 0 and begin >= 0 else None
