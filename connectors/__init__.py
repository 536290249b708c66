"""Records between Kafka topics through a Bytewax dataflow."""
