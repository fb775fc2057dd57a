/**
 * Runs state machines of the Amazon States Language without Step Functions: exactly the states and fields that the
 * runbooks use, with JSONata; everything else is refused. Time is the caller's, and so are the calls: the simulation
 * answers them from a model in virtual time, the drill with real clients.
 */
package dev.pilotlight.recovery.asl;
