import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Answers lines: "names" with every charset and its aliases, "decode CHARSET BASE64" and "replace CHARSET BASE64". */
public class Charsets {

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, "US-ASCII");
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "names":
                    for (Charset charset : Charset.availableCharsets().values()) {
                        out.println(charset.name() + " " + String.join(" ", charset.aliases()));
                    }
                    break;
                case "decode": out.println(decode(words, CodingErrorAction.REPORT)); break;
                case "replace": out.println(decode(words, CodingErrorAction.REPLACE)); break;
                default: throw new IllegalArgumentException(words[0]);
            }
        }
        out.flush();
    }

    /** Base64 of UTF-16BE. What is not valid in the charset is answered by "!", or replaced. */
    private static String decode(String[] words, CodingErrorAction action) {
        try {
            CharBuffer text = Charset.forName(words[1]).newDecoder()
                .onMalformedInput(action).onUnmappableCharacter(action)
                .decode(ByteBuffer.wrap(Base64.getDecoder().decode(words.length > 2 ? words[2] : "")));
            return "=" + Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_16BE));
        } catch (CharacterCodingException e) {
            return "!";
        }
    }
}
