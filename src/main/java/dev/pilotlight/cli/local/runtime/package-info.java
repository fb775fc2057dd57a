/**
 * What happens in the emulated regions though nothing runs in them. By AWS's own API, with the real SDK: the runbooks'
 * calls, metrics, alarms' states, scaling, starts of state machines. As models: what agents see and do (the rules of
 * {@code agent.py}), which commits a replica has, what Route 53's checks conclude ({@link dev.pilotlight.dns.Route53Model}
 * in time), where users land, when a metric alarm changes its state (CloudWatch's documented rules).
 *
 * <p>Simpler than AWS, each on purpose: an instance that is healthy has an agent at once; replicas are a second behind;
 * metrics arrive at once; one health checker looks instead of many; a lost region stands still as a whole, and no region
 * is cut off from another only. Alarms on metrics that nothing here produces keep their state, and schedules by the
 * calendar are not played.
 */
package dev.pilotlight.cli.local.runtime;
