package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessCollectorTest {
  @Test
  void memory_is_read_in_kibibytes(@TempDir Path folder) throws IOException {
    Path status = folder.resolve("status");
    Files.writeString(status, "Name:\tjava\nVmPeak:\t 9 kB\nVmSize:\t 2048 kB\nVmRSS:\t 1024 kB\n");

    ProcessCollector collector = new ProcessCollector(status);

    assertEquals(1 << 20, value(collector, "process_resident_memory_bytes"));
    assertEquals(2 << 20, value(collector, "process_virtual_memory_bytes"));
  }

  @Test
  void this_process_has_all_of_them() {
    ProcessCollector collector = new ProcessCollector();

    assertEquals(ProcessCollector.METRICS.size(), collector.collect().size());
    assertTrue(value(collector, "process_resident_memory_bytes") > 1 << 20);
    assertTrue(value(collector, "process_open_fds") > 2);
  }

  @Test
  void a_status_that_cannot_be_read_is_named(@TempDir Path folder) {
    ProcessCollector collector = new ProcessCollector(folder.resolve("gone"));

    var e = assertThrows(UncheckedIOException.class, collector::collect);
    assertTrue(String.valueOf(e.getMessage()).contains("gone"));
  }

  private static double value(ProcessCollector collector, String name) {
    return collector.collect().stream()
        .filter(each -> each.getMetadata().getPrometheusName().equals(name))
        .map(each -> ((GaugeSnapshot) each).getDataPoints().getFirst().getValue())
        .findFirst()
        .orElseThrow();
  }
}
