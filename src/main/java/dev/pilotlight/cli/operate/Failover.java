package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sfn.model.ExecutionAlreadyExistsException;
import software.amazon.awssdk.services.sfn.model.ExecutionDoesNotExistException;
import software.amazon.awssdk.services.sfn.model.ExecutionListItem;
import software.amazon.awssdk.services.sfn.model.ExecutionStatus;
import software.amazon.awssdk.services.sfn.model.StateMachineDoesNotExistException;

/**
 * Moves the workload to its standby's region by the runbook there. Nothing here asks the leader's region for anything,
 * and nothing names a direction: who is who follows from the lineage.
 */
public final class Failover {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_ATTEMPTS = 999;

    private final Site site;
    private final Topology topology;
    private final RegionName standby;

    public Failover(Site site) {
        this.site = site;
        this.topology = site.topology();
        this.standby = topology.standby();
    }

    /**
     * What is asked for.
     *
     * @param reason kept with the evidence; not empty
     */
    public record Request(Mode mode, boolean acceptDataLoss, String reason) {}

    /** A run of the runbook. */
    public record Run(String executionArn, String name, Instant started) {}

    /**
     * What would be done.
     *
     * @param before the lineage that it begins with
     * @param expected what an emergency would lose now; if the metrics could not be had, unknown
     * @param running a failover that is going already: it can be followed, and none can be started beside it
     */
    public record Plan(
            RegionName from,
            RegionName to,
            int term,
            DatabaseLineage before,
            String stateMachineArn,
            ExpectedLoss expected,
            Optional<Run> running) {}

    /**
     * Looks whether the standby can be failed over to.
     *
     * @throws Failure if not, with the one thing to do first
     */
    public Plan plan() {
        return plan(Mode.EMERGENCY);
    }

    /**
     * The same for a mode: a drill may be started beside a failover until that has claimed, and then there is nothing
     * left to try.
     *
     * @throws Failure if not, with the one thing to do first
     */
    public Plan plan(Mode mode) {
        if (!topology.standbyReplicatesLeader()) {
            throw new Failure(
                    "%s holds no replica of the leader's database since the restore: append \"%s\" to databaseLineage in %s and deploy, which seeds one."
                            .formatted(
                                    site.called(standby),
                                    standby.id(),
                                    site.instructions().file()));
        }
        CompletableFuture<Look<ExpectedLoss>> expected = Looks.begin(() -> new Signs(site, standby)
                .expectedLoss(topology.databaseIn(standby).ref()));
        Runbook runbook = runbook();
        Optional<Run> running = mode == Mode.DRILL ? Optional.empty() : answered(() -> runningOf(runbook));
        if (running.isEmpty()) {
            refuseClaimed(runbook);
        }
        return new Plan(
                topology.leader(),
                standby,
                runbook.term(),
                site.configuration().databaseLineage(),
                runbook.arn(),
                expected.join()
                        .ifSeen()
                        .orElse(new ExpectedLoss(Optional.empty(), Optional.empty(), false, Optional.empty())),
                running);
    }

    private Runbook runbook() {
        String arn = site.names().runbookArn(standby, Runbook.FAILOVER);
        Optional<Runbook> deployed = answered(() -> {
            try {
                return Runbook.of(
                        arn,
                        sfn().describeStateMachine(request -> request.stateMachineArn(arn))
                                .definition());
            } catch (StateMachineDoesNotExistException e) {
                throw new Failure(
                        "%s holds no state machine %s: either it was never deployed, or %s is not of the latest failover; `%s` shows which."
                                .formatted(
                                        site.called(standby),
                                        site.names().runbook(standby, Runbook.FAILOVER),
                                        site.instructions().file(),
                                        site.instructions().pilot("status")));
            }
        });
        Runbook runbook = deployed.orElseThrow(
                () -> new Failure("The state machine %s is no failover runbook of Pilotlight: deploy with `%s`."
                        .formatted(arn, site.instructions().deployAlone(standby))));
        if (runbook.term() != topology.nextTerm()) {
            throw new Failure("The runbook in %s claims term %d, but by databaseLineage in %s the next is %d: %s."
                    .formatted(
                            site.called(standby),
                            runbook.term(),
                            site.instructions().file(),
                            topology.nextTerm(),
                            runbook.term() < topology.nextTerm()
                                    ? "the file is ahead, so deploy first with `%s`"
                                            .formatted(site.instructions().deployBoth())
                                    : "this clone's file is behind, so get the newest"));
        }
        return runbook;
    }

    private void refuseClaimed(Runbook runbook) {
        Claim claim = new Claim(site.names().workload(), runbook.term());
        if (answered(() -> Signs.rules(
                        site.in(standby), runbook.listenerArn(), site.names().workload()))
                .claims()
                .contains(claim.term())) {
            throw new Failure(
                    "%s has claimed term %d already and users are sent there: append \"%s\" to databaseLineage in %s, and deploy."
                            .formatted(
                                    site.called(standby),
                                    claim.term(),
                                    topology.leader().id(),
                                    site.instructions().file()));
        }
    }

    private Optional<Run> runningOf(Runbook runbook) {
        return sfn()
                .listExecutions(
                        request -> request.stateMachineArn(runbook.arn()).statusFilter(ExecutionStatus.RUNNING))
                .executions()
                .stream()
                .filter(run -> Mode.isFailover(run.name()))
                .findFirst()
                .map(run -> new Run(run.executionArn(), run.name(), run.startDate()));
    }

    /**
     * Starts what was planned, as the first attempt that was never used.
     *
     * @throws Failure if it was not started
     */
    public Run start(Plan plan, Request request) {
        boolean drill = request.mode() == Mode.DRILL;
        if (!drill && plan.running().isPresent()) {
            throw new Failure("%s is running already: follow it with `%s`."
                    .formatted(
                            plan.running().get().name(),
                            site.instructions().pilot(request.mode().command())));
        }
        int first = answered(() -> unusedAttempt(plan, request.mode()));
        // A drill of a moment ago may not be seen yet; that names are taken is always known.
        for (int attempt = first; attempt <= (drill ? MOST_ATTEMPTS : first); attempt++) {
            String name = request.mode().execution(plan.term(), attempt);
            Optional<Run> run = answered(() -> started(plan, request, name));
            if (run.isPresent()) {
                return run.get();
            }
        }
        throw new Failure("%s was started by somebody else at this moment: %s with `%s`."
                .formatted(
                        request.mode().execution(plan.term(), first),
                        drill ? "start another" : "follow it",
                        site.instructions().pilot(request.mode().command())));
    }

    /** Nothing if the name is taken. */
    private Optional<Run> started(Plan plan, Request request, String name) {
        try {
            var started = sfn().startExecution(start ->
                    start.stateMachineArn(plan.stateMachineArn()).name(name).input(input(request)));
            return Optional.of(new Run(started.executionArn(), name, started.startDate()));
        } catch (ExecutionAlreadyExistsException taken) {
            return Optional.empty();
        }
    }

    /** The runbook refuses a number whose predecessor was never used. */
    private int unusedAttempt(Plan plan, Mode mode) {
        // stateMachine:NAME → execution:NAME:EXECUTION
        String executions = plan.stateMachineArn().replace(":stateMachine:", ":execution:") + ":";
        for (int attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
            String name = mode.execution(plan.term(), attempt);
            try {
                sfn().describeExecution(request -> request.executionArn(executions + name));
            } catch (ExecutionDoesNotExistException unused) {
                return attempt;
            }
        }
        throw new Failure("Every attempt of term %d up to %d was used: look at the executions of %s."
                .formatted(plan.term(), MOST_ATTEMPTS, plan.stateMachineArn()));
    }

    static String input(Request request) {
        Map<String, Object> input = new LinkedHashMap<>();
        input.put("mode", request.mode().id());
        input.put("acceptDataLoss", request.acceptDataLoss());
        input.put("reason", request.reason());
        try {
            return JSON.writeValueAsString(input);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The newest failover, running or not, if the state machine still knows one; drills are none. */
    static Optional<ExecutionListItem> newest(SfnClient sfn, String machine) {
        return sfn.listExecutionsPaginator(request -> request.stateMachineArn(machine)).executions().stream()
                .filter(run -> Mode.isFailover(run.name()))
                .findFirst();
    }

    /** A drill that is running: it changes nothing, and is worth a note only. */
    static Optional<ExecutionListItem> runningDrill(SfnClient sfn, String machine) {
        return sfn
                .listExecutions(request -> request.stateMachineArn(machine).statusFilter(ExecutionStatus.RUNNING))
                .executions()
                .stream()
                .filter(run -> !Mode.isFailover(run.name()))
                .findFirst();
    }

    /**
     * Follows a run to its end, however long that takes and whatever fails meanwhile; interrupting the thread stops
     * following and nothing else.
     *
     * @param listener told each step as it is seen, on this thread
     * @throws Failure if it can be followed no longer; the run goes on
     */
    public Outcome follow(String executionArn, Consumer<StepEvent> listener) {
        return follow(executionArn, Mode.EMERGENCY, listener);
    }

    /** The same, in the words of a mode. */
    Outcome follow(String executionArn, Mode mode, Consumer<StepEvent> listener) {
        Map<String, String> comments =
                Looks.begin(() -> runbook().comments()).join().ifSeen().orElse(Map.of());
        Duration pause = site.emulated() ? Duration.ofMillis(200) : Duration.ofSeconds(2);
        return new Follower(sfn(), site, standby, mode, comments, pause, listener).follow(executionArn);
    }

    private SfnClient sfn() {
        return site.in(standby).stepFunctions();
    }

    private <T> T answered(Supplier<T> question) {
        try {
            return question.get();
        } catch (AwsServiceException e) {
            if (e.statusCode() < 500) {
                throw new Failure("%s does not allow it (%s): take credentials that may."
                        .formatted(site.called(standby), Looks.why(e)));
            }
            throw silent(e);
        } catch (SdkException e) {
            throw silent(e);
        }
    }

    private Failure silent(SdkException e) {
        return new Failure(
                "%s does not answer (%s): try again; nothing else can start the failover there. If it is lost: docs/runbooks/standby-lost.md."
                        .formatted(site.called(standby), Looks.why(e)));
    }
}
