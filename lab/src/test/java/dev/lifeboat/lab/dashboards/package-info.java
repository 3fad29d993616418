/// The Grafana dashboards: what is written in them, and what a real Prometheus answers to them.
@NullMarked
package dev.lifeboat.lab.dashboards;

import org.jspecify.annotations.NullMarked;
