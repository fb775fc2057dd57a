package dev.pilotlight.recovery.asl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.recovery.asl.SdkShapes.RefusedException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * Makes a state machine's calls with the AWS SDK for Java. Step Functions' SDK integrations are made of that SDK: their
 * actions, parameters, answers and errors have its names, so a call that works here is written as it must be there.
 */
public final class SdkServices implements Services {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** The parameter that carries an object's content; no member of the request has that name. */
    private static final String BODY = "Body";

    private final Function<String, ?> clients;
    private final InstantSource clock;
    private final Function<Duration, Duration> patience;
    private final Map<String, Method> methods = new ConcurrentHashMap<>();

    /**
     * @param clients the SDK's client of a service, by its name in an integration's ARN, such as {@code rds}; null for a
     *     service that there is none of
     * @param clock by which a call takes its time
     * @param patience how long a call is really waited for, by the state's timeout: the same where the clock is the real
     *     one
     */
    public SdkServices(Function<String, ?> clients, InstantSource clock, Function<Duration, Duration> patience) {
        this.clients = clients;
        this.clock = clock;
        this.patience = patience;
    }

    @Override
    public Reply call(Instant at, String service, String action, Map<String, Object> arguments, Duration timeout) {
        Instant began = clock.instant();
        try {
            Object client = clients.apply(service);
            Optional<String> prefix = SdkNames.errorPrefix(service);
            if (client == null || prefix.isEmpty()) {
                return refused("no service is called " + service, began);
            }
            try {
                Map<String, Object> answer = call(client, action, arguments, patience.apply(timeout));
                return Reply.of(answer, since(began));
            } catch (ApiCallTimeoutException | ApiCallAttemptTimeoutException e) {
                return Reply.timeout(timeout);
            } catch (SdkException e) {
                return Reply.failed(prefix.get() + "." + nameOf(e), String.valueOf(e.getMessage()), since(began));
            }
        } catch (RefusedException e) {
            return refused(e.getMessage(), began);
        }
    }

    /** The SDK's class of an error that the service does not model is that of all of the service's errors. */
    private static String nameOf(SdkException error) {
        return error instanceof AwsServiceException ? error.getClass().getSimpleName() : "SdkClientException";
    }

    /** What Step Functions finds out itself, before it calls anybody. */
    private Reply refused(String why, Instant began) {
        return Reply.failed("States.Runtime", why, since(began));
    }

    private Duration since(Instant began) {
        return Duration.between(began, clock.instant());
    }

    private Map<String, Object> call(Object client, String action, Map<String, Object> arguments, Duration timeout)
            throws RefusedException {
        Method method = method(client, action);
        Map<String, Object> parameters = new LinkedHashMap<>(arguments);
        boolean hasBody = method.getParameterCount() == 2;
        Object body = hasBody ? parameters.remove(BODY) : null;
        SdkPojo builder = builder(method.getParameterTypes()[0]);
        AwsRequest.Builder configured = (AwsRequest.Builder) builder;
        configured.overrideConfiguration(AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(timeout)
                .build());
        Object request = SdkShapes.fill(builder, parameters, action);
        Object answer = hasBody
                ? invoke(method, client, request, RequestBody.fromBytes(bytes(body)))
                : invoke(method, client, request);
        return SdkShapes.read((SdkPojo) answer);
    }

    /** A JSON value becomes the object's content. */
    private static byte[] bytes(Object body) throws RefusedException {
        try {
            return body instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new RefusedException(BODY + " is no JSON: " + e.getMessage());
        }
    }

    /**
     * The client's method that takes a request, and, for an upload, a body.
     *
     * @throws RefusedException if the service has no such action, or its answer is a stream
     */
    private Method method(Object client, String action) throws RefusedException {
        Method found = methods.computeIfAbsent(
                client.getClass().getName() + "." + action,
                absent -> find(publicInterface(client), action).orElse(null));
        if (found == null) {
            throw new RefusedException(
                    "%s has no action %s".formatted(publicInterface(client).getSimpleName(), action));
        }
        return found;
    }

    static Optional<Method> find(Class<?> client, String action) {
        return Stream.of(client.getMethods())
                .filter(method -> method.getName().equals(action)
                        && method.getParameterCount() >= 1
                        && AwsRequest.class.isAssignableFrom(method.getParameterTypes()[0])
                        && SdkPojo.class.isAssignableFrom(method.getReturnType()))
                .filter(method -> method.getParameterCount() == 1
                        || (method.getParameterCount() == 2 && method.getParameterTypes()[1] == RequestBody.class))
                .findFirst();
    }

    /** Its implementation is not public, and cannot be called by reflection. */
    private static Class<?> publicInterface(Object client) {
        return Stream.of(client.getClass().getInterfaces())
                .filter(type -> type.getSimpleName().endsWith("Client"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(client.getClass() + " is no client of the SDK"));
    }

    static SdkPojo builder(Class<?> request) {
        try {
            return (SdkPojo) request.getMethod("builder").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object invoke(Method method, Object client, Object... arguments) {
        try {
            return method.invoke(client, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
