import de.codecentric.boot.admin.server.config.EnableAdminServer;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

/** A Spring Boot Admin server with nothing but its defaults; run from its source, with the fetched jars on the class path. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableAdminServer
public class Admin {
    public static void main(String[] arguments) {
        SpringApplication.run(Admin.class, arguments);
    }
}
