import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Spring Boot itself, asked what it binds. Each line of standard input is a request, each line of standard output its answer; the
 * end of the input is the end of the process.
 */
public class Oracle {

    /** The inputs of one application, and the properties to bind: canonical name, or any name of a variable, to Java type. */
    record Request(List<String> arguments, Map<String, String> environment, String folder, Map<String, String> properties) {
    }

    /** The bound properties that are set, those that cannot be bound, and why the application did not even start. */
    record Answer(Map<String, Object> bound, List<String> refused, String failure) {
    }

    public static void main(String[] arguments) throws IOException {
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        ObjectMapper json = new ObjectMapper();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line; (line = requests.readLine()) != null;) {
            answers.println(json.writeValueAsString(answer(json.readValue(line, Request.class))));
        }
    }

    private static Answer answer(Request request) {
        try {
            return bind(started(request), request.properties());
        } catch (RuntimeException error) {
            return new Answer(Map.of(), List.of(), error.toString());
        }
    }

    private static ConfigurableEnvironment started(Request request) {
        SpringApplication application = new SpringApplication(Oracle.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setRegisterShutdownHook(false);
        application.setLogStartupInfo(false);
        application.setEnvironment(new StandardEnvironment() {
            @Override
            protected void customizePropertySources(MutablePropertySources sources) {
                Map<String, Object> variables = new LinkedHashMap<>(request.environment());
                sources.addLast(new MapPropertySource(SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME, Map.of())); // JSON goes before these
                sources.addLast(new SystemEnvironmentPropertySource(SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
            }
        });
        // Spring Boot's own places, below a working directory that a running process cannot change
        String folder = "optional:file:" + request.folder() + "/";
        String places = folder + ";" + folder + "config/;" + folder + "config/*/";
        application.setDefaultProperties(Map.of("spring.config.location", places));
        try (var context = application.run(request.arguments().toArray(String[]::new))) {
            return context.getEnvironment();
        }
    }

    private static Answer bind(ConfigurableEnvironment environment, Map<String, String> properties) {
        Answer answer = new Answer(new LinkedHashMap<>(), new ArrayList<>(), null);
        Binder binder = Binder.get(environment);
        for (Map.Entry<String, String> property : properties.entrySet()) {
            String name = property.getKey();
            try {
                Object value = ConfigurationPropertyName.isValid(name)
                        ? binder.bind(name, type(property.getValue())).orElse(null)
                        : environment.getProperty(name);
                if (value != null) {
                    answer.bound().put(name, value instanceof Duration duration ? duration.toNanos() : value);
                }
            } catch (BindException | IllegalArgumentException error) {
                answer.refused().add(name);
            }
        }
        return answer;
    }

    private static Bindable<?> type(String name) {
        return switch (name) {
            case "java.util.List<java.lang.String>" -> Bindable.listOf(String.class);
            case "java.util.Map<java.lang.String,java.lang.String>" -> Bindable.mapOf(String.class, String.class);
            case "java.lang.Boolean" -> Bindable.of(Boolean.class);
            case "java.lang.Double" -> Bindable.of(Double.class);
            case "java.lang.Integer" -> Bindable.of(Integer.class);
            case "java.lang.String" -> Bindable.of(String.class);
            case "java.time.Duration" -> Bindable.of(Duration.class);
            default -> throw new IllegalStateException("no Java type for " + name);
        };
    }
}
