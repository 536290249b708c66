import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;

/** Logs a line of each level and one with an exception, to the logger "connectors.task.stream_task", as the settings say; run with no web server. */
@SpringBootConfiguration(proxyBeanMethods = false)
public class Logs {
    public static void main(String[] arguments) {
        SpringApplication.run(Logs.class, arguments);
        var log = LoggerFactory.getLogger("connectors.task.stream_task");
        log.trace("one");
        log.debug("one");
        log.info("one");
        log.warn("one");
        log.error("one");
        log.info(" ");
        log.info("\"quoted\" \\ gr\u00fc\u00dfe \uD83D\uDE00 \t \n second \u2028 line");
        log.error("failed", new IllegalStateException("no good"));
    }
}
