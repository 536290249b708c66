import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic to its end; writes a line of JSON for each record: each x- header as a Spring application decodes it. */
public class Letters {

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0], "isolation.level", "read_committed", "auto.offset.reset", "earliest");
        ObjectMapper json = new ObjectMapper();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(arguments[1]).forEach(found -> partitions.add(new TopicPartition(found.topic(), found.partition())));
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.writeBytes(json.writeValueAsBytes(decoded(record)));
                    System.out.println();
                }
            }
        }
    }

    /** Name to class, length in bytes and value, in the order of the headers. Whatever is not encoded exactly so is an exception. */
    private static Map<String, List<Object>> decoded(ConsumerRecord<byte[], byte[]> record) throws CharacterCodingException {
        Map<String, List<Object>> found = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            if (header.key().startsWith("x-")) {
                Object value = value(header.key(), header.value());
                if (found.put(header.key(), List.of(value.getClass().getSimpleName(), header.value().length, value)) != null) {
                    throw new IllegalStateException(header.key() + " twice");
                }
            }
        }
        return found;
    }

    private static Object value(String name, byte[] raw) throws CharacterCodingException {
        ByteBuffer bytes = ByteBuffer.wrap(raw);
        Object value;
        switch (name) {
            case "x-original-partition": value = bytes.getInt(); break;
            case "x-original-offset":
            case "x-original-timestamp": value = bytes.getLong(); break;
            case "x-original-timestamp-type": return TimestampType.forName(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
            default: return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        }
        if (bytes.hasRemaining()) {
            throw new IllegalStateException(name + " is too long");
        }
        return value;
    }
}
