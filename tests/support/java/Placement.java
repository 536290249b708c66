import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Reads lines "class value", writes the partition of each: Spring Cloud Stream's rule, which asks nothing but hashCode() of Java. */
public class Placement {

    public static void main(String[] arguments) throws Exception {
        int partitions = Integer.parseInt(arguments[0]);
        StringBuilder found = new StringBuilder();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int space = line.indexOf(' ');
            Object key = key(line.substring(0, space), line.substring(space + 1));
            int hash = key.hashCode();
            found.append(Math.abs(hash == Integer.MIN_VALUE ? 0 : hash) % partitions).append(' ').append(hash).append('\n');
        }
        System.out.print(found);
    }

    private static Object key(String type, String value) {
        switch (type) {
            case "String": return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_16BE);
            case "Integer": return Integer.valueOf(value);
            case "Long": return Long.valueOf(value);
            case "BigInteger": return new BigInteger(value);
            case "Boolean": return Boolean.valueOf(value);
            case "Double": return Double.valueOf(value);
            case "Float": return Float.valueOf(value);
            default: throw new IllegalArgumentException(type);
        }
    }
}
