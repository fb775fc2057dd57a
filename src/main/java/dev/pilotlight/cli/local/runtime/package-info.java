/**
 * What happens in the emulated regions though nothing runs in them. By AWS's own API, with the real SDK: the runbooks'
 * calls, metrics, alarms' states, scaling, starts of state machines. As models: what agents see and do (the rules of
 * {@code agent.py}), which commits a replica has, what Route 53's checks conclude ({@link dev.pilotlight.dns.Route53Model}
 * in time), where users land, when a metric alarm changes its state (CloudWatch's documented rules).
 *
 * <p>Its time is virtual, and waits for it where the machine is too busy to follow ({@link
 * dev.pilotlight.cli.local.runtime.Pacer}). Runbooks and operators see the services as they show themselves, which may be
 * a while ago; what is played here sees them as they are.
 *
 * <p>Simpler than AWS, each on purpose: an instance that is healthy has an agent at once; replicas are a second behind;
 * metrics arrive at once; one health checker looks instead of many; a lost region stands still as a whole, one that is cut
 * off is so from everybody, and no two regions are cut off from each other only. Alarms on metrics that nothing here
 * produces keep their state unless they take silence for health; schedules by the calendar are not played. An HTTP task to
 * a host that is none of the workload's finds it there, whoever that is.
 */
package dev.pilotlight.cli.local.runtime;
