"""The Prometheus queries of Data Flow's three Grafana dashboards, with variables filled in."""

from typing import NamedTuple

_SEND = "spring_integration_send_seconds"


class Panel(NamedTuple):
    """A panel's query.

    `why` says why it comes to nothing here, and is empty where there has to be data.
    """

    title: str
    query: str
    why: str = ""


def applications(stream: str) -> list[Panel]:
    """Applications: one stream's, app by app."""
    these = f'stream_name=~"{stream}",application_name=~"python-processor"'
    app = f'{these},application_guid=~".*"'
    by = "by (application_name,application_guid)"
    return [
        Panel("# Apps", f"count(process_cpu_usage{{{these}}})"),
        Panel("CPU", f"avg(process_cpu_usage{{{these}}}) {by}"),
        Panel("Memory", f"sum(jvm_memory_used_bytes{{{these}}}) {by}"),
        Panel("Threads", f"avg(jvm_threads_live_threads{{{these}}}) {by}"),
        Panel("Files", f"avg(process_files_open_files{{{these}}}) {by}"),
        Panel(
            "Classes",
            f"avg(jvm_classes_loaded_classes{{{these}}}) {by}",
            "there are no Java classes",
        ),
        Panel(
            "Channel Throughput",
            f'rate({_SEND}_count{{type="channel",name!="errorChannel",name!="nullChannel",result="success",{app}}}[60s])',
        ),
        Panel(
            "Channel Latency",
            f'{_SEND}_sum{{type="channel",{these}}}/{_SEND}_count{{type="channel",{app}}}',
        ),
        Panel(
            "Handler Throughput",
            f'rate({_SEND}_count{{type="handler",result="success",{app}}}[60s])',
        ),
        Panel(
            "Message Source Rate",
            f'rate(spring_integration_receive_total{{type="source",result="success",{app}}}[60s])',
            "a processor polls no source, nor does a Java one",
        ),
        Panel(
            "Channel Failures", f'rate({_SEND}_count{{type="channel",result="failure",{app}}}[60s])'
        ),
        *(
            Panel(f"#{each}", f"spring_integration_{each}{{{app}}}")
            for each in ("channels", "handlers", "sources")
        ),
    ]


def streams(stream: str) -> list[Panel]:
    """Streams: each as a whole."""
    these = f'stream_name=~"{stream}"'

    def throughput(which: str) -> str:
        return f"avg(rate({_SEND}_count{{{which},{these}}}[60s])) by (stream_name,result)"

    def latency(result: str) -> str:
        of_result, of_success = (f'{{result="{each}",{these}}}' for each in (result, "success"))
        return f"sum({_SEND}_sum{of_result}/{_SEND}_count{of_success}) by (stream_name,result)"

    error_channel = f'{_SEND}_count{{type="channel",name="errorChannel",{these}}}'
    source = "a processor polls no source, nor does a Java one"
    return [
        Panel("Total Stream Count", f"count(count by (stream_name) ({_SEND}_count))"),
        Panel("Total App Count", f"count(count by (application_guid) ({_SEND}_count))"),
        Panel("Memory", f"sum(jvm_memory_used_bytes{{{these}}})"),
        Panel("CPU", f"sum(process_cpu_usage{{{these}}})"),
        Panel("Error Channel", f"sum({error_channel})"),
        Panel("Error Channel Throughput", f"sum(rate({error_channel}[60s])) by (stream_name)"),
        Panel("Number of Apps", f"count(system_cpu_usage{{{these}}}) by (stream_name)"),
        Panel(
            "Stream Throughput, input",
            throughput('result="success",application_type="source"'),
            "it is of the stream's source",
        ),
        Panel(
            "Stream Throughput, output",
            throughput('result="success",application_type="sink"'),
            "it is of the stream's sink",
        ),
        Panel("Stream Throughput, failure", throughput('result="failure"')),
        Panel("Stream Latency", latency("success")),
        Panel(
            "Stream Latency, failure",
            latency("failure"),
            "divides by series of another result, so it is empty for any app",
        ),
        Panel(
            "Message Source Rate",
            f'rate(spring_integration_receive_total{{result="success",{these}}}[60s])',
            source,
        ),
        Panel(
            "Message Source Rate, failure",
            f'rate(spring_integration_receive_total{{result="failure",{these}}}[60s])',
            source,
        ),
        Panel("Tomcat Errors", f"sum(tomcat_global_error_total{{{these}}})", "there is no Tomcat"),
        Panel("Stream CPU", f"sum(process_cpu_usage{{{these}}}) by (stream_name)"),
        Panel("Stream Memory", f"sum(jvm_memory_used_bytes{{{these}}}) by (stream_name)"),
        Panel("Stream Open Files", f"sum(process_files_open_files{{{these}}}) by (stream_name)"),
        Panel("Stream Threads", f"sum(jvm_threads_live_threads{{{these}}}) by (stream_name)"),
    ]


def kafka_streams(stream: str) -> list[Panel]:
    """Kafka Streams: the panels about Kafka's clients.

    Those about the library Kafka Streams itself have no meaning here.
    """
    app = f'stream_name="{stream}",application_name=~"python-processor",application_guid=~".*"'
    no_waits, no_sizes = (
        "librdkafka has a thread for each broker, which does nothing else",
        "librdkafka measures batches",
    )
    absent = {
        "producer_record_size_max": no_sizes,
        "producer_io_wait_time_ns_avg": no_waits,
        "producer_io_wait_ratio": no_waits,
        "producer_waiting_threads": (
            "the one thread that produces goes on polling while the queue is full"
        ),
        "producer_compression_rate_avg": "librdkafka does not report it",
    }
    producer = (
        "record_send_rate record_size_avg record_size_max record_queue_time_avg record_error_rate "
        "record_retry_rate request_rate "
        "response_rate request_latency_avg request_latency_max io_wait_time_ns_avg io_wait_ratio "
        "network_io_rate "
        "compression_rate_avg batch_size_avg records_per_request_avg outgoing_byte_rate "
        "requests_in_flight waiting_threads"
    )
    fetch = (
        "records_consumed_rate records_lag_avg records_lag_max fetch_rate fetch_latency_avg "
        "fetch_latency_max bytes_consumed_rate"
    )
    names = [f"producer_{name}" for name in producer.split()] + [
        f"consumer_fetch_manager_{name}" for name in fetch.split()
    ]
    by = "by (application_name,application_guid,client_id)"
    return [
        Panel("Stream Applications", f'count(process_cpu_usage{{stream_name="{stream}"}})'),
        Panel(
            "Logging Events", f"topk(10, sum(irate(logback_events_total{{{app}}}[60s])) by (level))"
        ),
        Panel(
            "Top Records Lags",
            f"topk(10, sum(irate(kafka_consumer_fetch_manager_records_lag_avg{{{app}}}[60s])) {by})",  # noqa: E501 - one text
        ),
        Panel(
            "Top Produced Records Error Rate",
            f"topk(10, sum(kafka_producer_record_error_rate{{{app}}}) {by})",
        ),
        Panel(
            "Top Retry Rate",
            f"topk(10, sum(irate(kafka_producer_record_retry_rate{{{app}}}[60s])) {by})",
        ),
        *(
            Panel(
                name,
                f'kafka_{name}{{{app},client_id!~".*-restore-consumer"}}',
                absent.get(name, ""),
            )
            for name in names
        ),
        Panel(
            "Kafka Streams' own, 23 queries",
            f'{{__name__=~"kafka_stream_.*",{app}}}',
            "this is no Kafka Streams app",
        ),
    ]
