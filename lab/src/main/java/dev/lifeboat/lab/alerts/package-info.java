/// Alerts on their whole way: a real Prometheus and a real Alertmanager with what is shipped, and
/// the services that would be told, on loopback.
///
/// [Monitoring] is all of it beside a fleet of agents; [Receivers] are the services, as strict as
/// the real ones; [ScaledRules] makes hours pass in minutes.
@NullMarked
package dev.lifeboat.lab.alerts;

import org.jspecify.annotations.NullMarked;
