"""The processor with its function as a step on the page, instead of by name."""

import sys

import bytewax.operators as op
from bytewax.dataflow import Dataflow

import bootstrap
import text
from connectors.kafka import KafkaSink, KafkaSource
from connectors.operators import guarded, map_value


def flow(*arguments: str) -> Dataflow:
    settings = bootstrap.load_settings(arguments)
    source = KafkaSource(lambda: bootstrap.start(settings))
    dataflow = Dataflow("python-processor")
    records = op.input("input", dataflow, source)
    records = map_value("reverse", records, text.reverse)
    op.output("output", records, KafkaSink(source))
    return guarded(dataflow)


if __name__ == "__main__":
    sys.exit(bootstrap.main(flow))
