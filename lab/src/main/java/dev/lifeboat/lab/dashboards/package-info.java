/// The Grafana dashboards: their source, the JSON that is made of it, the real cluster that they
/// are tried on, and the pictures drawn from what a real Prometheus answers.
///
/// [Dashboards] lists them, a class each. A panel is written once, as what an operator asks;
/// [GrafanaJson] knows Grafana's words, [Picture] knows SVG, and neither knows what is asked.
@NullMarked
package dev.lifeboat.lab.dashboards;

import org.jspecify.annotations.NullMarked;
