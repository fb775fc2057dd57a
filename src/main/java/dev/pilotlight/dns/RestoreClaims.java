package dev.pilotlight.dns;

import dev.pilotlight.topology.Claim;
import java.util.List;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationListenerRule;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationListenerRuleProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.FixedResponseOptions;
import software.amazon.awscdk.services.elasticloadbalancingv2.IApplicationListener;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerAction;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerCondition;
import software.constructs.Construct;
import software.constructs.IDependable;

/**
 * The claims of the terms in which this region took leadership by a restore. All others are made by the failover runbook and
 * stand in no template; here there is none that could, and without a claim an old leader that wakes would serve on.
 */
public final class RestoreClaims extends Construct {

    /**
     * @param terms of all restores by which the region ever took leadership: a claim is never deleted
     * @param after what must be there before: the restored database, the group, the records
     */
    public record Props(String workload, List<Integer> terms, IApplicationListener listener, List<IDependable> after) {}

    public RestoreClaims(Construct scope, String id, Props props) {
        super(scope, id);
        for (int term : props.terms()) {
            claim(new Claim(props.workload(), term), props);
        }
    }

    private void claim(Claim claim, Props props) {
        ApplicationListenerRule rule = new ApplicationListenerRule(
                this,
                "Term" + claim.term(),
                ApplicationListenerRuleProps.builder()
                        .listener(props.listener())
                        .priority(claim.priority())
                        .conditions(List.of(ListenerCondition.pathPatterns(List.of(claim.path()))))
                        .action(ListenerAction.fixedResponse(
                                200,
                                FixedResponseOptions.builder()
                                        .contentType("text/plain")
                                        .messageBody(claim.text())
                                        .build()))
                        .build());
        // As late as can be: it stops the old leader and moves users, and what fails after it would be rolled back.
        rule.getNode().addDependency(props.after().toArray(IDependable[]::new));
        // Never deleted, but by the rollback of the very deploy that made it: then there is no restored database
        // either,
        // and a claim that stays would fence the leader for nobody, and be in the way of the next attempt.
        ((CfnResource) rule.getNode().getDefaultChild()).applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
}
