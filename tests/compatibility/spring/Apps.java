import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.json.JsonWriter;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.support.KafkaNull;
import org.springframework.messaging.Message;
import org.springframework.messaging.converter.CompositeMessageConverter;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.util.MimeType;

/**
 * The Spring Cloud Stream applications around the processor: a source, sinks, a processor after ours, and one that makes dead letters.
 * A sink writes a line of JSON to standard error for each message: what its function was given.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class Apps {

    private static final PrintStream LINES = new PrintStream(System.err, true, StandardCharsets.UTF_8);

    public static void main(String[] arguments) {
        SpringApplication.run(Apps.class, arguments);
    }

    /** Sends each message once. The payloads' types are those that the binder converts: byte[], String, Map, List and none. */
    @Bean
    ApplicationRunner sending(StreamBridge bridge) {
        return arguments -> {
            for (Message<?> message : messages()) {
                Object contentType = message.getHeaders().getOrDefault("contentType", "application/json");
                if (!bridge.send("source", message, MimeType.valueOf(contentType.toString()))) { // the bridge replaces a message's own
                    throw new IllegalStateException("not sent: " + message);
                }
            }
        };
    }

    @Bean
    Consumer<Message<byte[]>> bytes(CompositeMessageConverter converter) {
        return message -> print("bytes", message, converter);
    }

    @Bean
    Consumer<Message<String>> text(CompositeMessageConverter converter) {
        return message -> print("text", message, converter);
    }

    /** A processor that gives back what it was given, as Java programs do: payload and headers. */
    @Bean
    Function<Message<byte[]>, Message<byte[]>> relay() {
        return message -> MessageBuilder.fromMessage(message).build();
    }

    /** Fails for the message whose text is not valid UTF-8, as ours does. */
    @Bean
    Consumer<Message<?>> failing() {
        return message -> {
            if (message.getHeaders().containsKey("broken")) {
                throw new IllegalArgumentException("not valid text");
            }
        };
    }

    private static List<Message<?>> messages() {
        List<Message<?>> made = new ArrayList<>();
        made.add(with("hello world", "text/plain").build());
        made.add(with("grüße \uD83D\uDE00 x", "text/plain;charset=UTF-8").setHeader("key", "k-1".getBytes(StandardCharsets.UTF_8)).build());
        made.add(with("h\u00e9llo".getBytes(StandardCharsets.ISO_8859_1), "text/plain;charset=ISO-8859-1").build());
        made.add(with("h\u00e9llo".getBytes(StandardCharsets.UTF_16BE), "text/plain;charset=UTF-16BE").setHeader("key", new byte[0]).build());
        made.add(typed(with("typed", "text/plain")).setHeader("key", new byte[] {0, 1, -1}).build());
        made.add(MessageBuilder.withPayload("a mime type".getBytes(StandardCharsets.UTF_8))
                .setHeader("contentType", MimeType.valueOf("text/plain;charset=UTF-8")).build());
        made.add(MessageBuilder.withPayload("no content type".getBytes(StandardCharsets.UTF_8)).build());
        made.add(with(new byte[0], "text/plain").build());
        made.add(with(Map.of("name", "Zo\u00eb"), "application/json").setHeader("key", "json".getBytes(StandardCharsets.UTF_8)).build());
        made.add(with(List.of(1, "two", Map.of("three", 3)), "application/json").build());
        made.add(with("{\"raw\":true}", "application/json").build());
        made.add(typed(with(new byte[] {104, 105, -1, -2}, "text/plain")).setHeader("broken", true)
                .setHeader("key", "k-2".getBytes(StandardCharsets.UTF_8)).build());
        made.add(with(KafkaNull.INSTANCE, "text/plain").setHeader("key", "tombstone".getBytes(StandardCharsets.UTF_8)).build());
        for (int number = 0; number < made.size(); number++) {
            made.set(number, MessageBuilder.fromMessage(made.get(number)).setHeader("number", number).build());
        }
        return made;
    }

    private static MessageBuilder<?> with(Object payload, String contentType) {
        return MessageBuilder.withPayload(payload).setHeader("contentType", contentType);
    }

    /** One header of each kind that Spring Kafka's mapper writes in a form of its own. */
    private static MessageBuilder<?> typed(MessageBuilder<?> message) {
        Map<String, Object> inner = new TreeMap<>(Map.of("a", 1, "b", List.of("c")));
        return message
                .setHeader("string", "gr\u00fc\u00dfe").setHeader("quoted", "\"quoted\"").setHeader("empty", "").setHeader("braces", "{}")
                .setHeader("integer", Integer.MIN_VALUE).setHeader("long", Long.MAX_VALUE).setHeader("boolean", true)
                .setHeader("double", 0.1).setHeader("float", 1.5f).setHeader("short", (short) -7).setHeader("character", 'x')
                .setHeader("big", new java.math.BigDecimal("12345678901234567890.5"))
                .setHeader("uuid", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")).setHeader("uri", URI.create("http://h/p?q=1"))
                .setHeader("moment", OffsetDateTime.parse("2026-01-02T03:04:05.678+01:00")).setHeader("mime", MimeType.valueOf("a/b;c=d"))
                .setHeader("list", new ArrayList<>(List.of(1, "two"))).setHeader("map", inner)
                .setHeader("bytes", new byte[] {0, -1, 127}).setHeader("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .setHeader("b3", "0").setHeader("kafka_correlationId", new byte[] {1, 2}).setHeader("with.dots-and_\u00fc", "x");
    }

    private static void print(String sink, Message<?> message, CompositeMessageConverter converter) {
        Map<String, Object> headers = new LinkedHashMap<>();
        message.getHeaders().forEach((name, value) -> headers.put(name, shown(value)));
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("sink", sink);
        line.put("payload", shown(message.getPayload()));
        line.put("json", json(message, converter));
        line.put("headers", headers);
        LINES.println("MESSAGE " + JsonWriter.standard().writeToString(line));
    }

    /** The payload as the application's own converter reads it, if its contentType is JSON. */
    private static Object json(Message<?> message, CompositeMessageConverter converter) {
        String contentType = String.valueOf(message.getHeaders().get("contentType"));
        if (!contentType.contains("json") || !(message.getPayload() instanceof byte[] payload) || payload.length == 0) {
            return null;
        }
        return switch (payload[0]) {
            case '{' -> shown(converter.fromMessage(message, Map.class));
            case '[' -> shown(converter.fromMessage(message, List.class));
            default -> null;
        };
    }

    private static List<String> shown(Object value) {
        String text = value instanceof byte[] raw ? Base64.getEncoder().encodeToString(raw) : String.valueOf(value);
        return List.of(value == null ? "null" : value.getClass().getName(), text);
    }
}
