"""The meaning of each error code of the Kafka client: one table for every client.

A code without a row ends the process with a log line, so that no error is silently ignored. A test
compares the table with the client's list.
"""

from enum import Enum

from confluent_kafka import KafkaError


class Client(Enum):
    """The client that has reported the error."""

    CONSUMER = "consumer"
    PRODUCER = "producer"
    ADMIN = "admin client"


class Remedy(Enum):
    """What helps against an error."""

    WAIT = "passes by itself"
    NEW_CLIENT = "passes with another client"
    PERSON = "needs a person"
    RECORD = "is about one record"
    NONE = "is not expected here, and ends the process"


E = KafkaError

# Connections. librdkafka retries for ever.
CONNECTION = frozenset({E._TRANSPORT, E._RESOLVE, E._SSL, E._AUTHENTICATION, E._TIMED_OUT})

# The broker, the cluster or the client is changing its state.
_CLUSTER_MOVES = {
    E.REQUEST_TIMED_OUT,
    E.BROKER_NOT_AVAILABLE,
    E.LEADER_NOT_AVAILABLE,
    E.NOT_LEADER_FOR_PARTITION,
    E.REPLICA_NOT_AVAILABLE,
    E.NETWORK_EXCEPTION,
    E.NOT_ENOUGH_REPLICAS,
    E.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    E.NOT_CONTROLLER,
    E.STALE_CTRL_EPOCH,
    E.STALE_BROKER_EPOCH,
    E.FENCED_LEADER_EPOCH,
    E.UNKNOWN_LEADER_EPOCH,
    E.OFFSET_NOT_AVAILABLE,
    E.PREFERRED_LEADER_NOT_AVAILABLE,
    E.ELIGIBLE_LEADERS_NOT_AVAILABLE,
    E.KAFKA_STORAGE_ERROR,
    E.LISTENER_NOT_FOUND,
    E.REASSIGNMENT_IN_PROGRESS,
    E.THROTTLING_QUOTA_EXCEEDED,
    E.REBOOTSTRAP_REQUIRED,
    E.FETCH_SESSION_ID_NOT_FOUND,
    E.INVALID_FETCH_SESSION_EPOCH,
    E.UNKNOWN_TOPIC_ID,
    E.INCONSISTENT_TOPIC_ID,
    E.UNKNOWN_TOPIC_OR_PART,
    E.UNKNOWN_CONTROLLER_ID,
    E.INVALID_MSG,  # a wrong checksum; the record is fetched again
    E.UNKNOWN,  # a broker's own failure
    E._UNKNOWN_TOPIC,
    E._UNKNOWN_PARTITION,
    E._ALL_BROKERS_DOWN,
    E._BAD_MSG,  # fetched again, and so are records with an unknown compression
    E._BAD_COMPRESSION,
    E._DESTROY_BROKER,
    E._FAIL,
    E._INTR,
    E._ISR_INSUFF,
    E._LOG_TRUNCATION,
    E._NODE_UPDATE,
    E._NOENT,
    E._OUTDATED,
    E._PARTIAL,
    E._QUEUE_FULL,
    E._RETRY,
    E._TIMED_OUT_QUEUE,
    E._UNDERFLOW,
    E._UNKNOWN_BROKER,
    E._WAIT_CACHE,
} | CONNECTION

# The member joins the group again, or the group gets a coordinator again.
_GROUP_MOVES = {
    E.COORDINATOR_LOAD_IN_PROGRESS,
    E.COORDINATOR_NOT_AVAILABLE,
    E.NOT_COORDINATOR,
    E.ILLEGAL_GENERATION,
    E.UNKNOWN_MEMBER_ID,
    E.MEMBER_ID_REQUIRED,
    E.REBALANCE_IN_PROGRESS,
    E.FENCED_MEMBER_EPOCH,
    E.STALE_MEMBER_EPOCH,
    E.UNSTABLE_OFFSET_COMMIT,
    E.GROUP_ID_NOT_FOUND,
    E._ASSIGNMENT_LOST,
    E._ASSIGN_PARTITIONS,
    E._REVOKE_PARTITIONS,
    E._MAX_POLL_EXCEEDED,
    E._NO_OFFSET,
    E._IN_PROGRESS,
    E._PREV_IN_PROGRESS,
    E._WAIT_COORD,
    E._UNKNOWN_GROUP,
    # This member can join once other members have left or use the same protocol.
    E.INCONSISTENT_GROUP_PROTOCOL,
    E.GROUP_MAX_SIZE_REACHED,
    E.UNRELEASED_INSTANCE_ID,
}

_TRANSACTION_MOVES = {E.CONCURRENT_TRANSACTIONS, E.TRANSACTION_COORDINATOR_FENCED}

NOTHING_WRONG = frozenset({E.NO_ERROR, E._PARTITION_EOF, E._NOOP})

PASSES = NOTHING_WRONG | _CLUSTER_MOVES | _GROUP_MOVES | _TRANSACTION_MOVES  # by themselves

# The broker does not accept this producer or its transaction any more. A new producer goes on.
LOST_PRODUCER = frozenset(
    {
        E.OUT_OF_ORDER_SEQUENCE_NUMBER,
        E.DUPLICATE_SEQUENCE_NUMBER,
        E.UNKNOWN_PRODUCER_ID,
        E.INVALID_PRODUCER_EPOCH,
        E.INVALID_PRODUCER_ID_MAPPING,
        E.INVALID_TXN_STATE,
        E.PRODUCER_FENCED,
        E.TRANSACTION_ABORTABLE,
        E._MSG_TIMED_OUT,
        E._FENCED,
        E._STATE,
        E._GAPLESS_GUARANTEE,
        E._PURGE_QUEUE,
        E._PURGE_INFLIGHT,
    }
)

ABOUT_A_RECORD = frozenset(
    {
        E.MSG_SIZE_TOO_LARGE,
        E.INVALID_RECORD,
        E.RECORD_LIST_TOO_LARGE,
        E.INVALID_TIMESTAMP,
        E._INVALID_DIFFERENT_RECORD,
    }
)

# Errors that need a person, and the property or permission to look at.
PERSON = {
    E.TOPIC_AUTHORIZATION_FAILED: "READ on the input topic and WRITE on the topics written to",
    E.GROUP_AUTHORIZATION_FAILED: "READ on the consumer group",
    E.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "WRITE on the transactional.id",
    E.CLUSTER_AUTHORIZATION_FAILED: "a permission on the cluster",
    E.DELEGATION_TOKEN_AUTHORIZATION_FAILED: "sasl.jaas.config",
    E.DELEGATION_TOKEN_AUTH_DISABLED: "sasl.jaas.config",
    E.DELEGATION_TOKEN_EXPIRED: "sasl.jaas.config",
    E.DELEGATION_TOKEN_NOT_FOUND: "sasl.jaas.config",
    E.DELEGATION_TOKEN_OWNER_MISMATCH: "sasl.jaas.config",
    E.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: "sasl.jaas.config",
    E.UNACCEPTABLE_CREDENTIAL: "sasl.jaas.config",
    E.INVALID_PRINCIPAL_TYPE: "sasl.jaas.config",
    E.PRINCIPAL_DESERIALIZATION_FAILURE: "sasl.jaas.config",
    E.SASL_AUTHENTICATION_FAILED: "sasl.jaas.config",
    E.ILLEGAL_SASL_STATE: "security.protocol",
    E.SECURITY_DISABLED: "security.protocol",
    E._UNKNOWN_PROTOCOL: "security.protocol",
    E.UNSUPPORTED_SASL_MECHANISM: "sasl.mechanism",
    # The broker's limits are group.min.session.timeout.ms and group.max.session.timeout.ms.
    E.INVALID_SESSION_TIMEOUT: "session.timeout.ms",
    E.INVALID_GROUP_ID: "spring.cloud.stream.bindings.input.group",
    E.UNSUPPORTED_ASSIGNOR: "group.remote.assignor",
    E.FENCED_INSTANCE_ID: "group.instance.id",
    E.INVALID_REGULAR_EXPRESSION: "spring.cloud.stream.bindings.input.destination",
    E.UNSUPPORTED_VERSION: "the version of the broker",
    E._UNSUPPORTED_FEATURE: "the version of the broker",
    E.UNSUPPORTED_FOR_MESSAGE_FORMAT: "the version of the broker",
    E.UNSUPPORTED_COMPRESSION_TYPE: "compression.type",
    E.INVALID_REQUIRED_ACKS: "acks",
    E.INVALID_TRANSACTION_TIMEOUT: "transaction.timeout.ms",  # limit: transaction.max.timeout.ms
    E.OFFSET_METADATA_TOO_LARGE: "offset.metadata.max.bytes of the broker",
    E.INVALID_COMMIT_OFFSET_SIZE: "offset.metadata.max.bytes of the broker",
    E.INVALID_CONFIG: "the topic's properties",
    E.INVALID_PARTITIONS: "the number of partitions",
    E.INVALID_REPLICATION_FACTOR: "spring.cloud.stream.kafka.binder.replication-factor",
    E.INVALID_REPLICA_ASSIGNMENT: "topic.replicas-assignment",
    E.POLICY_VIOLATION: "a policy of the cluster",
    E.TOPIC_DELETION_DISABLED: "delete.topic.enable of the broker",
    E.TOPIC_ALREADY_EXISTS: "the topic",
    E.TOPIC_EXCEPTION: "the topic's name",
    E.LOG_DIR_NOT_FOUND: "log.dirs of the broker",
    E.OFFSET_OUT_OF_RANGE: "auto.offset.reset",
    E._AUTO_OFFSET_RESET: "auto.offset.reset",
    E._CRIT_SYS_RESOURCE: "memory, threads or file descriptors",
    E._FS: "a file",
    E._INVALID_ARG: "a property of the client",
    E._NOT_CONFIGURED: "a property of the client",
    E._INVALID_TYPE: "a property of the client",
}

# These end the process, too. No client of this program gets them, unless this program has a bug.
UNEXPECTED = frozenset(
    {
        E.DUPLICATE_RESOURCE,
        E.DUPLICATE_VOTER,
        E.ELECTION_NOT_NEEDED,
        E.FEATURE_UPDATE_FAILED,
        E.FENCED_STATE_EPOCH,
        E.GROUP_SUBSCRIBED_TO_TOPIC,
        E.INCONSISTENT_VOTER_SET,
        E.INVALID_MSG_SIZE,
        E.INVALID_RECORD_STATE,
        E.INVALID_REGISTRATION,
        E.INVALID_REQUEST,
        E.INVALID_SHARE_SESSION_EPOCH,
        E.INVALID_UPDATE_VERSION,
        E.INVALID_VOTER_KEY,
        E.MISMATCHED_ENDPOINT_TYPE,
        E.NON_EMPTY_GROUP,
        E.NO_REASSIGNMENT_IN_PROGRESS,
        E.OPERATION_NOT_ATTEMPTED,
        E.RESOURCE_NOT_FOUND,
        E.SHARE_SESSION_LIMIT_REACHED,
        E.SHARE_SESSION_NOT_FOUND,
        E.STREAMS_INVALID_TOPOLOGY,
        E.STREAMS_INVALID_TOPOLOGY_EPOCH,
        E.STREAMS_TOPOLOGY_FENCED,
        E.TELEMETRY_TOO_LARGE,
        E.UNKNOWN_SUBSCRIPTION_ID,
        E.UNSUPPORTED_ENDPOINT_TYPE,
        E.VOTER_NOT_FOUND,
        E._APPLICATION,
        E._CONFLICT,
        E._DESTROY,
        E._EXISTING_SUBSCRIPTION,
        E._FATAL,
        E._INCONSISTENT,
        E._KEY_DESERIALIZATION,
        E._KEY_SERIALIZATION,
        E._NOT_IMPLEMENTED,
        E._READ_ONLY,
        E._VALUE_DESERIALIZATION,
        E._VALUE_SERIALIZATION,
    }
)
