package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// The agents' own requests: what a client beside each node would see.
final class RequestsDashboard {
  private static final String BUCKETS = "vault_exporter_api_request_duration_seconds_bucket";
  private static final String REQUESTS = "vault_exporter_api_requests_total";
  // What is no HTTP code is the reason why there was none.
  private static final String UNANSWERED = "code!~\"[0-9]+\"";
  // The codes of sys/health say what a node is; only these say that something went wrong.
  private static final String WRONG = "code=~\"4..|5..\", endpoint!=\"sys_health\"";

  private RequestsDashboard() {}

  static Dashboard dashboard() {
    return new Dashboard(
        "requests",
        "Requests and latency",
        "How quickly and how well requests are answered: through the front door, by each node, and"
            + " as the server itself counts them.",
        List.of(
            FrontDoor.row(),
            Row.of("Now", unanswered(), wrong(), quick(), slowest()),
            Row.of("Latency", Shared.healthLatency(12, 8).to(""), median(), byEndpoint(), share()),
            Row.of("Requests", rate(), codes(), none(), errors()),
            Telemetry.row()));
  }

  private static Panel unanswered() {
    return Panel.stat(
            "Without an answer",
            6,
            "Requests in the time shown that got no HTTP code at all: refused, timed out, cut off.")
        .looks(Look.rising(Unit.NONE, 1, 60))
        .asks(
            "sum by (job) (increase(" + REQUESTS + "{@, " + UNANSWERED + "}[$__range]))", "{{job}}")
        .runbook("VaultNodeUnreachable");
  }

  private static Panel wrong() {
    return Panel.stat(
            "Answered with an error",
            6,
            "Of the requests other than sys/health, the part that got 4xx or 5xx in the time"
                + " shown.")
        .looks(Look.rising(Unit.PART, 0.01, 0.1))
        .asks(
            "sum by (job) (increase("
                + REQUESTS
                + "{@, "
                + WRONG
                + "}[$__range])) / sum by (job) (increase("
                + REQUESTS
                + "{@, endpoint!=\"sys_health\"}[$__range]))",
            "{{job}}")
        .runbook("VaultPollFailing");
  }

  private static Panel quick() {
    return Panel.stat("Answered within 0.1 s", 6, "Of the health checks in the time shown.")
        .looks(Look.falling(Unit.PART, 0.95, 0.99))
        .asks(
            "sum by (job) (increase("
                + BUCKETS
                + "{@, endpoint=\"sys_health\", le=\"0.1\"}[$__range]))"
                + " / sum by (job) (increase("
                + BUCKETS
                + "{@, endpoint=\"sys_health\", le=\"+Inf\"}[$__range]))",
            "{{job}}")
        .runbook("VaultProbeLatencyHigh");
  }

  private static Panel slowest() {
    return Panel.stat(
            "Slowest node",
            6,
            "The node whose health checks take longest, 99th percentile of the time shown.")
        .looks(Look.rising(Unit.SECONDS, 0.25, 0.5))
        .asks(
            "topk by (job) (1, histogram_quantile(0.99, sum by (job, instance, le)"
                + " (rate("
                + BUCKETS
                + "{@, endpoint=\"sys_health\"}[$__range]))))",
            "{{instance}}")
        .runbook("VaultProbeLatencyHigh");
  }

  private static Panel median() {
    return Panel.lines(
            "Health check, half are quicker", 12, 8, "Median of sys/health of each node.")
        .in(Unit.SECONDS)
        .asks(
            "histogram_quantile(0.5, sum by (job, instance, le) (rate("
                + BUCKETS
                + "{@, endpoint=\"sys_health\"}[$__rate_interval])))",
            "{{instance}}")
        .runbook("VaultProbeLatencyHigh");
  }

  private static Panel byEndpoint() {
    return Panel.lines(
            "By endpoint, 99 of 100 are quicker",
            12,
            8,
            "All nodes together. A snapshot counts until its headers have come.")
        .in(Unit.SECONDS)
        .asks(
            "histogram_quantile(0.99, sum by (job, endpoint, le) (rate("
                + BUCKETS
                + "{@}[$__rate_interval])))",
            "{{endpoint}}")
        .runbook("VaultProbeLatencyHigh");
  }

  private static Panel share() {
    return Panel.lines("Health checks within 0.1 s", 12, 8, "The part of them, of each node.")
        .in(Unit.PART)
        .asks(
            "sum by (job, instance) (rate("
                + BUCKETS
                + "{@, endpoint=\"sys_health\", le=\"0.1\"}[$__rate_interval]))"
                + " / sum by (job, instance) (rate("
                + BUCKETS
                + "{@, endpoint=\"sys_health\", le=\"+Inf\"}[$__rate_interval]))",
            "{{instance}}")
        .runbook("VaultProbeLatencyHigh");
  }

  private static Panel rate() {
    return Panel.lines(
            "Requests by endpoint",
            12,
            8,
            "What the agents ask, a second. An endpoint that ceases was given up, or its node is"
                + " sealed.")
        .in(Unit.PER_SECOND)
        .stack()
        .asks(
            "sum by (job, endpoint) (rate(" + REQUESTS + "{@}[$__rate_interval])) > 0",
            "{{endpoint}}");
  }

  private static Panel codes() {
    return Panel.lines(
            "Answers by code",
            12,
            8,
            "200 is the active node, 429, 472 and 473 are standbys, 503 is sealed, 501 is not"
                + " initialised; words are reasons why there was no code.")
        .in(Unit.PER_SECOND)
        .stack()
        .asks("sum by (job, code) (rate(" + REQUESTS + "{@}[$__rate_interval])) > 0", "{{code}}");
  }

  private static Panel none() {
    return Panel.lines("Without an answer", 12, 8, "Requests a second that got none, by node.")
        .in(Unit.PER_SECOND)
        .asks(
            "sum by (job, instance) (rate("
                + REQUESTS
                + "{@, "
                + UNANSWERED
                + "}[$__rate_interval]))",
            "{{instance}}")
        .runbook("VaultNodeUnreachable");
  }

  private static Panel errors() {
    return Panel.lines(
            "Answered with an error",
            12,
            8,
            "Requests a second that got 4xx or 5xx, without sys/health, whose codes say what a"
                + " node is. 503 everywhere: it is sealed.")
        .in(Unit.PER_SECOND)
        .asks(
            "sum by (job, code) (rate(" + REQUESTS + "{@, " + WRONG + "}[$__rate_interval]))",
            "{{code}}")
        .runbook("VaultPollFailing");
  }
}
