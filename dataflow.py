"""The stream processor: Kafka topic -> your function -> Kafka topic. This is the file to edit.

    http --server.port=32123 | python-processor --reversestring=true | log

A function of your own goes into functions/ or /functions, and --function=module:name names it
(docs/your-function.md). Or write the steps in flow(), in place of the line with named_functions:

    records = map_value("enrich", records, enrich)

filter_value and flat_map_value are beside map_value.

    python dataflow.py --reversestring=true ...                       as Data Flow starts it; --check tries the settings, --help lists them
    python -m bytewax.run dataflow                                    settings from the environment
    python -m bytewax.run "dataflow:flow('--reversestring=true')"
    python -m bytewax.visualize dataflow                              draws the flow, touches no broker
"""  # noqa: E501 - lines of a page

import sys

from runtime.entry_point import prepare_process

if __name__ == "__main__":
    prepare_process()  # before the slower imports: until then PID 1 would miss a stop signal

import bytewax.operators as op
from bytewax.dataflow import Dataflow

import bootstrap
from connectors.kafka import KafkaSink, KafkaSource
from connectors.operators import filter_value, flat_map_value, guarded, map_value, named_functions  # noqa: F401 - for steps of yours


def flow(*arguments: str) -> Dataflow:
    """Build the dataflow for the command line and the environment. Bytewax starts it."""
    settings = bootstrap.load_settings(arguments)
    source = KafkaSource(lambda: bootstrap.start(settings))
    dataflow = Dataflow("python-processor")
    records = op.input("input", dataflow, source)
    # Or steps of yours, one line each.
    records = named_functions(records, settings.functions, settings.options)
    op.output("output", records, KafkaSink(source))
    return guarded(dataflow)


if __name__ == "__main__":
    sys.exit(bootstrap.main(flow))
