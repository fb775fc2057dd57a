package dev.pilotlight.recovery.asl;

import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.DefaultSdkAutoConstructList;
import software.amazon.awssdk.core.util.DefaultSdkAutoConstructMap;
import software.amazon.awssdk.utils.builder.Buildable;

/**
 * Requests and answers of the AWS SDK as Step Functions' SDK integrations write them: every member by the name of the
 * SDK's method with a capital, timestamps as text.
 */
final class SdkShapes {

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private static final Map<Class<?>, Map<String, SdkField<?>>> FIELDS = new ConcurrentHashMap<>();

    private SdkShapes() {}

    /** A value that the request has no room for. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /**
     * Fills a builder.
     *
     * @param builder of a request or of something inside one
     * @param where it stands, for messages
     * @return what it builds
     */
    static Object fill(SdkPojo builder, Map<?, ?> values, String where) throws RefusedException {
        Map<String, SdkField<?>> fields = fields(builder);
        for (Map.Entry<?, ?> value : values.entrySet()) {
            SdkField<?> field = fields.get((String) value.getKey());
            if (field == null) {
                throw new RefusedException("The field '%s' is not known by %s, which has %s"
                        .formatted(value.getKey(), where, fields.keySet()));
            }
            field.set(builder, toSdk(value.getValue(), field, where + "." + value.getKey()));
        }
        return ((Buildable) builder).build();
    }

    private static Object toSdk(Object value, SdkField<?> field, String where) throws RefusedException {
        MarshallingType<?> type = field.marshallingType();
        if (type == MarshallingType.LIST) {
            List<Object> list = new ArrayList<>();
            SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
            for (Object item : expect(Collection.class, value, where)) {
                list.add(toSdk(item, member, where + "[]"));
            }
            return list;
        }
        if (type == MarshallingType.MAP) {
            Map<Object, Object> map = new LinkedHashMap<>();
            SdkField<?> member = field.getTrait(MapTrait.class).valueFieldInfo();
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) expect(Map.class, value, where)).entrySet()) {
                map.put(entry.getKey(), toSdk(entry.getValue(), member, where + "." + entry.getKey()));
            }
            return map;
        }
        if (type == MarshallingType.SDK_POJO) {
            return fill(field.constructor().get(), expect(Map.class, value, where), where);
        }
        if (type == MarshallingType.STRING) {
            return expect(String.class, value, where);
        }
        if (type == MarshallingType.BOOLEAN) {
            return expect(Boolean.class, value, where);
        }
        if (type == MarshallingType.INSTANT) {
            return instant(expect(String.class, value, where), where);
        }
        return number(value, type, where);
    }

    private static Instant instant(String text, String where) throws RefusedException {
        try {
            return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from);
        } catch (DateTimeParseException e) {
            throw new RefusedException(
                    "%s must be a timestamp such as 2026-11-24T03:00:00Z, not '%s'".formatted(where, text));
        }
    }

    private static Object number(Object value, MarshallingType<?> type, String where) throws RefusedException {
        if (type == MarshallingType.SDK_BYTES || type == MarshallingType.DOCUMENT) {
            throw new RefusedException(where + " is a blob or a document, which is not supported here");
        }
        BigDecimal number = new BigDecimal(expect(Number.class, value, where).toString());
        try {
            if (type == MarshallingType.INTEGER) {
                return number.intValueExact();
            }
            if (type == MarshallingType.LONG) {
                return number.longValueExact();
            }
            if (type == MarshallingType.SHORT) {
                return number.shortValueExact();
            }
        } catch (ArithmeticException e) {
            throw new RefusedException("%s must be a whole number, not %s".formatted(where, value));
        }
        if (type == MarshallingType.DOUBLE) {
            return number.doubleValue();
        }
        if (type == MarshallingType.FLOAT) {
            return number.floatValue();
        }
        if (type == MarshallingType.BIG_DECIMAL) {
            return number;
        }
        throw new RefusedException("%s is of the type %s, which is not supported here".formatted(where, type));
    }

    private static <T> T expect(Class<T> type, Object value, String where) throws RefusedException {
        if (!type.isInstance(value)) {
            throw new RefusedException("%s must be of type %s, not %s"
                    .formatted(
                            where,
                            type.getSimpleName(),
                            value == null ? "null" : value.getClass().getSimpleName()));
        }
        return type.cast(value);
    }

    /** An answer; what it does not hold is absent. */
    static Map<String, Object> read(SdkPojo answer) throws RefusedException {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, SdkField<?>> field : fields(answer).entrySet()) {
            Object value = field.getValue().getValueOrDefault(answer);
            if (value != null
                    && !(value instanceof DefaultSdkAutoConstructList)
                    && !(value instanceof DefaultSdkAutoConstructMap)) {
                values.put(field.getKey(), fromSdk(value, field.getKey()));
            }
        }
        return values;
    }

    private static Object fromSdk(Object value, String where) throws RefusedException {
        if (value instanceof SdkPojo pojo) {
            return read(pojo);
        }
        if (value instanceof Collection<?> items) {
            List<Object> list = new ArrayList<>();
            for (Object item : items) {
                list.add(fromSdk(item, where));
            }
            return list;
        }
        if (value instanceof Map<?, ?> entries) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : entries.entrySet()) {
                map.put(entry.getKey().toString(), fromSdk(entry.getValue(), where));
            }
            return map;
        }
        if (value instanceof Instant instant) {
            return MILLIS.format(instant);
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Long) {
            return ((Number) value).longValue();
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof String || value instanceof Boolean) {
            return value;
        }
        throw new RefusedException("%s of the answer is a %s, which is not supported here"
                .formatted(where, value.getClass().getSimpleName()));
    }

    /** The fields of a shape, by Step Functions' names. */
    static Map<String, SdkField<?>> fields(SdkPojo shape) {
        return FIELDS.computeIfAbsent(shape.getClass(), type -> {
            // The SDK lowers the first letters of a member by rules of its own, and renames a few: what it made of it
            // is
            // the name of the getter.
            Map<String, String> methods = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (Method method : type.getMethods()) {
                if (method.getParameterCount() <= 1) {
                    methods.putIfAbsent(method.getName(), method.getName());
                }
            }
            Map<String, SdkField<?>> fields = new LinkedHashMap<>();
            for (SdkField<?> field : shape.sdkFields()) {
                String method = methods.getOrDefault(field.memberName(), field.memberName());
                fields.put(method.substring(0, 1).toUpperCase(Locale.ROOT) + method.substring(1), field);
            }
            return fields;
        });
    }
}
