import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * What a real JDK computes, asked one line at a time: the tests' witness for simulator/java.py.
 *
 * <pre>
 * hash VALUE              hashCode; of a list Arrays.deepHashCode too; what is no number is said to be none
 * order WAY STRING...     keys of a HashMap that was grown, copied or received (new HashMap(2n))
 * draw N STRING           Arrays.hashCode of the bytes, then two draws below N of a Random seeded with it
 * </pre>
 * A VALUE is tokens: null true false NaN, iINTEGER lLONG gBIGINTEGER dDOUBLE bBIGDECIMAL, sHEX (a string
 * by its UTF-16 code units), [ VALUE... ] and { KEY VALUE ... }.
 */
public class JavaHash {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Iterator<String> tokens = Arrays.asList(line.split(" ")).iterator();
            try {
                System.out.println(answer(tokens.next(), tokens));
            } catch (NumberFormatException refused) {
                System.out.println("java.lang.NumberFormatException");
            }
            System.out.flush();
        }
    }

    static String answer(String question, Iterator<String> tokens) {
        switch (question) {
            case "hash":
                return hash(value(tokens.next(), tokens));
            case "order":
                return order(tokens.next(), tokens);
            case "draw":
                return draw(Integer.parseInt(tokens.next()), tokens.next());
            default:
                throw new IllegalArgumentException(question);
        }
    }

    static String hash(Object value) {
        if (!(value instanceof List)) {
            return "" + Objects.hashCode(value);
        }
        Object[] items = ((List<?>) value).toArray();
        return value.hashCode() + " " + Arrays.deepHashCode(items);
    }

    static String order(String way, Iterator<String> tokens) {
        Map<String, Object> given = new LinkedHashMap<>();
        tokens.forEachRemaining(token -> given.put(text(token), ""));
        Map<String, Object> map = made(way, given);
        for (String key : given.keySet()) {
            map.put(key, "");
        }
        List<String> keys = new ArrayList<>();
        for (String key : map.keySet()) {
            keys.add(hex(key));
        }
        return String.join(" ", keys);
    }

    static Map<String, Object> made(String way, Map<String, Object> given) {
        switch (way) {
            case "received":
                return new HashMap<>(2 * given.size());
            case "copied":
                // JDK 19 changed the size of a copy; no Storm that copies its maps runs on one.
                return Runtime.version().feature() < 19
                        ? new HashMap<>(given)
                        : new HashMap<>((int) (given.size() / 0.75f + 1.0f));
            default:
                return new HashMap<>();
        }
    }

    static String draw(int bound, String token) {
        byte[] bytes = new byte[(token.length() - 1) / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(token.substring(1 + 2 * i, 3 + 2 * i), 16);
        }
        int seed = Arrays.hashCode(bytes);
        Random random = new Random(seed);
        return seed + " " + random.nextInt(bound) + " " + random.nextInt(bound);
    }

    static Object value(String token, Iterator<String> tokens) {
        switch (token) {
            case "null":
                return null;
            case "true":
            case "false":
                return Boolean.valueOf(token);
            case "NaN":
                return Float.NaN;
            case "[":
                return list(tokens);
            case "{":
                return map(tokens);
            default:
                return scalar(token.charAt(0), token.substring(1));
        }
    }

    static List<Object> list(Iterator<String> tokens) {
        List<Object> list = new ArrayList<>();
        for (String token = tokens.next(); !token.equals("]"); token = tokens.next()) {
            list.add(value(token, tokens));
        }
        return list;
    }

    static Map<String, Object> map(Iterator<String> tokens) {
        Map<String, Object> map = new HashMap<>();
        for (String token = tokens.next(); !token.equals("}"); token = tokens.next()) {
            map.put(text(token), value(tokens.next(), tokens));
        }
        return map;
    }

    static Object scalar(char kind, String rest) {
        switch (kind) {
            case 'i':
                return Integer.valueOf(rest);
            case 'l':
                return Long.valueOf(rest);
            case 'g':
                return new BigInteger(rest);
            case 'd':
                return Double.valueOf(rest);
            case 'b':
                return new BigDecimal(rest);
            default:
                return text(kind + rest);
        }
    }

    static String text(String token) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < token.length(); i += 4) {
            text.append((char) Integer.parseInt(token.substring(i, i + 4), 16));
        }
        return text.toString();
    }

    static String hex(String text) {
        StringBuilder hex = new StringBuilder("s");
        for (char unit : text.toCharArray()) {
            hex.append(String.format("%04x", (int) unit));
        }
        return hex.toString();
    }
}
