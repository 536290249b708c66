import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** Kafka Streams: source topic, target topic, then its properties as name=value. Headers are forwarded by Kafka Streams itself. */
public final class ReverseStream {
    public static void main(String[] arguments) throws InterruptedException {
        Properties properties = new Properties();
        for (int i = 2; i < arguments.length; i++) {
            int split = arguments[i].indexOf('=');
            properties.put(arguments[i].substring(0, split), arguments[i].substring(split + 1));
        }
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(arguments[0], Consumed.with(Serdes.ByteArray(), Serdes.String()))
                .mapValues(value -> new StringBuilder(value).reverse().toString())
                .to(arguments[1], Produced.with(Serdes.ByteArray(), Serdes.String()));
        KafkaStreams streams = new KafkaStreams(builder.build(), properties);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            streams.close();
            ended.countDown();
        }));
        streams.start();
        ended.await();
    }
}
