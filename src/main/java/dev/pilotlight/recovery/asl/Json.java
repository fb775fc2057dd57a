package dev.pilotlight.recovery.asl;

import com.dashjoin.jsonata.Jsonata;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values as Step Functions has them: JSON, whose numbers are doubles and have one representation here, so that 7 from a
 * definition equals 7 from an answer. Whole numbers are {@link Integer}, or {@link Long} if that is too small, as the
 * query language's library has them; others {@link Double}. Null is a value like others.
 */
final class Json {

    private Json() {}

    /**
     * A copy.
     *
     * @throws IllegalArgumentException if JSON cannot hold it, such as a function or a number that is not finite
     */
    static Object of(Object value) {
        if (value instanceof Map<?, ?> map) {
            Fields copy = new Fields();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                Object item = of(entry.getValue());
                copy.put((String) entry.getKey(), item);
                copy.hasNull |= hasNull(item);
            }
            return copy;
        }
        if (value instanceof List<?> list) {
            Items copy = new Items(list.size());
            for (Object original : list) {
                Object item = of(original);
                copy.add(item);
                copy.hasNull |= hasNull(item);
            }
            return copy;
        }
        if (value instanceof Number number) {
            return number(number.doubleValue());
        }
        if (value == Jsonata.NULL_VALUE) {
            return null;
        }
        if (value == null || value instanceof String || value instanceof Boolean) {
            return value;
        }
        throw new IllegalArgumentException("not JSON: " + value.getClass().getSimpleName());
    }

    /** A copy that knows whether a null is in it, at any depth: nobody changes copies. */
    private static final class Fields extends LinkedHashMap<String, Object> {
        private boolean hasNull;
    }

    /** The same of a list. */
    private static final class Items extends ArrayList<Object> {
        private boolean hasNull;

        Items(int size) {
            super(size);
        }
    }

    private static Number number(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("not JSON: " + number);
        }
        long whole = (long) number;
        if (whole != number) {
            return number;
        }
        return (int) whole == whole ? (Number) (int) whole : (Number) whole;
    }

    /** The same for the library, which has a null of its own beside Java's, which means nothing. */
    static Object forLibrary(Object value) {
        return hasNull(value) ? withNulls(value) : value;
    }

    private static boolean hasNull(Object value) {
        if (value instanceof Fields fields) {
            return fields.hasNull;
        }
        if (value instanceof Items items) {
            return items.hasNull;
        }
        if (value instanceof Map<?, ?> map) {
            for (Object item : map.values()) {
                if (hasNull(item)) {
                    return true;
                }
            }
            return false;
        }
        if (value instanceof List<?> list) {
            for (Object item : list) {
                if (hasNull(item)) {
                    return true;
                }
            }
            return false;
        }
        return value == null;
    }

    private static Object withNulls(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put((String) key, withNulls(item)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>(list.size());
            list.forEach(item -> copy.add(withNulls(item)));
            return copy;
        }
        return value == null ? Jsonata.NULL_VALUE : value;
    }
}
