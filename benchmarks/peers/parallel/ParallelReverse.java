import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Confluent's parallel consumer: source topic, target topic, calls at once, milliseconds of a call, then the consumer's properties as name=value. */
public final class ParallelReverse {
    public static void main(String[] arguments) throws InterruptedException {
        int calls = Integer.parseInt(arguments[2]);
        long milliseconds = Long.parseLong(arguments[3]);
        Properties consumer = new Properties();
        for (int i = 4; i < arguments.length; i++) {
            int split = arguments[i].indexOf('=');
            consumer.put(arguments[i].substring(0, split), arguments[i].substring(split + 1));
        }
        consumer.put("enable.auto.commit", "false");
        Properties producer = new Properties();
        producer.put("bootstrap.servers", consumer.get("bootstrap.servers"));
        producer.put("acks", "all");
        producer.put("linger.ms", "5");
        producer.put("batch.size", "1000000");
        // Records without keys: any order. This is its fastest; ours keeps the order of each partition.
        ParallelStreamProcessor<String, String> processor = ParallelStreamProcessor.createEosStreamProcessor(
                ParallelConsumerOptions.<String, String>builder()
                        .ordering(ProcessingOrder.UNORDERED)
                        .maxConcurrency(calls)
                        .consumer(new KafkaConsumer<>(consumer, new StringDeserializer(), new StringDeserializer()))
                        .producer(new KafkaProducer<>(producer, new StringSerializer(), new StringSerializer()))
                        .build());
        processor.subscribe(List.of(arguments[0]));
        processor.pollAndProduce(context -> {
            sleep(milliseconds);
            return new ProducerRecord<>(arguments[1], context.key(), new StringBuilder(context.value()).reverse().toString());
        });
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            processor.closeDontDrainFirst();
            ended.countDown();
        }));
        ended.await();
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
