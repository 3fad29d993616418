package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricTest {
  @Test
  void the_unit_is_the_end_of_the_name() {
    assertEquals("seconds", Metric.gauge("a_lag_seconds", "Lag").unit());
    assertEquals("bytes", Metric.counter("a_sent_bytes_total", "Sent").unit());
    assertEquals("", Metric.gauge("a_depth", "Depth").unit());
  }

  @Test
  void suffixes_are_kept_for_their_types() {
    assertThrows(IllegalArgumentException.class, () -> Metric.gauge("a_total", "A sum"));
    assertThrows(IllegalArgumentException.class, () -> Metric.counter("a", "A sum"));
    assertThrows(IllegalArgumentException.class, () -> Metric.info("a", "A name"));
    assertThrows(IllegalArgumentException.class, () -> Metric.gauge("a_info", "A name"));
  }

  @Test
  void a_wrong_unit_or_help_is_refused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Metric(
                "a_lag",
                Metric.Type.GAUGE,
                "Lag",
                "seconds",
                List.of(),
                new MetricMetadata("a_lag")));
    assertThrows(IllegalArgumentException.class, () -> Metric.gauge("a", " "));
    assertThrows(IllegalArgumentException.class, () -> Metric.gauge("a", "Ends in a stop."));
  }
}
