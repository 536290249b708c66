"""How the input gets its partitions: from its group, or by its index among the instances."""

from collections.abc import Mapping

from confluent_kafka import TopicPartition

from config import Settings
from connectors.consume.group_membership import GroupMembership
from connectors.consume.missing_topics import MissingTopics


class Subscription:
    """One of the two ways, as the settings say."""

    def __init__(self, settings: Settings, membership: GroupMembership) -> None:
        """Prepare; nothing is read yet.

        Args:
            settings: All of them.
            membership: Joins the group, or reads fixed partitions.
        """
        self._membership = membership
        self._topics = [
            f"^({each})$" if settings.destination_is_pattern else each
            for each in settings.input_destinations
        ]
        self._instances = settings.instance_count
        self._index = settings.instance_index
        self._processes = settings.input_concurrency if settings.worker_slot else 1
        self._number = settings.worker_slot.number if settings.worker_slot else 0
        self._fixed = settings.has_fixed_partitions
        self.missing = MissingTopics(self._topics, are_patterns=settings.destination_is_pattern)
        self.one_topic = len(self._topics) == 1 and not settings.destination_is_pattern

    def start(self, partitions: Mapping[str, int]) -> None:
        """Start to read.

        Args:
            partitions: How many partitions each input topic has.
        """
        if self._fixed:
            instance = [
                TopicPartition(topic, number)
                for topic in self._topics
                for number in range(self._index, partitions[topic], self._instances)
            ]
            self._membership.assign(instance[self._number :: self._processes])
        else:
            self._membership.subscribe(self._topics)
