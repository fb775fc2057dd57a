package dev.pilotlight.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.simulation.TestRunbooks;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.acm.AcmClient;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.rds.RdsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.servicequotas.ServiceQuotasClient;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sns.SnsClient;

/**
 * The calls of the runbooks are those of the SDK that Step Functions' integrations are made of: actions, parameters with
 * their casing and nesting, fields of answers, and errors. A wrong one would be found out in the disaster.
 */
class CallNamesTest {

    private static final Map<String, Class<?>> CLIENTS = Map.ofEntries(
            Map.entry("acm", AcmClient.class),
            Map.entry("autoscaling", AutoScalingClient.class),
            Map.entry("cloudwatch", CloudWatchClient.class),
            Map.entry("ec2", Ec2Client.class),
            Map.entry("elasticloadbalancingv2", ElasticLoadBalancingV2Client.class),
            Map.entry("rds", RdsClient.class),
            Map.entry("s3", S3Client.class),
            Map.entry("secretsmanager", SecretsManagerClient.class),
            Map.entry("servicequotas", ServiceQuotasClient.class),
            Map.entry("sfn", SfnClient.class),
            Map.entry("sns", SnsClient.class));

    record Call(String runbook, String state, Map<String, Object> task) {
        String service() {
            return Definition.call(task).replaceFirst(":.*", "");
        }

        String action() {
            return Definition.call(task).replaceFirst(".*:", "");
        }

        @Override
        public String toString() {
            return runbook + ": " + state;
        }
    }

    static Stream<Call> calls() {
        Map<String, Definition> definitions = new LinkedHashMap<>(TestRunbooks.definitions());
        definitions.put("probe", Machines.probe());
        definitions.put("starter", Machines.starter());
        definitions.put("outside", Machines.outside());
        definitions.put("backups of a standby", Machines.backups("dr", "'primary', 'dr', 'primary', 'dr'"));
        definitions.put("backups of a leader", Machines.backups("dr", "'primary', 'dr', 'primary'"));
        return definitions.entrySet().stream()
                .flatMap(runbook -> runbook.getValue().stateNames().stream()
                        .filter(state ->
                                runbook.getValue().state(state).get("Type").equals("Task"))
                        .map(state -> new Call(
                                runbook.getKey(), state, runbook.getValue().state(state)))
                        .filter(call -> !call.service().equals("http")));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void parametersAreTheRequests(Call call) {
        Class<?> request = Stream.of(CLIENTS.get(call.service()).getMethods())
                .filter(method -> method.getName().equals(call.action()) && method.getParameterCount() >= 1)
                .map(method -> method.getParameterTypes()[0])
                .filter(SdkPojo.class::isAssignableFrom)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no action " + call.action()));
        assertThat(wrong(call.task().get("Arguments"), request, call.action())).isEmpty();
    }

    /** Every field that is read of an answer exists in the answer or in something inside it. */
    @ParameterizedTest
    @MethodSource("calls")
    void fieldsAreTheAnswers(Call call) {
        Class<?> answer = Stream.of(CLIENTS.get(call.service()).getMethods())
                .filter(method -> method.getName().equals(call.action())
                        && SdkPojo.class.isAssignableFrom(method.getReturnType()))
                .map(Method::getReturnType)
                .findFirst()
                .orElseThrow();
        Set<String> known = new TreeSet<>();
        collect(answer, known, 0);
        Object assign = call.task().getOrDefault("Assign", Map.of());
        Matcher field = Pattern.compile("(?<![\\w$'])[A-Z][A-Za-z0-9]+(?![\\w'])")
                .matcher(assign.toString()
                        .replaceAll("'[^']*'", "''")
                        .replaceAll("\\$states\\.(context|errorOutput)[.A-Za-z]*", "")
                        .replaceAll("/[^/]*/", ""));
        Set<String> read = new TreeSet<>();
        while (field.find()) {
            read.add(field.group());
        }
        assertThat(known).containsAll(read);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void errorsAreTheServices(Call call) {
        for (String list : List.of("Retry", "Catch")) {
            for (Object handler : (List<?>) call.task().get(list)) {
                for (Object name : (List<?>) ((Map<?, ?>) handler).get("ErrorEquals")) {
                    String error = (String) name;
                    if (!error.startsWith("States.")) {
                        Class<?> client = CLIENTS.get(call.service());
                        assertThat(error).startsWith(client.getSimpleName().replace("Client", "") + ".");
                        String type = client.getPackageName() + ".model." + error.replaceFirst(".*\\.", "");
                        assertThat(type).satisfies(Class::forName);
                    }
                }
            }
        }
    }

    private static List<String> wrong(Object value, Type type, String where) {
        if (value instanceof Map<?, ?> map && type instanceof Class<?> model && SdkPojo.class.isAssignableFrom(model)) {
            return map.entrySet().stream()
                    .flatMap(entry -> {
                        String name = (String) entry.getKey();
                        return member(model, name)
                                .map(member ->
                                        wrong(entry.getValue(), member.getGenericReturnType(), where + "." + name)
                                                .stream())
                                .orElseGet(() -> name.equals("Body") && where.equals("putObject")
                                        ? Stream.of()
                                        : Stream.of(where + " has no " + name));
                    })
                    .collect(Collectors.toList());
        }
        if (value instanceof List<?> list) {
            if (!(type instanceof ParameterizedType of)) {
                return List.of(where + " is no list");
            }
            return list.stream()
                    .flatMap(item -> wrong(item, of.getActualTypeArguments()[0], where).stream())
                    .collect(Collectors.toList());
        }
        boolean nested = type instanceof ParameterizedType
                || (type instanceof Class<?> model && SdkPojo.class.isAssignableFrom(model));
        return nested && !(value instanceof String text && text.startsWith("{%"))
                ? List.of(where + " must be " + type)
                : List.of();
    }

    /** Step Functions writes a member as the SDK's getter with a capital. */
    private static Optional<Method> member(Class<?> model, String name) {
        String getter = name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
        return Stream.of(model.getMethods())
                .filter(method -> method.getName().equals(getter) && method.getParameterCount() == 0)
                .findFirst();
    }

    private static void collect(Class<?> model, Set<String> names, int depth) {
        for (Method method : model.getDeclaredMethods()) {
            if (method.getParameterCount() == 0 && java.lang.reflect.Modifier.isPublic(method.getModifiers())) {
                names.add(method.getName().substring(0, 1).toUpperCase(Locale.ROOT)
                        + method.getName().substring(1));
                Type type = method.getGenericReturnType();
                if (type instanceof ParameterizedType list && list.getActualTypeArguments().length == 1) {
                    type = list.getActualTypeArguments()[0];
                }
                if (depth < 5
                        && type instanceof Class<?> nested
                        && nested != model
                        && SdkPojo.class.isAssignableFrom(nested)) {
                    collect(nested, names, depth + 1);
                }
            }
        }
    }
}
